"""What of a simulation's report is drawn, and the files it is written to."""

from __future__ import annotations

from collections.abc import Sequence
from math import isnan
from pathlib import Path
from typing import Final, Literal

from flows.review.writing import put_files
from flows.simulation.reporting import Report
from flows.simulation.words import cases_said, clock_named, seconds_said
from notify.simulation_picture import Helped, Missed, Picture, Spent, Way, simulation_picture
from playbooks.simulation.changes import part_said
from playbooks.simulation.critical import Critical
from playbooks.simulation.model import Lifetimes
from playbooks.simulation.results import ClockFound

_HOUR: Final = 3600.0
_MOST_CLOCKS: Final = 16
_MOST_LEGS: Final = 8
_MOST_POINTS: Final = 400
_SMALL: Final = 0.02
"""What takes less of the way is not told apart."""
KINDS: Final[tuple[Literal["svg", "png"], ...]] = ("svg", "png")


def write_pictures(report: Report, folder: Path) -> list[Path]:
    """Write the report's picture as SVG and PNG; raises SetupFault where the folder takes no file."""
    picture, plan = picture_of(report), report.prepared.plan.id
    return [*put_files(folder, {f"{plan}.{kind}": simulation_picture(picture, kind) for kind in KINDS})]


def picture_of(report: Report) -> Picture:
    """What is drawn of a report."""
    stories = {one.story: one for one in report.result.stories}
    clocks = report.found.clocks[:_MOST_CLOCKS]
    advice = report.advice
    plan = report.prepared.plan
    return Picture(
        title=f"{plan.title} ({plan.ref}), {report.found.incidents:,} incidents simulated",
        missed=[_missed(one, stories[one.story]) for one in clocks],
        ways=[_way(way) for way in report.ways if way.legs],
        before=advice.bought[0].missed.before if advice and advice.bought else 0.0,
        of=advice.of if advice else "incidents",
        helped=[
            Helped(
                one.change.words,
                one.missed.after,
                one.missed.low,
                one.missed.high,
                one.missed.is_sure,
            )
            for one in (advice.bought if advice else ())
            if not isnan(one.missed.before)
        ],
    )


def _missed(one: ClockFound, lifetimes: Lifetimes) -> Missed:
    told = sorted(
        met / _HOUR
        for clock in one.clocks
        for met, due in zip(lifetimes.clock("met", clock), lifetimes.clock("due", clock), strict=True)
        if not isnan(met) and not isnan(due)
    )
    share = one.missed
    due = one.due.median / _HOUR if one.due else None
    thinned, of = _thinned(told, share.of)
    return Missed(_label(one), share.value, share.low, share.high, one.spec.policy, due, thinned, of)


def _thinned(told: Sequence[float], of: int) -> tuple[list[float], int]:
    """Some of many points, evenly: a curve looks the same, and its file stays small."""
    step = max(1, len(told) // _MOST_POINTS)
    return list(told[step - 1 :: step]), max(1, of // step)


def _label(one: ClockFound) -> str:
    if one.spec.kind != "notify":
        return f"{one.spec.rule}{cases_said(one.cases)}"
    return f"{one.spec.rule}: {clock_named(one)}"


def _way(way: Critical) -> Way:
    longest = sorted(way.legs, key=lambda leg: -leg.total)[:_MOST_LEGS]
    of = "when it is missed" if way.of == "misses" else "on average"
    again = f", {seconds_said(way.again)} of it asked once more" if way.again > _SMALL * way.total else ""
    return Way(
        f"Why: {_label(way.clock)} takes {seconds_said(way.total)} {of}{again}",
        [
            Spent(
                f"{part_said(leg.slot)} {leg.slot.step} ({leg.slot.role.replace('_', ' ')})",
                leg.working / _HOUR,
                leg.off_duty / _HOUR,
                leg.waiting / _HOUR,
            )
            for leg in way.legs
            if leg in longest
        ],
    )

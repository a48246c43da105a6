"""A simulation told to people: which deadline will be missed how often, why, and what would help."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta
from math import isinf, isnan
from textwrap import wrap
from typing import Final

from flows.simulation.reporting import Report
from flows.simulation.resting import resting_on
from notify.text import terminal
from playbooks.contracts import CONTRACT_RULE
from playbooks.simulation.advice import Advice, Bought
from playbooks.simulation.changes import part_said, span_said
from playbooks.simulation.critical import Critical, Leg
from playbooks.simulation.model import STAFFLESS, ClockSpec
from playbooks.simulation.results import ClockFound
from playbooks.simulation.statistics import Gain, Share, Spread
from playbooks.vocabulary import whom
from playbooks.zones import zone

WIDTH: Final = 110
_BAR: Final = 10
_NAMED: Final = 3
"""So many cases are named; of more, their number is."""
_LEGS: Final = 6
_CHANGE: Final = 42
_CELL: Final = 16
_SMALL: Final = 0.02
"""What takes less of the way is left out of the why."""
_LEGEND: Final = (
    "In brackets: percentage points. =: no difference that these runs can tell (95 % sure, of all changes "
    "together). On call: everybody of the role takes up work at any hour. Earlier by: of these deadlines the "
    "one that moves most, in the middle of the incidents that meet it with and without the change."
)


def told(report: Report) -> Iterator[str]:
    """Everything, in the order in which somebody asks: how often, why, what helps, what it rests on."""
    yield from _headline(report)
    binding = [one for one in report.found.clocks if not one.spec.policy]
    policy = [one for one in report.found.clocks if one.spec.policy]
    yield from _clocks("HOW OFTEN EACH DEADLINE IS MISSED", binding)
    yield from _clocks('TARGETS OF OUR OWN, where the law gives no number ("without undue delay")', policy)
    yield from _why(report)
    if report.advice:
        yield from _help(report.advice)
    yield from _rest(report)
    yield from ("", "WHAT THIS RESTS ON")
    for line in resting_on(report):
        yield from folded(line)


def percent(share: float) -> str:
    """A share as people read it: 0 % and 100 % only where it is exactly that."""
    if isnan(share):
        return "-"
    hundred = 100 * share
    if 0 < hundred < 0.1:
        return "<0.1 %"
    if 99.9 < hundred < 100:
        return ">99.9 %"
    return f"{hundred:.1f} %" if 0 < hundred < 10 or 99 <= hundred < 100 else f"{hundred:.0f} %"


def between(share: Share) -> str:
    """The interval of a share: 25 to 31 %."""
    low, high = 100 * share.low, 100 * share.high
    digits = 0 if high - low >= 2 else 1 if high - low >= 0.2 else 2
    return f"{low:.{digits}f} to {high:.{digits}f} %"


def spans_said(spread: Spread | None) -> tuple[str, str]:
    """A spread's middle and what nine of ten stay within; `never` where so many do not come to it."""
    if spread is None:
        return "never", "never"
    return seconds_said(spread.median), seconds_said(spread.p90)


def seconds_said(seconds: float) -> str:
    """A span given in seconds; an infinite one as never."""
    return "never" if isinf(seconds) else span_said(timedelta(seconds=seconds))


def points_said(gain: Gain) -> str:
    """The interval of a change as people read it: 20 to 25 points fewer."""
    sides = sorted((abs(100 * gain.low), abs(100 * gain.high)))
    return f"{sides[0]:.0f} to {sides[1]:.0f} points {'fewer' if gain.change < 0 else 'more'}"


def clock_named(one: ClockFound) -> str:
    """Whom a clock wants told and for whom, or what it wants done."""
    spec = one.spec
    what = whom(spec.recipient, spec.addressee) if spec.kind == "notify" else spec.title
    return terminal(f"{what}{cases_said(one.cases)}")


def cases_said(cases: Sequence[str | None]) -> str:
    """The cases of a clock by name, or how many there are."""
    named = [case for case in cases if case is not None]
    if len(named) > _NAMED:
        return f", {len(named)} clients"
    return f", {' and '.join(named)}" if named else ""


def folded(text: str, indent: int = 2) -> list[str]:
    """A text folded to the width of a page, inert."""
    blank = " " * indent
    whole = terminal(text, 2_000).replace(" %", "\N{NO-BREAK SPACE}%")  # a share stays on one line
    lines = wrap(whole, WIDTH, initial_indent=blank, subsequent_indent=f"{blank}  ")
    return [line.replace("\N{NO-BREAK SPACE}", " ") for line in lines]


def _headline(report: Report) -> Iterator[str]:
    simulation, missed = report.prepared.simulation, report.found.any_missed
    plan = report.prepared.plan
    many = report.found.incidents
    yield terminal(f"{plan.title} ({plan.ref}): {many:,} incidents simulated, seed {simulation.seed}")
    local = simulation.opens_at.astimezone(zone(report.prepared.zone_name))
    yield f"each opens at some minute of the seven days from {local:%a %Y-%m-%d %H:%M}, {local.tzinfo}"
    yield ""
    if not missed.of:
        why = ": what would start those that there are does not happen" if report.found.never_began else ""
        verb = "is seen to its end" if report.found.still_ran else "starts"
        yield f"NO DEADLINE of law or contract {verb} in these incidents{why}."
    elif not missed.hits:
        yield f"NO INCIDENT misses a deadline of law or contract (95 % sure: at most {percent(missed.high)})."
    else:
        said = f"{percent(missed.value)} OF INCIDENTS miss a deadline of law or contract"
        yield f"{said} (95 % sure: {between(missed)})."
    if len({case for one in report.found.clocks for case in one.cases}) > _NAMED:
        yield f"On average {report.found.late:.1f} of {report.found.deadlines:.1f} deadlines are missed."
    yield from _in_short(report)
    if unfinished := [one for one in report.found.closed if one[1].hits < one[1].of]:
        for story, closed, _ in unfinished:
            left = closed.of - closed.hits
            yield f"{left:,} of {closed.of:,} ({story}) were not closed after {simulation.horizon.days} days."


def _in_short(report: Report) -> Iterator[str]:
    """The longest part of the way to the worst deadline, and the change that saves the most."""
    way = next((one for one in report.ways if one.of == "misses" and one.legs), None)
    if way is not None:
        leg = max(way.legs, key=lambda one: one.total)
        share = leg.total / way.total
        what = f"{part_said(leg.slot)} {leg.slot.step} ({_by(leg.slot.role)})"
        when = f"{percent(share)} of the time when {way.clock.spec.rule} is missed"
        yield from wrap(f"Chiefly because of {what}: {when}.", WIDTH)
    best = [one for one in (report.advice.bought if report.advice else ()) if one.missed.is_sure]
    if best and min(one.missed.change for one in best) < 0:
        one = min(best, key=lambda each: each.missed.change)
        gain = f"{percent(one.missed.before)} become {percent(one.missed.after)}"
        sure = f"95 % sure: {points_said(one.missed)}"
        yield from wrap(f"What helps most: {terminal(one.change.words)}; {gain} ({sure}).", WIDTH)


def _clocks(title: str, clocks: Sequence[ClockFound]) -> Iterator[str]:
    if not clocks:
        return
    yield from ("", title)
    names = [clock_named(one) for one in clocks]
    width = max(len("who must be told"), *map(len, names))
    width = min(width, 48)
    head = f"{'missed':>7}  {'':{_BAR}}  {'95 % sure':15}  {'who must be told':{width}}  {'due after':>9}"
    yield f"{head}  {'told: half':>10}  {'9 of 10':>7}  rule"
    for one, name in zip(clocks, names, strict=True):
        half, most = spans_said(one.met)
        due = seconds_said(one.due.median) if one.due else "-"
        yield (
            f"{percent(one.missed.value):>7}  {bar(one.missed.value)}  {between(one.missed):15}  "
            f"{name[:width]:{width}}  {due:>9}  {half:>10}  {most:>7}  {one.spec.rule}"
        )
        if len(one.cases) > 1 and one.missed.hits:
            yield f"{'':39}on average late for {one.late_cases:.1f} of {len(one.cases)}"
        if one.never:
            yield f"{'':39}not done at all in {percent(one.never)}"


def bar(share: float) -> str:
    """A share drawn: a tenth is one block, and what is above nothing shows."""
    full = 0 if isnan(share) else min(_BAR, max(1 if share > 0 else 0, round(share * _BAR)))
    return "█" * full + "░" * (_BAR - full)


def _why(report: Report) -> Iterator[str]:
    late = any(way.of == "misses" for way in report.ways)
    yield from ("", "WHY" if late else "WHAT TAKES THE TIME")
    for way, days in zip(report.ways, report.weekdays, strict=True):
        yield from _way(way)
        if way.of == "misses":
            by_day = ", ".join(f"{name.capitalize()} {percent(share.value)}" for name, share in days)
            each = sum(share.of for _, share in days) // len(days)
            yield from folded(f"missed by the day it opens, of about {each:,} a day: {by_day}", 6)


def _way(way: Critical) -> Iterator[str]:
    name = f"{clock_named(way.clock)} ({way.clock.spec.rule})"
    of = "when it is missed" if way.of == "misses" else "on average"
    if not way.legs:
        yield from folded(f"{name}: nothing in the plan meets it, or nobody ever does.")
    else:
        done = " and done in the end" if way.stands_at and way.of == "misses" else ""
        yield from folded(f"{name}: {seconds_said(way.total)} pass until it is done, {of}{done}")
    shown = sorted(way.legs, key=lambda leg: -leg.total)[:_LEGS]
    for leg in (one for one in way.legs if one in shown and one.total > _SMALL * way.total):
        yield from _leg(leg)
    if way.until_instants > _SMALL * way.total:
        yield f"    {seconds_said(way.until_instants):>8}  until a moment came that it waits for"
    if way.again > _SMALL * way.total:
        yield f"    {seconds_said(way.again):>8}  work that was asked once more, and what it waited for"
    for slot, count in way.stands_at[:_NAMED]:
        yield from folded(f"{count:,} never get past: {terminal(slot.title)} ({_by(slot.role)})", 6)


def _leg(leg: Leg) -> Iterator[str]:
    parts = [
        f"{seconds_said(span)} {what}"
        for span, what in (
            (leg.off_duty, f"nobody of {_by(leg.slot.role)} on duty"),
            (leg.waiting, f"{_by(leg.slot.role)} busy with other work"),
            (leg.working, "on its way" if leg.slot.part in STAFFLESS else "work"),
        )
        if span > 0.05 * leg.total and span >= 60
    ]
    rare = f", in {percent(leg.on_path)} of them" if leg.on_path < 0.995 else ""
    what = f"{part_said(leg.slot)} {leg.slot.step}"
    line = f"{seconds_said(leg.total):>8}  {what:36.36}  {', '.join(parts)}{rare}"
    folded_ = wrap(line, WIDTH, initial_indent="    ", subsequent_indent=" " * 52, drop_whitespace=False)
    yield from (one.rstrip() for one in folded_)


def _by(role: str) -> str:
    return role.replace("_", " ")


def _help(advice: Advice) -> Iterator[str]:
    yield from ("", f"WHAT WOULD HELP: the same {advice.runs:,} runs with one thing changed")
    clocks = [way.clock for way in advice.ways]
    heads = "".join(f"{_short(one):>{_CELL + 2}}" for one in clocks)
    whole = "any deadline" if advice.of == "incidents" else "all deadlines"
    yield f"  {'':{_CHANGE}}{whole:>{_CELL + 2}}{heads}{'earlier by':>11}"
    first = advice.bought[0]
    before = [first.missed.before, *(one.missed.before for one in first.on)]
    yield f"  {'as it is now':{_CHANGE}}{''.join(f'{percent(share):>{_CELL + 2}}' for share in before)}"
    for one in advice.bought:
        line, *rest = wrap(terminal(one.change.words), _CHANGE - 2, subsequent_indent="  ")
        yield f"  {line:{_CHANGE}}{_gains(one)}"
        yield from (f"  {more}" for more in rest)
    yield from folded(_LEGEND)


def _short(one: ClockFound) -> str:
    """A clock as the head of a column: contracts are told apart by their hours."""
    due = f" {seconds_said(one.due.median)}" if one.spec.rule == CONTRACT_RULE and one.due else ""
    return f"{one.spec.rule}{due}"[:_CELL]


def _gains(one: Bought) -> str:
    cells = []
    for gain in (one.missed, *(each.missed for each in one.on)):
        text = f"{percent(gain.after)} ({100 * gain.change:+.1f})" if gain.is_sure else "="
        cells.append(f"{text:>{_CELL + 2}}")
    earlier = max((each.earlier for each in one.on), key=abs, default=0.0)
    said = "=" if abs(earlier) < 60 else f"{'-' if earlier < 0 else ''}{seconds_said(abs(earlier))}"
    return "".join(cells) + f"{said:>11}"


def _by_rule(clocks: Sequence[ClockSpec]) -> str:
    """Each rule once, with the number of its cases where there are many."""
    cases = {one.rule: [each.case for each in clocks if each.rule == one.rule] for one in clocks}
    return "; ".join(f"{rule}{cases_said(of)}" for rule, of in cases.items())


def _rest(report: Report) -> Iterator[str]:
    yield from ("", "THE REST OF IT")
    for _, share, spread in report.found.closed:
        half, most = spans_said(spread)
        yield from folded(
            f"closed: {percent(share.value)}; after the opening, half: {half}, nine of ten: {most}"
        )
    if report.found.never_began:
        yield from folded(f"no clock began, for want of what starts it: {_by_rule(report.found.never_began)}")
    if report.found.still_ran:
        after = (
            f"after {report.prepared.simulation.horizon.days} days neither met nor missed, and not counted"
        )
        yield from folded(f"{after}: {_by_rule(report.found.still_ran)}")
    busiest = sorted(report.found.people, key=lambda one: -one.busy.median)[:_LEGS]
    worked = ", ".join(f"{one.handle} {seconds_said(one.busy.median)}" for one in busiest)
    yield from folded(f"work in a run, those with the most: {worked}")

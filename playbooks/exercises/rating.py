"""Objectives rated by their measures, as HSEEP rates them. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

from playbooks.exercises.judging import PASSED, spoken
from playbooks.exercises.record import Decided, Record
from playbooks.exercises.scenario import Measure, Objective, Scenario
from playbooks.exercises.score import EARNED, Measured, ObjectiveScore, Point, Rating, Verdict, Window
from playbooks.vocabulary import whom

SOME: Final = 0.75
"""From this share of its measures on an objective was met with some challenges only."""
MAJOR: Final = 0.4
"""Below this share it was not met. Both are judgements of ours: HSEEP gives words, no numbers."""
_WORST: Final[tuple[Verdict, ...]] = ("missed", "wrong", "late", "met", "open")


def rate(
    objective: Objective,
    scenario: Scenario,
    record: Record,
    points: Sequence[Point],
    clocks: Sequence[Window],
) -> ObjectiveScore:
    """An objective's rating: P for all measures met; S, M, U by the share of them; empty for none judged."""
    measured = tuple(_measured(one, scenario, record, points, clocks) for one in objective.measures)
    rating = _rating([one.verdict for one in measured if one.verdict != "open"])
    return ObjectiveScore(objective.id, objective.title, objective.capability, rating, measured)


def _rating(verdicts: Sequence[Verdict]) -> Rating:
    if not verdicts:
        return ""
    share = sum(EARNED[one] for one in verdicts) / len(verdicts)
    if share == 1:
        return "P"
    if share >= SOME:
        return "S"
    return "M" if share >= MAJOR else "U"


def _measured(
    measure: Measure, scenario: Scenario, record: Record, points: Sequence[Point], clocks: Sequence[Window]
) -> Measured:
    if measure.expected is not None:
        expected = next(one for one in scenario.expected if one.id == measure.expected)
        point = next(one for one in points if one.key == f"expected:{expected.id}")
        return Measured(f"{point.what}: decided as expected", point.verdict, point.why)
    if measure.handled is not None:
        return _inject(measure.handled, scenario, points)
    if measure.told is not None:
        return _told(measure.told, points)
    if measure.window_used is not None:
        return _used(measure.window_used, clocks)
    if measure.findings is not None:
        return _found(measure.findings, record)
    return _done(measure, record)


def _inject(key: str, scenario: Scenario, points: Sequence[Point]) -> Measured:
    what = f"{scenario.inject(key).title}: handled in time"
    point = next((one for one in points if one.key == f"inject:{key}"), None)
    return Measured(what, point.verdict, point.why) if point else Measured(what, "open", "it never came")


def _told(recipient: str, points: Sequence[Point]) -> Measured:
    what = f"the {whom(recipient)} told in time"
    own = [one for one in points if one.aspect == "duties" and one.about == recipient]
    if not own:
        return Measured(what, "missed", "no duty to tell them was found")
    judged = [one for one in own if one.is_judged] or own
    worst = min(judged, key=lambda one: _WORST.index(one.verdict))
    amiss = sum(one.is_lost for one in judged)
    why = f"{len(judged) - amiss} of {len(judged)} duties" + (f"; {worst.what}: {worst.why}" if amiss else "")
    return Measured(what, worst.verdict, why)


def _used(most: int, clocks: Sequence[Window]) -> Measured:
    what = f"at most {most} % of any legal window used"
    legal = [one for one in clocks if not one.policy and one.percent is not None]
    if not legal:
        return Measured(what, "open", "no legal window came to its end")
    widest = max(legal, key=lambda one: one.percent or 0)
    used = widest.percent or 0
    verdict: Verdict = "met" if used <= most else "late" if used <= 100 else "missed"
    return Measured(what, verdict, f"{widest.words} at most: {widest.title}")


def _found(most: int, record: Record) -> Measured:
    what = f"at most {most} findings in released notices"
    released = [one for one in record.told if one.released_at is not None]
    if not released:
        return Measured(what, "open", "no notice was released")
    found = sum(one.findings for one in released)
    return Measured(what, "met" if found <= most else "missed", f"{found} in {len(released)} notices")


def _done(measure: Measure, record: Record) -> Measured:
    assert measure.within is not None
    within = spoken(measure.within)
    asked = [one for one in record.decided if one.step == measure.step]
    step = str(measure.step)
    title = asked[0].title if asked else record.titles.get(step, step)
    what = f"{title}: done within {within} of the start"
    due_at = record.began_at + measure.within
    latest = {one.case: one for one in asked if one.answered_at is not None}
    if any(one.decision == PASSED for one in latest.values()):
        return Measured(what, "wrong", "held not to apply")
    done_at = _first_done(asked)
    if not asked or {one.case for one in asked if not one.is_withdrawn} - set(done_at):
        verdict: Verdict = "open" if record.still_ran(due_at) else "missed"
        return Measured(what, verdict, "not done" if asked else "the response never came to it")
    if not done_at:
        return Measured(what, "open", "withdrawn before anybody answered")
    last = max(done_at.values())
    took = spoken(last - record.began_at)
    return Measured(what, "met" if last <= due_at else "late", f"done after {took}")


def _first_done(asked: Sequence[Decided]) -> Mapping[str, datetime]:
    """When each case had its step done for the first time: asked again later, it is not done later."""
    found: dict[str, datetime] = {}
    for one in asked:
        if one.answered_at is not None and one.decision != PASSED:
            found[one.case] = min(one.answered_at, found.get(one.case, one.answered_at))
    return found

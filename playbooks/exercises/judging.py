"""The points of an exercise: what was done, against the plan's targets and the scenario's story. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final

from playbooks.exercises.record import INJECT, Duty, Happened, Record
from playbooks.exercises.scenario import ASKING, Obligations, Scenario
from playbooks.exercises.score import Aspect, Point, Verdict, Window
from playbooks.vocabulary import whom

CALM_SHARE: Final = 75
"""Percent of a window: who uses more leaves little for what goes wrong. A judgement of ours."""
PASSED: Final = "not_applicable"
"""What is decided where somebody holds that nothing is to be done."""
RUNNING: Final = ("presumed", "owed")
_UNTIMED: Final = frozenset({"action", "command", INJECT})
"""Nobody answers an action, a command is never due, and an inject is a point of its own."""


def spoken(span: timedelta) -> str:
    """A length of time in its two largest units, as people say it."""
    minutes = round(abs(span) / timedelta(minutes=1))
    days, hours, minutes = minutes // 1440, minutes // 60 % 24, minutes % 60
    parts = (
        ((days, "d"), (hours, "h"))
        if days
        else ((hours, "h"), (minutes, "min"))
        if hours
        else ((minutes, "min"),)
    )
    return " ".join(f"{count} {unit}" for count, unit in parts if count) or "under a minute"


def target_points(record: Record) -> Iterator[Point]:
    """The time to each decision against its target; what was withdrawn unanswered asks nothing of anybody."""
    for one in record.decided:
        if one.due_at is None or one.kind in _UNTIMED or (one.is_withdrawn and one.answered_at is None):
            continue
        verdict, why = _timed(one.opened_at, one.due_at, one.answered_at, record.ended_at)
        if one.escalations:
            why += f"; escalated {one.escalations} time{'s' if one.escalations > 1 else ''}"
        yield Point(
            key=f"target:{one.step}:{one.case}:{one.opened_at.isoformat()}",
            aspect="targets",
            what=one.title,
            verdict=verdict,
            why=why,
            role=one.role,
            case=one.case,
            about=one.role,
            at=one.answered_at,
            due_at=one.due_at,
        )


def _timed(
    opened_at: datetime, due_at: datetime, done_at: datetime | None, ended_at: datetime
) -> tuple[Verdict, str]:
    target = spoken(due_at - opened_at)
    if done_at is None and due_at > ended_at:
        return "open", f"its target of {target} still ran when the exercise ended"
    if done_at is None:
        return "missed", f"never answered; the target was {target}"
    took = spoken(done_at - opened_at)
    if done_at <= due_at:
        return "met", f"took {took} of {target}"
    return "late", f"took {took}, {spoken(done_at - due_at)} past its target of {target}"


def duty_points(scenario: Scenario, record: Record) -> Iterator[Point]:
    """Duties found and met, missed, or wrongly raised, against the story and their own clocks."""
    told, not_told = scenario.obligations.told, scenario.obligations.not_told
    for duty in record.duties:
        if duty.recipient in not_told:
            yield _unwanted(duty)
        elif duty.state != "not_owed":
            yield _asked_for(scenario, _owed(duty, record.ended_at, wanted=duty.recipient in told))
    for recipient in told:
        own = [duty for duty in record.duties if duty.recipient == recipient]
        if all(duty.state == "not_owed" for duty in own):
            how = "was held not to be owed" if own else "was never found"
            why = f"the story owes the {whom(recipient)} a notice; the duty {how}"
            yield _duty_point(
                f"duty:{recipient}", f"Tell the {whom(recipient)}", "missed", why, about=recipient
            )
    yield from _told_for_nothing(scenario, record)


def _asked_for(scenario: Scenario, point: Point) -> Point:
    """A point that the story asks for; one beside it can be lost, not earned: else who raises all gains."""
    told = {one.told for objective in scenario.objectives for one in objective.measures}
    told |= {*scenario.obligations.told}
    if point.is_lost or point.about in told or scenario.obligations == Obligations():
        return point
    return replace(point, verdict="open", why=f"{point.why}; the story does not ask for it")


def _owed(duty: Duty, ended_at: datetime, *, wanted: bool) -> Point:
    key = f"duty:{duty.rule}:{duty.case}"
    if duty.state == "waived":
        verdict: Verdict = "wrong" if wanted else "met"
        why = "waived, though the story owes it" if wanted else "decided not to tell, with reasons"
    elif duty.met_at is not None and (duty.due_at is None or duty.met_at <= duty.due_at):
        verdict = "met"
        ahead = "" if duty.due_at is None else f", {spoken(duty.due_at - duty.met_at)} before its time"
        why = f"told{ahead}"
    elif duty.met_at is not None and duty.due_at is not None:
        verdict, why = "late", f"told {spoken(duty.met_at - duty.due_at)} after its time"
    elif duty.due_at is not None and duty.due_at > ended_at:
        verdict, why = "open", "its time still ran when the exercise ended"
    else:
        over = (
            ""
            if duty.due_at is None
            else f"; its time was over {spoken(ended_at - duty.due_at)} before the end"
        )
        verdict, why = "missed", f"nobody told the {whom(duty.recipient)}{over}"
    return _duty_point(
        key,
        duty.title,
        verdict,
        why,
        about=duty.recipient,
        case=duty.case,
        at=duty.met_at,
        due_at=duty.due_at,
    )


def _unwanted(duty: Duty) -> Point:
    key = f"duty:{duty.rule}:{duty.case}"
    rightly = duty.state in ("not_owed", "waived")
    held = {"not_owed": "found not to be owed", "waived": "decided not to tell, with reasons"}
    why = held.get(duty.state, f"the story owes the {whom(duty.recipient)} nothing, yet the duty stands")
    verdict: Verdict = "met" if rightly else "wrong"
    return _duty_point(key, duty.title, verdict, why, about=duty.recipient, case=duty.case)


def _told_for_nothing(scenario: Scenario, record: Record) -> Iterator[Point]:
    for recipient in scenario.obligations.not_told:
        if any(one.recipient == recipient and one.released_at is not None for one in record.told):
            why = f"the story owes the {whom(recipient)} nothing, yet a notice was released"
            yield _duty_point(
                f"told:{recipient}", f"Do not tell the {whom(recipient)}", "wrong", why, about=recipient
            )


def _duty_point(key: str, what: str, verdict: Verdict, why: str, **more: Any) -> Point:
    return Point(key=key, aspect="duties", what=what, verdict=verdict, why=why, **more)


def windows(record: Record) -> Iterator[Window]:
    """Of each duty with a clock, how much of its window was used; what was waived has none."""
    for duty in record.duties:
        if duty.anchor_at is None or duty.due_at is None or duty.state not in (*RUNNING, "met"):
            continue
        done_at = duty.met_at or (record.ended_at if record.ended_at > duty.due_at else None)
        length = max(duty.due_at - duty.anchor_at, timedelta(minutes=1))
        used = None if done_at is None else max(0, round(100 * ((done_at - duty.anchor_at) / length)))
        if used == 100 and done_at is not None and done_at > duty.due_at:
            used = 101
        yield Window(
            *(duty.rule, duty.title, duty.recipient, duty.case, duty.policy, duty.due_at, duty.met_at, used)
        )


def window_points(scenario: Scenario, record: Record) -> Iterator[Point]:
    """Each window: calm up to three quarters of it, late beyond, missed past its end."""
    for one in windows(record):
        whose = "window of policy" if one.policy else "window"
        if one.percent is None:
            verdict: Verdict = "open"
            why = f"the {whose} still ran when the exercise ended"
        elif one.percent > 100:
            verdict, why = "missed", f"the {whose} {_over(one)}"
        elif one.percent > CALM_SHARE:
            verdict, why = (
                "late",
                f"{one.percent} % of the {whose} used: more than {CALM_SHARE} % leaves no reserve",
            )
        else:
            verdict, why = "met", f"{one.percent} % of the {whose} used"
        point = _point(
            f"window:{one.rule}:{one.case}", "windows", one.title, verdict, why,
            case=one.case, about=one.recipient, at=one.met_at, due_at=one.due_at,
        )  # fmt: skip
        yield _asked_for(scenario, point)


def _over(window: Window) -> str:
    return "ran out with nobody told" if window.met_at is None else f"was over: {window.percent} % of it used"


def inject_point(happened: Happened, ended_at: datetime) -> Point:
    """What became of one inject: handled by whom it asked, or forestalled because its step was done."""
    within = happened.within
    due_at = happened.delivered_at + within if happened.delivered_at and within else None
    verdict, why = _handled(happened, due_at, ended_at)
    return _point(
        f"inject:{happened.key}", "injects", happened.title, verdict, why,
        role=happened.to, at=happened.handled_at, due_at=due_at,
    )  # fmt: skip


def _handled(happened: Happened, due_at: datetime | None, ended_at: datetime) -> tuple[Verdict, str]:
    if happened.forestalled_by:
        return "met", f"did not have to come: {happened.forestalled_by} was done before"
    if happened.delivered_at is None:
        return "open", "never came"
    if happened.kind not in ASKING:
        return "open", "came; it asks nobody, what it changed shows elsewhere"
    by = f" by {happened.handled_by}" if happened.handled_by else ""
    if happened.handled_at is None:
        if due_at is not None and due_at > ended_at:
            return "open", "its time still ran when the exercise ended"
        return "missed", "nobody said what was done about it"
    if happened.decision == PASSED:
        return "wrong", f"nothing was done: held not to apply{by}"
    took = spoken(happened.handled_at - happened.delivered_at)
    if due_at is not None and happened.handled_at > due_at:
        return "late", f"handled{by} after {took}, {spoken(happened.handled_at - due_at)} too late"
    return "met", f"handled{by} after {took}"


def content_points(record: Record) -> Iterator[Point]:
    """What the content check found in what was released: nothing, one thing, or more."""
    for number, one in enumerate(record.told, 1):
        if one.released_at is None:
            continue
        verdict: Verdict = "met" if not one.findings else "late" if one.findings == 1 else "missed"
        why = "its check found nothing" if not one.findings else f"its check found {one.findings}"
        yield _point(
            f"content:{number}:{one.recipient}:{one.case}", "content", f"Notice to the {whom(one.recipient)}",
            verdict, why, case=one.case, about=one.recipient, at=one.released_at,
        )  # fmt: skip


def handover_points(record: Record) -> Iterator[Point]:
    """Each hand-over: nothing that was open across it may have come too late."""
    for at in record.handovers:
        across = [
            one
            for one in record.decided
            if one.due_at is not None and one.opened_at < at and (one.answered_at or record.ended_at) > at
            and not (one.is_withdrawn and one.answered_at is None)
            and one.due_at > at
        ]  # fmt: skip
        lost = [one for one in across if one.due_at and (one.answered_at or record.ended_at) > one.due_at]
        verdict: Verdict = "late" if lost else "met"
        why = f"{len(across)} open question{'' if len(across) == 1 else 's'} handed on"
        why += (
            f", {len(lost)} of them came too late: {lost[0].title}"
            if lost
            else ", none of them came too late"
        )
        yield _point(f"handover:{at.isoformat()}", "handovers", "Hand-over", verdict, why, at=at)


def _point(key: str, aspect: Aspect, what: str, verdict: Verdict, why: str, **more: Any) -> Point:
    return Point(key=key, aspect=aspect, what=what, verdict=verdict, why=why, **more)

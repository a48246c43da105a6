"""Firing the warnings that are due: one function for the loop and for the schedule, each sent once."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from prefect import flow
from sqlalchemy import ColumnElement
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from flows.circle import kept_out
from flows.clock import incident_now, wall_now
from flows.deciding import Decision, deciding, say
from flows.house import House, house
from flows.law.scheduling import reschedule_overdue
from flows.law.warning import tell_clocks
from flows.questions import PATIENCE
from flows.roster.reminding import remind
from flows.settling.commands import escalate
from store.tables import ActionItem, ClockWarning, Exercise, Incident, Question

log = logging.getLogger("seventytwo.watching")


@flow(name="watch-clocks")
def watch_clocks() -> int:
    """Fire every warning that is due; the schedule's way in, beside the watch's own loop."""
    return fire_due(house())


def fire_due(home: House) -> int:
    """Fire every warning that is due, of real incidents and of exercises; returns how many were said."""
    return fire_real(home) + fire_rehearsed(home)


def fire_real(home: House) -> int:
    """Fire every warning of a real incident that is due, incident by incident; returns how many were said.

    An incident whose warnings cannot be fired does not silence the others; its fault is raised after them, so
    that the watch leaves no sign of life and is alarmed about.
    """
    with home.store.reading() as session:
        refs = _real_with_due(session, wall_now())
    return _fire_all(home, refs)


def fire_rehearsed(home: House, exercise_id: int | None = None) -> int:
    """The same for the incidents of one exercise, or of all; no fault of theirs concerns a real clock."""
    with home.store.reading() as session:
        refs = _rehearsed_with_due(session, wall_now(), exercise_id)
    return _fire_all(home, refs)


def _fire_all(home: House, refs: Sequence[str]) -> int:
    said, faults = 0, []
    for ref in refs:
        try:
            said += fire(home, ref)
        except Exception as fault:  # whatever it is: the other incidents' clocks must be heard
            log.exception("the warnings of %s could not be fired", ref)
            faults.append(fault)
    if faults:
        raise faults[0]
    return said


def next_due_at(session: Session, incident: Incident) -> datetime | None:
    """The instant of incident time at which the incident's next warning falls due."""
    return session.exec(
        select(ClockWarning.due_at)
        .where(ClockWarning.incident_id == incident.id, ClockWarning.state == "waiting")
        .order_by(col(ClockWarning.due_at))
    ).first()


def _real_with_due(session: Session, wall: datetime) -> list[str]:
    """The real incidents with a waiting warning at or before wall time."""
    real = _waiting().where(col(Incident.exercise_id).is_(None), ClockWarning.due_at <= wall)
    return [incident.ref for incident in session.exec(real)]


def _rehearsed_with_due(session: Session, wall: datetime, exercise_id: int | None) -> list[str]:
    """The incidents of exercises with a waiting warning at or before their exercise's own time.

    Once it has ended and its dates were moved, only what it taught falls due, in wall time.
    """
    running = select(Exercise.id).where(col(Exercise.ended_at).is_(None))
    over = select(Exercise.id).where(col(Exercise.filed_at).is_not(None))
    if exercise_id is not None:
        running, over = (one.where(Exercise.id == exercise_id) for one in (running, over))
    refs = []
    for incident in session.exec(_waiting().where(col(Incident.exercise_id).in_(running))):
        due_at = next_due_at(session, incident)
        if due_at is not None and due_at <= incident_now(session, incident, wall):
            refs.append(incident.ref)
    mending = _waiting().where(
        col(Incident.exercise_id).in_(over), _of_actions(), ClockWarning.due_at <= wall
    )
    return refs + [incident.ref for incident in session.exec(mending)]


def _waiting() -> SelectOfScalar[Incident]:
    """The incidents with a warning that waits, each once."""
    return (
        select(Incident)
        .join(ClockWarning, col(ClockWarning.incident_id) == col(Incident.id))
        .where(ClockWarning.state == "waiting")
        .distinct()
    )


def _of_actions() -> ColumnElement[bool]:
    return col(ClockWarning.subject).startswith("action:")


def fire(home: House, ref: str) -> int:
    """Fire every warning of one incident that is due; returns how many were said."""
    with deciding(home, ref) as decision:
        until: list[Any] = [ClockWarning.due_at <= decision.now]
        exercise = _ended(decision)
        if exercise is not None and exercise.filed_at is None:
            return 0  # its dates are the exercise's own until they are moved
        if exercise is not None:  # what it taught is mended by people, in wall time
            until = [_of_actions(), ClockWarning.due_at <= decision.wall]
        due = decision.session.exec(
            select(ClockWarning)
            .where(
                ClockWarning.incident_id == decision.incident_id,
                ClockWarning.state == "waiting",
                *until,
            )
            .order_by(col(ClockWarning.due_at), col(ClockWarning.id))
        ).all()
        said = _say_due(decision, due)
        for warning in due:
            warning.state, warning.fired_at = ("fired" if warning.id in said else "passed"), decision.now
            decision.session.add(warning)
    return len(said)


def _ended(decision: Decision) -> Exercise | None:
    """The exercise that the incident belongs to, where it has ended."""
    exercise_id = decision.incident.exercise_id
    exercise = decision.session.get(Exercise, exercise_id) if exercise_id is not None else None
    return exercise if exercise is not None and exercise.ended_at is not None else None


def _say_due(decision: Decision, due: Sequence[ClockWarning]) -> set[int | None]:
    """Say the latest of what fell due about one thing while nobody watched; returns the ids of those said."""
    latest = {warning.subject: warning for warning in due}.values()
    clocks = [warning for warning in latest if warning.subject.startswith("obligation:")]
    said = {warning.id for warning in tell_clocks(decision, clocks)}
    return said | {one.id for one in latest if one not in clocks and _say_warning(decision, one)}


def _say_warning(decision: Decision, warning: ClockWarning) -> bool:
    subject, _, row_id = warning.subject.partition(":")
    match subject:
        case "question":
            return _of_question(decision, warning, int(row_id))
        case "reminder":
            return _of_reminder(decision, warning, int(row_id))
        case "action":
            return _of_action(decision, warning, int(row_id))
        case _:
            raise AssertionError(warning.subject)


def _of_question(decision: Decision, warning: ClockWarning, row_id: int) -> bool:
    question = decision.session.get(Question, row_id)
    if question is None or question.state != "open":
        return False
    if question.escalations == 0:
        remind(decision, question, "end")
    due_at = question.due_at or warning.due_at
    why = f"not answered by {due_at:%d %b %H:%M} UTC"
    if not escalate(decision, question, "system", why):
        return False
    reschedule_overdue(decision, question, warning.seq + 1, decision.now + PATIENCE)
    return True


def _of_reminder(decision: Decision, warning: ClockWarning, row_id: int) -> bool:
    question = decision.session.get(Question, row_id)
    if question is None or question.state != "open":
        return False
    return remind(decision, question, f"{warning.threshold}/{warning.seq}")


def _of_action(decision: Decision, warning: ClockWarning, row_id: int) -> bool:
    item = decision.session.get(ActionItem, row_id)
    if item is None or item.state != "open":
        return False
    kind = "action_overdue" if warning.threshold == "overdue" else "action_due"
    # The item's own words may name people: messages speak of its reference.
    owner = None if item.owner in kept_out(decision.session, decision.incident_id) else item.owner
    say(decision, kind, _key(warning), title=item.ref, due_at=item.due_at.isoformat(), owner=owner)
    return True


def _key(warning: ClockWarning) -> str:
    return f"warning/{warning.subject}/{warning.seq}/{warning.threshold}"

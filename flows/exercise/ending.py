"""The end of an exercise: by the facilitator, when its time is over or all is closed, or stopped in alarm.

The state is written first, and with it the clock stands; what else ends is swept up afterwards, by whoever
comes by, as often as it takes.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import TypeVar

from sqlmodel import Session, col, select

from flows.channel_freeze import lift_rehearsed
from flows.clock import wall_now
from flows.deciding import deciding
from flows.exercise.improving import file_agreed
from flows.exercise.losing import end_losses
from flows.exercise.standing import ALIVE, AUTHOR, ENDED, PAUSED, RUNNING, STOPPED, running
from flows.exercise.stepping import locked, now_of, set_rate
from flows.exercise.supporting import dismiss_scripted
from flows.exercise.waiting import live_incidents
from flows.house import House
from flows.incidents import LIVE
from flows.settling.closing import close_as
from flows.vouching import note_house
from playbooks.errors import Refused, Unreachable
from store import outbox
from store.tables import Exercise, Incident, Inject, Responder, Source

log = logging.getLogger("seventytwo.exercise")

T = TypeVar("T")


def pause(session: Session, exercise: Exercise, by: str, wall: datetime) -> None:
    """Let the clock stand; raises Refused unless it runs."""
    _change(session, exercise, (RUNNING,), PAUSED, 0.0, by, wall)


def resume(session: Session, exercise: Exercise, by: str, wall: datetime) -> None:
    """Let the clock go on, after a pause or an alarm; raises Refused where it does."""
    _change(session, exercise, (PAUSED, STOPPED), RUNNING, exercise.speed, by, wall)


def end(session: Session, exercise: Exercise, by: str, why: str, wall: datetime) -> None:
    """Let an exercise be over and its clock stand; `sweep` ends what is left of it.

    The caller has locked it. Raises Refused where it ended before.
    """
    if exercise.state not in ALIVE:
        raise Refused("this exercise has ended", which=exercise.name)
    set_rate(session, exercise.id or 0, 0.0, wall)
    told = f"{why}; it had been stopped: {exercise.why}" if exercise.state == STOPPED else why
    exercise.state, exercise.ended_at, exercise.why = ENDED, wall, told
    session.add(exercise)
    note_house(session, "exercise_ended", by, {"exercise": exercise.name, "why": why}, wall)


def stop_exercise(session: Session, house: House, exercise_id: int, why: str, wall: datetime) -> None:
    """Stop an exercise of which something would have left the house; who plays and who leads it are told."""
    exercise = locked(session, exercise_id)
    if exercise.state not in (RUNNING, PAUSED):
        return
    set_rate(session, exercise_id, 0.0, wall)
    exercise.state, exercise.stopped_at, exercise.why = STOPPED, wall, why
    session.add(exercise)
    note_house(session, "exercise_stopped", AUTHOR, {"exercise": exercise.name, "why": why}, wall)
    channel = house.settings.exercise_channel or house.settings.channel
    lift_rehearsed(session, (channel,), wall)  # whoever plays hears of it where they are
    fields = {"ref": exercise.name, "exercise": True, "text": f"{exercise.name} is stopped: {why}"}
    key = f"{exercise.name}/stopped/{wall.isoformat()}"
    outbox.enqueue(session, incident=None, key=key, kind="note", fields=fields, channel=channel, at=wall)


def end_what_is_over(house: House) -> None:
    """End every exercise whose time is over or whose incidents are all closed, and sweep up."""
    with house.store.reading() as session:
        numbers = [one.id or 0 for one in running(session)]
    _each(numbers, lambda number: _end_if_over(house, number))
    sweep(house)


def sweep(house: House) -> None:
    """End what is left of ended exercises: incidents, injects, sources, scripted responders, lost channels.

    What was agreed while they were played is due in wall time from then on.
    """
    with house.store.reading() as session:
        left = _left_open(session)
    _each(left, lambda one: _close(house, *one))
    with house.store.reading() as session:
        untidy = _untidy(session)
        unfiled = session.exec(
            select(Exercise.id).where(Exercise.state == ENDED, col(Exercise.filed_at).is_(None))
        ).all()
    _each(untidy, lambda number: _tidy(house, number))
    _each(unfiled, lambda number: file_agreed(house, number or 0))
    end_losses(house)


def _each(what: Iterable[T], act: Callable[[T], object]) -> None:
    """Act on each; what is wrong with one is recorded, holds up no other, and is tried at the next look."""
    for one in what:
        try:
            act(one)
        except Unreachable:
            raise
        except Exception:
            log.exception("an exercise could not be ended: %s", one)


def _end_if_over(house: House, number: int) -> None:
    wall = wall_now()
    with house.store.reading() as session:
        if not _over(session, session.get_one(Exercise, number), wall):
            return
    with house.store.writing() as session:
        exercise = locked(session, number)
        if exercise.state == RUNNING and (why := _over(session, exercise, wall)):
            end(session, exercise, AUTHOR, why, wall)


def _close(house: House, ref: str, why: str) -> None:
    with deciding(house, ref) as decision:
        if decision.incident.state in LIVE:
            close_as(decision, "closed", AUTHOR, why)


def _change(
    session: Session,
    exercise: Exercise,
    may: tuple[str, ...],
    state: str,
    rate: float,
    by: str,
    wall: datetime,
) -> None:
    exercise = locked(session, exercise.id or 0)
    if exercise.state not in may:
        raise Refused(f"this exercise is {exercise.state}", which=exercise.name)
    set_rate(session, exercise.id or 0, rate, wall)
    exercise.state, exercise.stopped_at, exercise.why = state, None, ""
    session.add(exercise)
    note_house(session, f"exercise_{state}", by, {"exercise": exercise.name}, wall)


def _over(session: Session, exercise: Exercise, wall: datetime) -> str:
    """Why an exercise is over; empty while it is not, and for one without a scenario."""
    if not exercise.pinned:
        return ""
    if exercise.ends_at is not None and now_of(session, exercise.id or 0, wall) >= exercise.ends_at:
        return "its time is over"
    began = session.exec(select(Incident.id).where(Incident.exercise_id == exercise.id)).first()
    if began is None or live_incidents(session, exercise.id or 0):
        return ""
    return "every incident of it is closed"


def _left_open(session: Session) -> list[tuple[str, str]]:
    rows = (
        select(Incident.ref, Exercise.why)
        .join(Exercise)
        .where(col(Incident.state).in_(LIVE), Exercise.state == ENDED)
    )
    return [(ref, f"the exercise has ended: {why}") for ref, why in session.exec(rows)]


def _untidy(session: Session) -> set[int]:
    waiting = (
        select(Inject.exercise_id).join(Exercise).where(Inject.state == "waiting", Exercise.state == ENDED)
    )
    active = set(session.exec(select(Responder.handle).where(col(Responder.disabled_at).is_(None))))
    ended = session.exec(select(Exercise.id, Exercise.scripted).where(Exercise.state == ENDED))
    playing = {number for number, scripted in ended if number and not active.isdisjoint(scripted.values())}
    sending = select(Source.exercise_id).join(Exercise).where(Exercise.state == ENDED)
    sending = sending.where(col(Source.disabled_at).is_(None))
    return playing | set(session.exec(waiting)) | {one for one in session.exec(sending) if one}


def _tidy(house: House, number: int) -> None:
    with house.store.writing() as session:
        wall = wall_now()
        dismiss_scripted(session, locked(session, number), wall)
        sources = select(Source).where(Source.exercise_id == number, col(Source.disabled_at).is_(None))
        for source in session.exec(sources):  # one may have come while the exercise was ended
            source.disabled_at = wall
            session.add(source)
        rows = select(Inject).where(Inject.exercise_id == number, Inject.state == "waiting")
        for row in session.exec(rows):
            row.state, row.why = "dropped", "the exercise ended before"
            session.add(row)

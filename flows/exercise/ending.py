"""The end of an exercise: by the facilitator, when its time is over or all is closed, or stopped in alarm.

The state is written first, and with it the clock stands; what else ends is swept up afterwards, by whoever
comes by, as often as it takes.
"""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session, col, select

from flows.clock import wall_now
from flows.deciding import deciding
from flows.exercise.losing import end_losses
from flows.exercise.standing import ALIVE, ENDED, PAUSED, RUNNING, STOPPED, running
from flows.exercise.stepping import locked, now_of, set_rate
from flows.exercise.supporting import dismiss_scripted
from flows.exercise.waiting import live_incidents
from flows.house import House
from flows.settling.closing import close_as
from flows.vouching import note_house
from playbooks.errors import Refused
from store import outbox
from store.tables import Exercise, Incident, Inject, Responder

AUTHOR = "exercise"


def pause(session: Session, exercise: Exercise, by: str, wall: datetime) -> None:
    """Let the clock stand; raises Refused unless it runs."""
    _change(session, exercise, (RUNNING,), PAUSED, 0.0, by, wall)


def resume(session: Session, exercise: Exercise, by: str, wall: datetime) -> None:
    """Let the clock go on, after a pause or an alarm; raises Refused where it does."""
    _change(session, exercise, (PAUSED, STOPPED), RUNNING, exercise.speed, by, wall)


def end_exercise(house: House, name: str, by: str, why: str) -> None:
    """End an exercise and everything of it; raises Refused where it ended before."""
    with house.store.writing() as session:
        number = session.exec(select(Exercise.id).where(Exercise.name == name)).one()
        _end(session, locked(session, number or 0), by, why, wall_now())
    sweep(house)


def stop_exercise(session: Session, house: House, exercise_id: int, why: str, wall: datetime) -> None:
    """Stop an exercise of which something would have left the house; who plays and who leads it are told."""
    exercise = locked(session, exercise_id)
    if exercise.state not in (RUNNING, PAUSED):
        return
    set_rate(session, exercise_id, 0.0, wall)
    exercise.state, exercise.why = STOPPED, why
    session.add(exercise)
    note_house(session, "exercise_stopped", AUTHOR, {"exercise": exercise.name, "why": why}, wall)
    channel = house.settings.exercise_channel or house.settings.channel
    fields = {"ref": exercise.name, "exercise": True, "text": f"{exercise.name} is stopped: {why}"}
    key = f"{exercise.name}/stopped/{wall.isoformat()}"
    outbox.enqueue(session, incident=None, key=key, kind="note", fields=fields, channel=channel, at=wall)


def end_what_is_over(house: House) -> None:
    """End every exercise whose time is over or whose incidents are all closed, and sweep up."""
    wall = wall_now()
    with house.store.reading() as session:
        over = [(one.id, why) for one in running(session) if (why := _over(session, one, wall))]
    for number, why in over:
        with house.store.writing() as session:
            exercise = locked(session, number or 0)
            if exercise.state == RUNNING and _over(session, exercise, wall):
                _end(session, exercise, AUTHOR, why, wall)
    sweep(house)


def sweep(house: House) -> None:
    """End what is left of ended exercises: incidents, waiting injects, scripted responders, lost channels."""
    with house.store.reading() as session:
        left = _left_open(session)
    for ref, why in left:
        with deciding(house, ref) as decision:
            if decision.incident.state in ("open", "candidate"):
                close_as(decision, "closed", AUTHOR, why)
    wall = wall_now()
    with house.store.reading() as session:
        tidy = _untidy(session)
    for number in tidy:
        with house.store.writing() as session:
            _tidy(session, locked(session, number), wall)
    end_losses(house)


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
    exercise.state = state
    session.add(exercise)
    note_house(session, f"exercise_{state}", by, {"exercise": exercise.name}, wall)


def _end(session: Session, exercise: Exercise, by: str, why: str, wall: datetime) -> None:
    if exercise.state not in ALIVE:
        raise Refused("this exercise has ended", which=exercise.name)
    set_rate(session, exercise.id or 0, 0.0, wall)
    exercise.state, exercise.ended_at, exercise.why = ENDED, wall, why
    session.add(exercise)
    note_house(session, "exercise_ended", by, {"exercise": exercise.name, "why": why}, wall)


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
        .where(col(Incident.state).in_(("open", "candidate")), Exercise.state == ENDED)
    )
    return [(ref, f"the exercise has ended: {why}") for ref, why in session.exec(rows)]


def _untidy(session: Session) -> set[int]:
    waiting = (
        select(Inject.exercise_id).join(Exercise).where(Inject.state == "waiting", Exercise.state == ENDED)
    )
    active = set(session.exec(select(Responder.handle).where(col(Responder.disabled_at).is_(None))))
    ended = session.exec(select(Exercise.id, Exercise.scripted).where(Exercise.state == ENDED))
    playing = {number for number, scripted in ended if number and not active.isdisjoint(scripted.values())}
    return playing | set(session.exec(waiting))


def _tidy(session: Session, exercise: Exercise, wall: datetime) -> None:
    dismiss_scripted(session, exercise, wall)
    rows = select(Inject).where(Inject.exercise_id == exercise.id, Inject.state == "waiting")
    for row in session.exec(rows):
        row.state, row.why = "dropped", "the exercise ended before"
        session.add(row)

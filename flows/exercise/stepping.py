"""An exercise's clock: stored segments, moved forward alone, and never over what falls due."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session, col, func, select

from flows.clock import incident_now, segments_of, wall_now
from flows.exercise.standing import refuse_standing
from flows.house import House
from flows.watching import next_due_at
from playbooks.errors import Refused
from playbooks.timebase import incident_time
from store.outbox import is_frozen
from store.tables import ClockSegment, ClockWarning, Exercise, Incident, Inject, Message, Question


def begin_exercise(session: Session, name: str, at: datetime, wall: datetime, *, rate: float = 0) -> Exercise:
    """Add an exercise whose clock begins at `at`; it stands there until it is stepped, but for a `rate`."""
    exercise = Exercise(name=name, started_at=wall)
    session.add(exercise)
    session.flush()
    assert exercise.id is not None
    session.add(ClockSegment(exercise_id=exercise.id, seq=1, wall_at=wall, incident_at=at, rate=rate))
    return exercise


def jump(house: House, exercise_id: int, to: datetime) -> None:
    """Move an exercise's clock forward to `to`, where it goes on as before.

    Raises Refused to go back, and for an exercise that does not go on.
    """
    with house.store.writing() as session:
        refuse_standing(locked(session, exercise_id))
        last = _latest(session, exercise_id)
        wall = max(wall_now(), last.wall_at)
        if to < incident_time(segments_of(session, exercise_id), wall):
            raise Refused("an exercise's clock never goes back", which=to.isoformat())
        _add(session, last, wall, to, last.rate)


def set_rate(session: Session, exercise_id: int, rate: float, wall: datetime) -> None:
    """Let an exercise's clock go on from where it is, `rate` incident seconds in a second; 0 lets it stand.

    The caller has locked the exercise.
    """
    last = _latest(session, exercise_id)
    if last.rate == rate:
        return
    wall = max(wall, last.wall_at)
    _add(session, last, wall, incident_time(segments_of(session, exercise_id), wall), rate)


def locked(session: Session, exercise_id: int) -> Exercise:
    """The exercise, which nobody else changes until the caller's transaction ends.

    What belongs to it may be added meanwhile: whoever adds an alert's source holds an inject or an incident,
    for which the caller may wait.
    """
    return session.get_one(Exercise, exercise_id, with_for_update={"key_share": True}, populate_existing=True)


def next_inject_at(house: House, exercise_id: int) -> datetime | None:
    """The incident instant of the next inject of an exercise that waits."""
    with house.store.reading() as session:
        return session.exec(
            select(func.min(Inject.due_at)).where(
                Inject.exercise_id == exercise_id, Inject.state == "waiting"
            )
        ).one()


def next_warning_at(house: House, exercise_id: int) -> datetime | None:
    """The incident instant of the next warning of the exercise's incidents."""
    with house.store.reading() as session:
        incidents = session.exec(select(Incident).where(Incident.exercise_id == exercise_id))
        due = [at for incident in incidents if (at := next_due_at(session, incident)) is not None]
    return min(due, default=None)


def is_quiet(house: House, exercise_id: int) -> bool:
    """Whether the engine has nothing left to decide at this instant: all started, no warning due."""
    with house.store.reading() as session:
        wall = wall_now()
        waiting = select(func.count()).where(
            Inject.exercise_id == exercise_id,
            Inject.state == "waiting",
            Inject.due_at <= now_of(session, exercise_id, wall),
        )
        if session.execute(waiting).scalar_one():
            return False
        incidents = list(session.exec(select(Incident).where(Incident.exercise_id == exercise_id)))
        return all(_is_still(session, incident) for incident in incidents)


def is_all_said(house: House, exercise_id: int) -> bool:
    """Whether every message of the exercise was sent, given up, or waits for a channel that is lost."""
    with house.store.reading() as session:
        unsaid = (
            select(func.count())
            .select_from(Message)
            .join(Incident, col(Incident.id) == col(Message.incident_id))
            .where(
                Incident.exercise_id == exercise_id,
                col(Message.state).in_(("queued", "sending", "unknown")),
                ~is_frozen(),
            )
        )
        return not session.execute(unsaid).scalar_one()


def exercise_now(house: House, exercise_id: int) -> datetime:
    """The exercise's own time at this instant."""
    with house.store.reading() as session:
        return now_of(session, exercise_id, wall_now())


def now_of(session: Session, exercise_id: int, wall: datetime) -> datetime:
    """The exercise's own time at the instant `wall`."""
    return incident_time(segments_of(session, exercise_id), wall)


def _latest(session: Session, exercise_id: int) -> ClockSegment:
    rows = select(ClockSegment).where(ClockSegment.exercise_id == exercise_id)
    found = session.exec(rows.order_by(col(ClockSegment.seq).desc())).first()
    assert found is not None, "an exercise has a clock from its beginning"
    return found


def _add(session: Session, last: ClockSegment, wall: datetime, at: datetime, rate: float) -> None:
    session.add(
        ClockSegment(exercise_id=last.exercise_id, seq=last.seq + 1, wall_at=wall, incident_at=at, rate=rate)
    )
    session.flush()


def _is_still(session: Session, incident: Incident) -> bool:
    unstarted = select(func.count()).where(
        Question.incident_id == incident.id, Question.state == "open", col(Question.run_id).is_(None)
    )
    acting = select(func.count()).where(
        Question.incident_id == incident.id, Question.state == "open", Question.kind == "action"
    )
    due = select(func.count()).where(
        ClockWarning.incident_id == incident.id,
        ClockWarning.state == "waiting",
        ClockWarning.due_at <= incident_now(session, incident, wall_now()),
    )
    if incident.pending:
        return False
    return not any(session.execute(query).scalar_one() for query in (unstarted, acting, due))

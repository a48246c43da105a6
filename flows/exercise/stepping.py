"""The stepped clock: it stands while the engine works, and jumps to what happens next, never over it."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session, col, func, select

from flows.clock import incident_now, segments_of, wall_now
from flows.house import House
from flows.watching import next_due_at
from playbooks.errors import Refused
from playbooks.timebase import incident_time
from store.tables import ClockSegment, ClockWarning, Exercise, Incident, Message, Question


def begin_exercise(session: Session, name: str, at: datetime, wall: datetime) -> Exercise:
    """Add an exercise whose clock stands at `at` until it is stepped."""
    exercise = Exercise(name=name, started_at=wall)
    session.add(exercise)
    session.flush()
    assert exercise.id is not None
    session.add(ClockSegment(exercise_id=exercise.id, seq=1, wall_at=wall, incident_at=at, rate=0))
    return exercise


def jump(house: House, exercise_id: int, to: datetime) -> None:
    """Move an exercise's clock forward to `to`, where it stands again; raises Refused for a step back."""
    with house.store.writing() as session:
        segments = session.exec(
            select(ClockSegment)
            .where(ClockSegment.exercise_id == exercise_id)
            .order_by(col(ClockSegment.seq).desc())
        ).all()
        last = segments[0]
        if to < last.incident_at:
            raise Refused("an exercise's clock never goes back", which=to.isoformat())
        session.add(
            ClockSegment(
                exercise_id=exercise_id,
                seq=last.seq + 1,
                wall_at=max(wall_now(), last.wall_at),
                incident_at=to,
                rate=0,
            )
        )


def next_warning_at(house: House, exercise_id: int) -> datetime | None:
    """The incident instant of the next warning of the exercise's incidents."""
    with house.store.reading() as session:
        incidents = session.exec(select(Incident).where(Incident.exercise_id == exercise_id))
        due = [at for incident in incidents if (at := next_due_at(session, incident)) is not None]
    return min(due, default=None)


def is_quiet(house: House, exercise_id: int) -> bool:
    """Whether the engine has nothing left to decide at this instant: all started, no warning due."""
    with house.store.reading() as session:
        incidents = list(session.exec(select(Incident).where(Incident.exercise_id == exercise_id)))
        return all(_is_still(session, incident) for incident in incidents)


def is_all_said(house: House, exercise_id: int) -> bool:
    """Whether every message of the exercise was sent, or given up."""
    with house.store.reading() as session:
        unsaid = (
            select(func.count())
            .join(Incident, col(Incident.id) == col(Message.incident_id))
            .where(
                Incident.exercise_id == exercise_id, col(Message.state).in_(("queued", "sending", "unknown"))
            )
        )
        return not session.execute(unsaid).scalar_one()


def exercise_now(house: House, exercise_id: int) -> datetime:
    """The exercise's own time at this instant."""
    with house.store.reading() as session:
        return incident_time(segments_of(session, exercise_id), wall_now())


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

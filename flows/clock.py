"""The only place that reads the machine's clock, and the mapping from it to incident time.

The store is imported only where an exercise is looked up, so that the calculator starts without it.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from playbooks.timebase import Segment, incident_time

if TYPE_CHECKING:
    from sqlmodel import Session

    from store.tables import Incident


def wall_now() -> datetime:
    """The machine's time, aware UTC: for codes, signatures, leases, retries and `recorded_at`."""
    return datetime.now(UTC)


def segments_of(session: Session, exercise_id: int | None) -> tuple[Segment, ...]:
    """The clock segments of an exercise, in order; none for a real incident, whose time is wall time."""
    if exercise_id is None:
        return ()
    from sqlmodel import col, select  # noqa: PLC0415 - see above

    from store.tables import ClockSegment  # noqa: PLC0415 - see above

    rows = session.exec(
        select(ClockSegment).where(ClockSegment.exercise_id == exercise_id).order_by(col(ClockSegment.seq))
    )
    return tuple(Segment(row.wall_at, row.incident_at, row.rate) for row in rows)


def incident_now(session: Session, incident: Incident, wall: datetime) -> datetime:
    """Incident time at the instant `wall`: wall time unless the incident is an exercise."""
    return incident_time(segments_of(session, incident.exercise_id), wall)


def mending_now(session: Session, incident: Incident, wall: datetime) -> datetime:
    """The instant `wall` as what an incident taught is due: wall time once its exercise is over and filed."""
    if incident.exercise_id is not None:
        from store.tables import Exercise  # noqa: PLC0415 - see above

        if session.get_one(Exercise, incident.exercise_id).filed_at is not None:
            return wall
    return incident_now(session, incident, wall)

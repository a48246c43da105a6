"""The two times: wall time, and the incident time an exercise makes of it.

An exercise's clock is stored segments, so that every process computes the same instant; a real
incident has none, and its time is wall time.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from playbooks.errors import InstantFault

_TICK = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Segment:
    """From `wall_at` on, incident time runs from `incident_at` at `rate` (0 stands still, 1 is real)."""

    wall_at: datetime
    incident_at: datetime
    rate: float


def aware(at: datetime, name: str = "instant") -> datetime:
    """The same instant in UTC; an instant without an offset raises `InstantFault`."""
    if at.utcoffset() is None:
        raise InstantFault(
            "an instant without an offset", which=f"{name} {at.isoformat()}", mend="add Z or +hh:mm"
        )
    return at.astimezone(UTC)


def stamp(at: datetime) -> str:
    """An instant as text in UTC, to the minute, or to the second where it has begun; never rounded up."""
    at = aware(at).astimezone(UTC)
    return at.replace(tzinfo=None).isoformat(timespec="seconds" if at.second else "minutes") + "Z"


def incident_time(segments: Sequence[Segment], wall: datetime) -> datetime:
    """Incident time at a wall instant; before the first segment the clock stands at its start."""
    wall = aware(wall, "wall")
    begun = [segment for segment in segments if aware(segment.wall_at) <= wall]
    if not segments:
        return wall
    return _within(begun[-1], wall) if begun else aware(segments[0].incident_at)


def wall_for(segments: Sequence[Segment], incident: datetime) -> datetime | None:
    """The first wall instant at which incident time reaches `incident`; None while the clock never does."""
    incident = aware(incident, "incident")
    if not segments:
        return incident
    for at, segment in enumerate(segments):
        ends = aware(segments[at + 1].wall_at) if at + 1 < len(segments) else None
        reached = _reached(segment, incident)
        if reached is not None and (ends is None or reached < ends):
            return reached
    return None


def _within(segment: Segment, wall: datetime) -> datetime:
    return aware(segment.incident_at) + (wall - aware(segment.wall_at)) * segment.rate


def _reached(segment: Segment, incident: datetime) -> datetime | None:
    start = aware(segment.wall_at)
    ahead = incident - aware(segment.incident_at)
    if ahead <= timedelta(0):
        return start
    if segment.rate <= 0:
        return None
    wall = start + ahead / segment.rate
    return wall if _within(segment, wall) >= incident else wall + _TICK  # rounding may stop just short

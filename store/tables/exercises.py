"""Rehearsals: the same code against a clock of their own."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Field, SQLModel, UniqueConstraint

from store.types import instant


class Exercise(SQLModel, table=True):
    """A tabletop exercise; its incidents live on its clock and tell only sinks."""

    id: int | None = Field(default=None, primary_key=True)
    name: str = Field(unique=True, max_length=80)
    started_at: datetime = instant()
    ended_at: datetime | None = instant(nullable=True)


class ClockSegment(SQLModel, table=True):
    """From `wall_at` on, incident time runs from `incident_at` at `rate` (0 stands still)."""

    __table_args__ = (UniqueConstraint("exercise_id", "seq"),)

    id: int | None = Field(default=None, primary_key=True)
    exercise_id: int = Field(foreign_key="exercise.id", index=True)
    seq: int
    wall_at: datetime = instant()
    incident_at: datetime = instant()
    rate: float

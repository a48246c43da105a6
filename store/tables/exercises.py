"""Rehearsals: the same code against a clock of their own."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlmodel import Field, SQLModel, UniqueConstraint

from store.types import instant, json_value, sealed_json, sealed_text


class Exercise(SQLModel, table=True):
    """A tabletop exercise; its incidents live on its clock and tell only sinks."""

    id: int | None = Field(default=None, primary_key=True)
    name: str = Field(unique=True, max_length=80, description="EX-2026-0001")
    state: str = Field(
        default="running",
        max_length=8,
        description="running, paused, stopped (something of it would have left the house) or ended",
    )
    scenario: str = Field(default="", max_length=64, description="the scenario's id")
    pinned: str = sealed_text("exercise.pinned", default="")
    """The scenario as it stood when the exercise began, JSON: participants never see it."""
    playbook: str = Field(default="", max_length=64)
    playbook_version: str = Field(default="", max_length=32)
    pace: str = Field(default="step", max_length=8, description="step, speed or real")
    speed: float = Field(default=0.0, description="incident seconds in a second of wall time, while it runs")
    facilitator: str = Field(default="", max_length=32)
    team: str = Field(default="", max_length=32, description="how the scripted responders play")
    scripted: dict[str, Any] = json_value(dict)
    """Handles of the responders that play an absent role, by role."""
    clients: dict[str, Any] = json_value(dict)
    """The client on record that plays each client of the scenario, by reference."""
    began_at: datetime | None = instant(nullable=True)
    """Incident time of the start, and below of the latest end."""
    ends_at: datetime | None = instant(nullable=True)
    started_at: datetime = instant()
    ended_at: datetime | None = instant(nullable=True)
    stopped_at: datetime | None = instant(nullable=True)
    """Wall time since which it is stopped; kept where it was ended so, taken back where it went on."""
    filed_at: datetime | None = instant(nullable=True)
    """Wall time at which what was agreed while it was played became due in wall time."""
    why: str = sealed_text("exercise.why", default="")
    """Why it was stopped or ended."""


class ClockSegment(SQLModel, table=True):
    """From `wall_at` on, incident time runs from `incident_at` at `rate` (0 stands still)."""

    __table_args__ = (UniqueConstraint("exercise_id", "seq"),)

    id: int | None = Field(default=None, primary_key=True)
    exercise_id: int = Field(foreign_key="exercise.id", index=True)
    seq: int
    wall_at: datetime = instant()
    incident_at: datetime = instant()
    rate: float


class Inject(SQLModel, table=True):
    """Something that happens to those who play, at an instant of the exercise or by hand."""

    __table_args__ = (UniqueConstraint("exercise_id", "key"),)

    id: int | None = Field(default=None, primary_key=True)
    exercise_id: int = Field(foreign_key="exercise.id", index=True)
    key: str = Field(max_length=64, description="its id in the scenario, or by-hand-2")
    kind: str = Field(max_length=24)
    state: str = Field(default="waiting", max_length=10, description="waiting, delivered or dropped")
    due_at: datetime = instant()
    """Incident time, as is the next."""
    delivered_at: datetime | None = instant(nullable=True)
    body: dict[str, Any] = sealed_json("inject.body")
    """The inject as the scenario words it, with the facilitator's note."""
    why: str = sealed_text("inject.why", default="")
    """Why it was dropped, or who brought it."""
    step_row_id: int | None = Field(default=None, foreign_key="step.id")
    """The step that asks what is done about it, where it asks anybody."""
    until: datetime | None = instant(nullable=True)
    """Incident time until which a person stays away or a channel lost."""


class HotWash(SQLModel, table=True):
    """What somebody said to a question of the hot wash."""

    id: int | None = Field(default=None, primary_key=True)
    exercise_id: int = Field(foreign_key="exercise.id", index=True)
    question: str = Field(max_length=64)
    handle: str = Field(max_length=32)
    said: str = sealed_text("hotwash.said")
    at: datetime = instant()

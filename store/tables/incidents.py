"""The incident, each client's side of it, what is known, and how far the plan has come."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlmodel import Field, SQLModel, UniqueConstraint

from store.types import instant, sealed_json, sealed_text


class Incident(SQLModel, table=True):
    """A declared incident with the playbook pinned into it."""

    id: int | None = Field(default=None, primary_key=True)
    ref: str = Field(unique=True, max_length=16)
    kind: str = Field(default="real", max_length=8, description="real or exercise")
    state: str = Field(
        default="open",
        max_length=16,
        description="candidate, open, closed, false_positive, dismissed or merged",
    )
    pending: str = Field(
        default="",
        max_length=8,
        index=True,
        description="begin or advance: what intake left for the watch to do",
    )
    playbook: str = Field(max_length=64)
    plan: str = Field(description="the playbook as it stood when the incident opened, JSON")
    title: str = sealed_text("incident.title")
    severity: str = Field(default="medium", max_length=8)
    channel: str = Field(default="", max_length=80)
    exercise_id: int | None = Field(default=None, foreign_key="exercise.id")
    previous_id: int | None = Field(default=None, foreign_key="incident.id")
    into_id: int | None = Field(
        default=None,
        foreign_key="incident.id",
        index=True,
        description="the incident that it was merged into",
    )
    split_from_id: int | None = Field(default=None, foreign_key="incident.id")
    message_sequence: int = 0
    opened_at: datetime = instant()
    recorded_at: datetime = instant()
    closed_at: datetime | None = instant(nullable=True)


class Case(SQLModel, table=True):
    """One client's side of an incident; `ref` is a letter within it."""

    __table_args__ = (UniqueConstraint("incident_id", "client_id"), UniqueConstraint("incident_id", "ref"))

    id: int | None = Field(default=None, primary_key=True)
    incident_id: int = Field(foreign_key="incident.id")
    client_id: int = Field(foreign_key="client.id", index=True)
    ref: str = Field(max_length=4)
    opened_at: datetime = instant()


class FactRow(SQLModel, table=True):
    """One assertion about the incident or a case; a later one supersedes it, none is overwritten."""

    __tablename__ = "fact"

    id: int | None = Field(default=None, primary_key=True)
    incident_id: int = Field(foreign_key="incident.id", index=True)
    case_id: int | None = Field(default=None, foreign_key="case.id")
    name: str = Field(max_length=40)
    value: dict[str, Any] = sealed_json("fact.value")
    author: str = Field(max_length=64)
    basis: str = Field(default="", max_length=120, description="the question or alert it rests on")
    asserted_at: datetime = instant()
    recorded_at: datetime = instant()


class StepRow(SQLModel, table=True):
    """How far a step of the plan has come; its identity is (incident, case or none, step, round)."""

    __tablename__ = "step"
    __table_args__ = (UniqueConstraint("incident_id", "case_ref", "step_id", "round"),)

    id: int | None = Field(default=None, primary_key=True)
    incident_id: int = Field(foreign_key="incident.id", index=True)
    case_ref: str = Field(default="", max_length=4, description="empty for the incident itself")
    step_id: str = Field(max_length=64)
    round: int = 1
    state: str = Field(max_length=16)
    why: str = sealed_text("step.why", default="")
    added: str = sealed_text("step.added", default="")
    addressee: str | None = Field(
        default=None, max_length=80, description="whom this round of a notice tells; none until it is drafted"
    )
    rests_on: dict[str, Any] | None = sealed_json("step.rests_on", nullable=True)
    """The facts on which a judgement given in this round rests: when one changes, it is asked anew."""
    opened_at: datetime | None = instant(nullable=True)
    ended_at: datetime | None = instant(nullable=True)


class Exclusion(SQLModel, table=True):
    """A responder kept out of an incident: no page, no answer, no telling, and no word about it to them."""

    __table_args__ = (UniqueConstraint("incident_id", "handle"),)

    id: int | None = Field(default=None, primary_key=True)
    incident_id: int = Field(foreign_key="incident.id", index=True)
    handle: str = Field(max_length=32)
    by: str = Field(max_length=32)
    why: str = sealed_text("exclusion.why", default="")
    at: datetime = instant()
    lifted_at: datetime | None = instant(nullable=True)

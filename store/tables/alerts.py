"""What monitoring tools claim: sources, alerts, answers given to them, and what could not be read."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlmodel import Field, SQLModel, UniqueConstraint

from store.types import instant, json_value, sealed_json, sealed_text


class Source(SQLModel, table=True):
    """A tool that may post alerts, with its secret and the playbook its alerts open."""

    id: int | None = Field(default=None, primary_key=True)
    name: str = Field(unique=True, max_length=64)
    kind: str = Field(max_length=32)
    auth: str = Field(max_length=8)
    secret: str = sealed_text("source.secret")
    playbook: str = Field(max_length=64)
    client_id: int | None = Field(default=None, foreign_key="client.id")
    exercise_id: int | None = Field(default=None, foreign_key="exercise.id")
    channel: str = Field(default="", max_length=80)
    added_at: datetime = instant()
    disabled_at: datetime | None = instant(nullable=True)


class Alert(SQLModel, table=True):
    """A tool's claim, one row for each fingerprint of a source, counted when it comes again."""

    __table_args__ = (UniqueConstraint("source_id", "fingerprint"),)

    id: int | None = Field(default=None, primary_key=True)
    source_id: int = Field(foreign_key="source.id")
    fingerprint: str = Field(max_length=64)
    status: str = Field(max_length=8)
    content: str = Field(max_length=64, description="SHA-256 of what the tool said, to see a repeat")
    severity: str = Field(max_length=8)
    title: str = sealed_text("alert.title")
    payload: dict[str, Any] = sealed_json("alert.payload")
    occurrences: int = 1
    incident_id: int | None = Field(default=None, foreign_key="incident.id", index=True)
    first_seen_at: datetime = instant()
    last_seen_at: datetime = instant()


class IntakeReply(SQLModel, table=True):
    """The first answer to a request, given again when the same request comes again."""

    request: str = Field(primary_key=True, max_length=64)
    reply: dict[str, Any] = json_value()
    at: datetime = instant(index=True)


class Quarantine(SQLModel, table=True):
    """A signed request that could not be read: kept, so that no alert is lost to a changed format."""

    id: int | None = Field(default=None, primary_key=True)
    source_id: int = Field(foreign_key="source.id")
    fault: str = Field(max_length=300)
    body: str = sealed_text("quarantine.body")
    received_at: datetime = instant()

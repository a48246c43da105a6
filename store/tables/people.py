"""Who may answer, which of their one-time codes are spent, and who is on duty when."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlmodel import Field, SQLModel, UniqueConstraint

from store.types import instant, json_value, sealed_text


class Responder(SQLModel, table=True):
    """A person who may answer questions, by roles and client scope (no clients named: all)."""

    id: int | None = Field(default=None, primary_key=True)
    handle: str = Field(unique=True, max_length=32)
    name: str = sealed_text("responder.name")
    roles: list[str] = json_value(list)
    clients: list[str] = json_value(list)
    secret: str = sealed_text("responder.secret")
    code_period: int = Field(default=30, description="seconds; shorter than 30 counts in exercises only")
    slack_id: str = Field(default="", max_length=32)
    enrolled_at: datetime = instant()
    disabled_at: datetime | None = instant(nullable=True)


class CodeUse(SQLModel, table=True):
    """A one-time code, spent: a second use of the same counter is refused by the key."""

    __table_args__ = (UniqueConstraint("responder_id", "counter"),)

    id: int | None = Field(default=None, primary_key=True)
    responder_id: int = Field(foreign_key="responder.id")
    counter: int
    used_for: str = Field(max_length=120)
    used_at: datetime = instant()


class Roster(SQLModel, table=True):
    """Who is on duty for which role in which hours of the week, as it was imported; none is edited."""

    id: int | None = Field(default=None, primary_key=True)
    version: int = Field(unique=True)
    document: dict[str, Any] = json_value()
    """Shifts by handle and role; no names of persons."""
    imported_by: str = Field(max_length=32)
    imported_at: datetime = instant()
    superseded_at: datetime | None = instant(nullable=True)


class Absence(SQLModel, table=True):
    """A responder who is away for a while, and who stands in."""

    id: int | None = Field(default=None, primary_key=True)
    handle: str = Field(max_length=32, index=True)
    begins_at: datetime = instant()
    until: datetime = instant()
    stand_in: str = Field(default="", max_length=32)
    by: str = Field(max_length=32)
    at: datetime = instant()
    ended_at: datetime | None = instant(nullable=True)
    """When it was ended before its time, or taken back."""

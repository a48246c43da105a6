"""Who may answer, and which of their one-time codes are spent."""

from __future__ import annotations

from datetime import datetime

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

"""What is said to responders: the outbox, the brief of an incident, what they pressed in the channel."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Index, literal_column, text
from sqlmodel import Field, SQLModel, UniqueConstraint, col

from store.types import instant, sealed_json, sealed_text

_WAITING = ("queued", "sending", "unknown")
WAITING = f"state IN ({', '.join(repr(state) for state in _WAITING)})"


def waiting(message: type[Message]) -> ColumnElement[bool]:
    """Whether a message still waits, in literals: only so do both planners use the partial indexes."""
    return col(message.state).in_([literal_column(repr(state)) for state in _WAITING])


class Message(SQLModel, table=True):
    """A row of the outbox: written with the fact that caused it, sent afterwards, in order."""

    __table_args__ = (
        UniqueConstraint("incident_id", "sequence"),
        # The outbox is polled ten times a second: both its questions read only what still waits.
        Index("ix_message_due", "next_at", sqlite_where=text(WAITING), postgresql_where=text(WAITING)),
        Index(
            "ix_message_line",
            *("incident_id", "channel", "sequence"),
            sqlite_where=text(WAITING),
            postgresql_where=text(WAITING),
        ),
    )

    id: int | None = Field(default=None, primary_key=True)
    key: str = Field(unique=True, max_length=120)
    incident_id: int | None = Field(default=None, foreign_key="incident.id")
    sequence: int
    channel: str = Field(max_length=80)
    kind: str = Field(max_length=32)
    fields: dict[str, Any] = sealed_json("message.fields")
    state: str = Field(default="queued", max_length=8, description="queued, sending, unknown, sent or dead")
    attempts: int = 0
    next_at: datetime = instant()
    lease_until: datetime | None = instant(nullable=True)
    external_id: str = Field(default="", max_length=64, description="what the channel calls it; Slack's ts")
    error: str = Field(default="", max_length=200)
    queued_at: datetime = instant()
    sent_at: datetime | None = instant(nullable=True)
    edited_at: datetime | None = instant(nullable=True, index=True)
    """Since when it says something else than what was sent; empty where the channel shows what it says."""
    elsewhere: bool = False
    """Whether it was told by the other way, its channel being frozen."""


class Brief(SQLModel, table=True):
    """The pinned message of an incident that is edited in place, and what it last showed."""

    __table_args__ = (UniqueConstraint("incident_id", "channel"),)

    id: int | None = Field(default=None, primary_key=True)
    incident_id: int = Field(foreign_key="incident.id", index=True)
    channel: str = Field(max_length=80)
    external_id: str = Field(default="", max_length=64, description="what the channel calls it; Slack's ts")
    shown: str = Field(default="", max_length=64, description="digest of what it last showed")
    state: str = Field(default="new", max_length=8, description="new, sending, unknown, shown or lost")
    is_pinned: bool = False
    attempted_at: datetime | None = instant(nullable=True)
    shown_at: datetime | None = instant(nullable=True)


class ChannelAct(SQLModel, table=True):
    """What a responder pressed or typed in a channel, by its key: the same one counts once."""

    key: str = Field(primary_key=True, max_length=64)
    responder_id: int | None = Field(default=None, foreign_key="responder.id")
    incident_id: int | None = Field(default=None, foreign_key="incident.id", index=True)
    question_id: int | None = Field(default=None, foreign_key="question.id", index=True)
    what: str = Field(max_length=24)
    outcome: str = Field(default="", max_length=200)
    at: datetime = instant(index=True)


class Snooze(SQLModel, table=True):
    """Reminders of a question that one responder has put off until an instant."""

    __table_args__ = (UniqueConstraint("question_id", "handle"),)

    id: int | None = Field(default=None, primary_key=True)
    question_id: int = Field(foreign_key="question.id")
    handle: str = Field(max_length=32)
    until: datetime = instant()


class ChannelFreeze(SQLModel, table=True):
    """A channel, or the whole workspace (`*`), that is held to be compromised and is told nothing."""

    id: int | None = Field(default=None, primary_key=True)
    channel: str = Field(max_length=80, index=True)
    why: str = sealed_text("channelfreeze.why")
    by: str = Field(max_length=32)
    at: datetime = instant()
    lifted_by: str = Field(default="", max_length=32)
    lifted_at: datetime | None = instant(nullable=True)

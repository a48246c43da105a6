"""What is said to responders (messages) and to those who must be told (notices)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Index, literal_column, text
from sqlmodel import Field, SQLModel, UniqueConstraint, col

from store.types import instant, json_value, sealed_json, sealed_text

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


class Notice(SQLModel, table=True):
    """The text for one recipient, the obligations that it meets, and how far it has come."""

    __table_args__ = (UniqueConstraint("step_row_id", "version"),)

    id: int | None = Field(default=None, primary_key=True)
    incident_id: int = Field(foreign_key="incident.id", index=True)
    step_row_id: int = Field(foreign_key="step.id")
    obligations: list[int] = json_value(list)
    case_ref: str = Field(max_length=4)
    version: int = 1
    template: str = Field(max_length=64)
    text: str = sealed_text("notice.text")
    sha256: str = Field(max_length=64)
    recipient: str = sealed_text("notice.recipient")
    channel: str = Field(max_length=16)
    state: str = Field(
        max_length=16, description="drafted, approved, sent, accepted, acknowledged, withdrawn"
    )
    drafted_by: str = Field(max_length=32)
    approved_by: str = Field(default="", max_length=32)
    receipt: str = sealed_text("notice.receipt", default="")
    drafted_at: datetime = instant()
    sent_at: datetime | None = instant(nullable=True)
    accepted_at: datetime | None = instant(nullable=True)

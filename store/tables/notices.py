"""What is told to those outside: notices, the documents made of them, and each way by which they go."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Index, text
from sqlmodel import Field, SQLModel, UniqueConstraint

from store.types import instant, json_value, sealed_json, sealed_text

ON_ITS_WAY = "state IN ('queued', 'sending', 'unknown')"
"""Of deliveries: what the dispatcher still has to look at."""


class Notice(SQLModel, table=True):
    """The text for one recipient, the obligations that it meets, and how far it has come."""

    __table_args__ = (UniqueConstraint("step_row_id", "version"),)

    id: int | None = Field(default=None, primary_key=True)
    incident_id: int = Field(foreign_key="incident.id", index=True)
    step_row_id: int = Field(foreign_key="step.id")
    obligations: list[int] = json_value(list)
    case_ref: str = Field(max_length=4)
    version: int = 1
    phase: str = Field(default="initial", max_length=12, description="initial, update, final or withdrawal")
    previous_id: int | None = Field(default=None, foreign_key="notice.id")
    """The notice that this one follows: what the same recipient was told last."""
    template: str = Field(max_length=64)
    text: str = sealed_text("notice.text")
    sha256: str = Field(max_length=64)
    words: dict[str, str] | None = sealed_json("notice.words", nullable=True)
    """What a responder wrote, by content: the next notice says it again where nobody writes anew."""
    unknown: list[str] = json_value(list)
    """The contents that it says are not yet known."""
    findings: list[dict[str, Any]] | None = sealed_json("notice.findings", nullable=True)
    """What the content check found when it was written."""
    is_privileged: bool = False
    recipient: str = sealed_text("notice.recipient")
    ways: list[dict[str, Any]] | None = sealed_json("notice.ways", nullable=True)
    """Whom it reaches how, first choice first: name, channel, address; a release is bound to it."""
    channel: str = Field(max_length=16)
    state: str = Field(
        max_length=16,
        description="drafted, approved, queued, sent, accepted, acknowledged, bounced, "
        "superseded or withdrawn",
    )
    drafted_by: str = Field(max_length=32)
    approved_by: str = Field(default="", max_length=200, description="one handle, or several with commas")
    receipt: str = sealed_text("notice.receipt", default="")
    drafted_at: datetime = instant()
    sent_at: datetime | None = instant(nullable=True)
    accepted_at: datetime | None = instant(nullable=True)
    acknowledged_at: datetime | None = instant(nullable=True)


class NoticeDocument(SQLModel, table=True):
    """A notice laid out, its bytes kept as they were released."""

    __table_args__ = (UniqueConstraint("notice_id", "kind"),)

    id: int | None = Field(default=None, primary_key=True)
    notice_id: int = Field(foreign_key="notice.id")
    kind: str = Field(max_length=4, description="html or pdf")
    sha256: str = Field(max_length=64)
    content: str = sealed_text("noticedocument.content")
    """In base 64."""


class Delivery(SQLModel, table=True):
    """A notice on its way to one recipient by one channel, and the proof of how far it came."""

    __table_args__ = (
        UniqueConstraint("notice_id", "position"),
        Index("ix_delivery_due", "next_at", sqlite_where=text(ON_ITS_WAY), postgresql_where=text(ON_ITS_WAY)),
    )

    id: int | None = Field(default=None, primary_key=True)
    notice_id: int = Field(foreign_key="notice.id", index=True)
    incident_id: int = Field(foreign_key="incident.id", index=True)
    position: int = Field(default=0, description="0 for the first choice; a repeat comes after all others")
    channel: str = Field(max_length=16, description="email, webhook, slack, portal, phone or manual")
    name: str = sealed_text("delivery.name")
    address: str = sealed_text("delivery.address")
    key: str = Field(unique=True, max_length=64, description="Message-ID, Idempotency-Key or Slack's mark")
    state: str = Field(
        default="queued",
        max_length=16,
        description="queued, sending, unknown, sent, accepted, acknowledged, bounced, failed or superseded",
    )
    attempts: int = 0
    next_at: datetime = instant()
    lease_until: datetime | None = instant(nullable=True)
    external_id: str = sealed_text("delivery.external_id", default="")
    """What the other side calls it: a reference number, Slack's ts."""
    proof: dict[str, Any] | None = sealed_json("delivery.proof", nullable=True)
    """By state: what was answered, when, and the SHA-256 of a receipt."""
    error: str = sealed_text("delivery.error", default="")
    token: str = Field(default="", max_length=64, index=True, description="digest of its one-use link's word")
    queued_at: datetime = instant()
    sent_at: datetime | None = instant(nullable=True)
    accepted_at: datetime | None = instant(nullable=True)
    acknowledged_at: datetime | None = instant(nullable=True)
    silent_at: datetime | None = instant(nullable=True, index=True)
    """When its silence is acted on; empty once it was, or where nothing is expected any more."""

"""Duties to tell somebody, their clocks as a ledger, and the warnings that fall due."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlmodel import Field, SQLModel, UniqueConstraint

from store.types import instant, sealed_json, sealed_text


class Obligation(SQLModel, table=True):
    """A duty of law or contract in one case; its clock's history is in `ClockEntry`."""

    __table_args__ = (UniqueConstraint("incident_id", "case_ref", "rule_id"),)

    id: int | None = Field(default=None, primary_key=True)
    incident_id: int = Field(foreign_key="incident.id", index=True)
    case_ref: str = Field(default="", max_length=4)
    rule_id: str = Field(max_length=64)
    rule_version: str = Field(max_length=16)
    title: str = Field(max_length=200)
    citation: str = Field(max_length=200)
    recipient: str = Field(max_length=32)
    addressee: str = Field(
        default="", max_length=80, description="the authority by name, or its place; empty: one act tells all"
    )
    stage: str = Field(default="initial", max_length=16, description="which telling of this recipient it is")
    state: str = Field(max_length=12, description="presumed, owed, not_owed, met or waived")
    why: str = sealed_text("obligation.why", default="")
    policy: bool = Field(default=False, description="the number is policy, not law")
    opened_at: datetime = instant()
    anchor_at: datetime | None = instant(nullable=True)
    due_at: datetime | None = instant(nullable=True)
    legal_due_at: datetime | None = instant(nullable=True)
    met_at: datetime | None = instant(nullable=True)
    late_reason: str = sealed_text("obligation.late_reason", default="")
    proof: str = sealed_text("obligation.proof", default="")
    delayed_until: datetime | None = instant(nullable=True)
    delay_basis: str = sealed_text("obligation.delay_basis", default="")
    rests_on: dict[str, Any] | None = sealed_json("obligation.rests_on", nullable=True)
    """What a decision not to tell rests on: when one of these facts changes, it reopens."""


class ClockEntry(SQLModel, table=True):
    """One state of an obligation's clock, and why it moved there."""

    __table_args__ = (UniqueConstraint("obligation_id", "seq"),)

    id: int | None = Field(default=None, primary_key=True)
    obligation_id: int = Field(foreign_key="obligation.id")
    seq: int
    kind: str = Field(max_length=12, description="what happened: appeared, confirmed, moved, waived …")
    state: str = Field(max_length=12)
    counting: str = Field(default="", max_length=32)
    place: str = Field(default="", max_length=16, description="whose clock and calendar counted")
    anchor_at: datetime | None = instant(nullable=True)
    author: str = Field(max_length=64)
    due_at: datetime | None = instant(nullable=True)
    legal_due_at: datetime | None = instant(nullable=True)
    explanation: str = Field(max_length=1000)
    rule_version: str = Field(max_length=16)
    tzdata: str = Field(max_length=16)
    holidays: str = Field(max_length=16)
    at: datetime = instant()
    recorded_at: datetime = instant()


class ClockWarning(SQLModel, table=True):
    """A warning due at an instant of incident time; its unique key sends it once."""

    __tablename__ = "warning"
    __table_args__ = (UniqueConstraint("subject", "seq", "threshold"),)

    id: int | None = Field(default=None, primary_key=True)
    incident_id: int = Field(foreign_key="incident.id", index=True)
    subject: str = Field(
        max_length=40, description="obligation:<id>, question:<id>, reminder:<id> or action:<id>"
    )
    seq: int = Field(description="the clock entry it belongs to")
    threshold: str = Field(max_length=8, description="half, 50, 75, 90, 1h, snoozed or overdue")
    due_at: datetime = instant(index=True)
    state: str = Field(default="waiting", max_length=8, description="waiting, fired or passed")
    fired_at: datetime | None = instant(nullable=True)

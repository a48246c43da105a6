"""What was secured, and through whose hands it went."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger
from sqlmodel import Field, SQLModel, UniqueConstraint

from store.types import instant, sealed_text


class Evidence(SQLModel, table=True):
    """A file in the vault, or a reference to something kept elsewhere; `number` names it in its incident."""

    __table_args__ = (UniqueConstraint("incident_id", "number"),)

    id: int | None = Field(default=None, primary_key=True)
    incident_id: int = Field(foreign_key="incident.id", index=True)
    number: int
    case_ref: str = Field(default="", max_length=4)
    step_row_id: int | None = Field(default=None, foreign_key="step.id")
    kind: str = Field(max_length=12, description="file, reference or record (made by an action)")
    title: str = sealed_text("evidence.title")
    origin: str = sealed_text("evidence.origin")
    """Where it was found: host and path, system, shelf; for a reference where it is kept."""
    tool: str = Field(default="", max_length=120, description="what it was collected with")
    media_type: str = Field(default="", max_length=120)
    sha256: str = Field(default="", max_length=64, description="of the plain bytes; empty where never read")
    size: int | None = Field(default=None, sa_type=BigInteger)
    stored: str = Field(default="", max_length=128, description="its name in the vault; empty if not kept")
    custodian: str = Field(max_length=32)
    collected_by: str = Field(max_length=32)
    collected_at: datetime = instant()
    recorded_at: datetime = instant()
    held: bool = Field(default=False, description="under legal hold: nothing disposes of it")
    disposed_at: datetime | None = instant(nullable=True)


class Custody(SQLModel, table=True):
    """One entry of an item's chain of custody."""

    __table_args__ = (UniqueConstraint("evidence_id", "seq"),)

    id: int | None = Field(default=None, primary_key=True)
    evidence_id: int = Field(foreign_key="evidence.id", index=True)
    seq: int
    kind: str = Field(
        max_length=12, description="collected, transferred, accessed, verified, held, released or disposed"
    )
    by: str = Field(max_length=32)
    to: str = Field(default="", max_length=80, description="the new custodian, or where a copy went")
    why: str = sealed_text("custody.why", default="")
    sha256: str = Field(default="", max_length=64)
    at: datetime = instant()
    recorded_at: datetime = instant()

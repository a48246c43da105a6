"""What was learned, and who mends it by when."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Field, SQLModel

from store.types import instant, sealed_text


class ActionItem(SQLModel, table=True):
    """A mend agreed in the review: owner, date, and the evidence that closed it."""

    id: int | None = Field(default=None, primary_key=True)
    ref: str = Field(unique=True, max_length=24)
    incident_id: int = Field(foreign_key="incident.id", index=True)
    title: str = sealed_text("actionitem.title")
    owner: str = Field(max_length=32)
    state: str = Field(default="open", max_length=8, description="open or closed")
    due_at: datetime = instant()
    evidence: str = sealed_text("actionitem.evidence", default="")
    opened_at: datetime = instant()
    closed_at: datetime | None = instant(nullable=True)

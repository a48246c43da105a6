"""What happened, appended and chained, so that it can be proved years later."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlmodel import Field, SQLModel, UniqueConstraint

from store.types import instant, sealed_json


class TimelineEntry(SQLModel, table=True):
    """One link of a chain (an incident's reference, or `house`); only payload and salt may be erased."""

    __tablename__ = "timeline"
    __table_args__ = (UniqueConstraint("chain", "seq"),)

    id: int | None = Field(default=None, primary_key=True)
    chain: str = Field(max_length=16)
    seq: int
    kind: str = Field(max_length=40)
    author: str = Field(max_length=64)
    case_ref: str = Field(default="", max_length=4)
    at: datetime = instant()
    recorded_at: datetime = instant()
    canonical: str = Field(description="the text that the hash covers; holds a salted digest of the payload")
    previous: str = Field(max_length=64)
    hash: str = Field(max_length=64)
    payload: dict[str, Any] | None = sealed_json("timeline.payload", nullable=True)
    salt: str | None = Field(default=None, max_length=64)

"""Which system holds whose data: the map from which scope is proposed."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Field, SQLModel, UniqueConstraint

from store.types import instant, json_value, sealed_text


class DataSystem(SQLModel, table=True):
    """A system that holds personal data; an import writes a new version, none is edited."""

    __table_args__ = (UniqueConstraint("ref", "version"),)

    id: int | None = Field(default=None, primary_key=True)
    ref: str = Field(max_length=64)
    version: int = 1
    name: str = sealed_text("datasystem.name")
    owner: str = Field(default="", max_length=80)
    clients: list[str] = json_value(list)
    categories: list[str] = json_value(list)
    jurisdictions: list[str] = json_value(list)
    retention: str = Field(default="", max_length=80)
    log_source: str = Field(default="", max_length=64, description="the access log that covers it")
    notes: str = sealed_text("datasystem.notes", default="")
    imported_at: datetime = instant()
    superseded_at: datetime | None = instant(nullable=True)

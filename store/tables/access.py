"""What the tools and logs show of the deed: observables, and who touched which client's records when."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger
from sqlmodel import Field, SQLModel, UniqueConstraint

from store.types import instant, json_value, sealed_json, sealed_text


class Observable(SQLModel, table=True):
    """An address, account, host, file or hash that was seen; `number` names it in its incident."""

    __table_args__ = (
        UniqueConstraint("incident_id", "number"),
        UniqueConstraint("incident_id", "kind", "digest"),
    )

    id: int | None = Field(default=None, primary_key=True)
    incident_id: int = Field(foreign_key="incident.id", index=True)
    number: int
    kind: str = Field(max_length=16)
    value: str = sealed_text("observable.value")
    digest: str = Field(max_length=64, description="keyed digest of the value, to see a repeat")
    origin: str = Field(max_length=80, description="alert, evidence or responder that it comes from")
    added_at: datetime = instant()


class Reconstruction(SQLModel, table=True):
    """Who touched which client's records in a window, as the access logs have it."""

    __table_args__ = (UniqueConstraint("incident_id", "number"),)

    id: int | None = Field(default=None, primary_key=True)
    incident_id: int = Field(foreign_key="incident.id", index=True)
    number: int
    window_from: datetime = instant()
    window_until: datetime = instant()
    sources: list[str] = json_value(list)
    rows_read: int = Field(default=0, sa_type=BigInteger)
    rows_broken: int = Field(default=0, sa_type=BigInteger)
    result: dict[str, Any] = sealed_json("reconstruction.result")
    at: datetime = instant()
    recorded_at: datetime = instant()


class AccessMark(SQLModel, table=True):
    """How far the watch has read an access log, and what it must remember of it."""

    log: str = Field(primary_key=True, max_length=64)
    position: dict[str, Any] = json_value()
    """Where the next reading begins: files with their sizes and identities, or a table's last instant."""
    state: dict[str, Any] = sealed_json("accessmark.state")
    """Of each account: what the rules need of what was read before."""
    read_until: datetime | None = instant(nullable=True)
    at: datetime = instant()

"""What tools claim: sources and keys, alerts, what belongs together, and what could not be read."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Index, text
from sqlmodel import Field, SQLModel, UniqueConstraint

from store.types import instant, json_value, sealed_json, sealed_text


def _only_where_set(table: str, column: str) -> Index:
    """An index over the rows that have a value there: most have none, and cost nothing."""
    is_set = text(f"{column} IS NOT NULL")
    return Index(f"ix_{table}_{column}", column, sqlite_where=is_set, postgresql_where=is_set)


class Source(SQLModel, table=True):
    """A tool that may post alerts, and what is said about all of its alerts."""

    id: int | None = Field(default=None, primary_key=True)
    name: str = Field(unique=True, max_length=64)
    kind: str = Field(max_length=32)
    auth: str = Field(max_length=16)
    playbook: str = Field(default="", max_length=64, description="what its alerts open; empty: by the rules")
    client_id: int | None = Field(default=None, foreign_key="client.id")
    exercise_id: int | None = Field(default=None, foreign_key="exercise.id")
    channel: str = Field(default="", max_length=80)
    zone: str = Field(
        default="UTC", max_length=64, description="of instants that it writes without an offset"
    )
    per_minute: int = Field(default=6_000, description="requests that it may send; 0 for any number")
    mapping: dict[str, Any] = json_value()
    """How a `mapped` source's payloads are read, as its mapping file stood when it was added; else empty."""
    added_at: datetime = instant()
    disabled_at: datetime | None = instant(nullable=True)


class SourceKey(SQLModel, table=True):
    """A secret by which a source proves itself; while keys are rotated two are valid at once."""

    id: int | None = Field(default=None, primary_key=True)
    source_id: int = Field(foreign_key="source.id", index=True)
    secret: str = sealed_text("sourcekey.secret")
    added_at: datetime = instant()
    until: datetime | None = instant(nullable=True)
    """When it stops to count; empty while it is the source's newest."""


class Alert(SQLModel, table=True):
    """A tool's claim, one row for each fingerprint of a source, counted when it comes again."""

    __table_args__ = (
        UniqueConstraint("source_id", "fingerprint"),
        *(_only_where_set("alert", name) for name in ("incident_id", "window_id", "group_id")),
    )

    id: int | None = Field(default=None, primary_key=True)
    source_id: int = Field(foreign_key="source.id")
    kind: str = Field(max_length=32, description="the adapter that read it")
    fingerprint: str = Field(max_length=64)
    status: str = Field(max_length=8)
    content: str = Field(max_length=64, description="SHA-256 of what the tool said, to see a repeat")
    severity: str = Field(max_length=8)
    title: str = sealed_text("alert.title")
    reading: dict[str, Any] = sealed_json("alert.reading")
    """What was read beside: original severity, category, observables, ids, hints, clients, link."""
    payload: dict[str, Any] | None = sealed_json("alert.payload", nullable=True)
    """The tool's own words; none once they have expired."""
    clients: str = Field(default="", description="references of the clients that it is about, with commas")
    occurrences: int = 1
    incident_id: int | None = Field(default=None, foreign_key="incident.id")
    window_id: int | None = Field(default=None, foreign_key="alertwindow.id")
    """The quiet window that holds it back, or the announced test that it matched."""
    group_id: int | None = Field(default=None, foreign_key="alertgroup.id")
    """The group with which it waits for a rule's threshold; none once it belongs to an incident."""
    occurred_at: datetime | None = instant(nullable=True)
    first_seen_at: datetime = instant()
    last_seen_at: datetime = instant()


class AlertGroup(SQLModel, table=True):
    """Alerts that one correlation rule holds together: its key, and the incident that they belong to."""

    id: int | None = Field(default=None, primary_key=True)
    digest: str = Field(unique=True, max_length=64, description="keyed digest of rule, values and exercise")
    rule: str = Field(max_length=64)
    incident_id: int | None = Field(default=None, foreign_key="incident.id")
    """None while there are fewer alerts than the rule's threshold."""
    alerts: int = 1
    began_at: datetime = instant()
    last_at: datetime = instant()


class AlertWindow(SQLModel, table=True):
    """A span in which matching alerts are held back (`quiet`), or are an announced, authorised `test`."""

    id: int | None = Field(default=None, primary_key=True)
    kind: str = Field(max_length=8, description="quiet or test")
    match: str = sealed_text("alertwindow.match")
    """A condition over alerts; empty for every alert of the source."""
    source_id: int | None = Field(default=None, foreign_key="source.id")
    client_id: int | None = Field(default=None, foreign_key="client.id")
    why: str = sealed_text("alertwindow.why")
    contact: str = sealed_text("alertwindow.contact", default="")
    """Whom to ask about an announced test."""
    by: str = Field(max_length=32)
    begins_at: datetime = instant()
    until: datetime = instant()
    added_at: datetime = instant()
    ended_at: datetime | None = instant(nullable=True)
    """When it was ended before its time, or looked after at its end."""


class IntakeReply(SQLModel, table=True):
    """The first answer to a request, given again when the same request comes again."""

    request: str = Field(primary_key=True, max_length=64)
    reply: dict[str, Any] = json_value()
    at: datetime = instant(index=True)


class Quarantine(SQLModel, table=True):
    """A signed request that could not be read: kept, so that no alert is lost to a changed format."""

    id: int | None = Field(default=None, primary_key=True)
    source_id: int = Field(foreign_key="source.id")
    fault: str = Field(max_length=300)
    body: str | None = sealed_text("quarantine.body", nullable=True)
    """None once it has expired."""
    received_at: datetime = instant()
    replayed_at: datetime | None = instant(nullable=True)
    """When it was understood after all, and stored as alerts."""

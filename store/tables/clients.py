"""The client companies whose records we hold, and what their contracts ask of us."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlmodel import Field, SQLModel

from store.types import instant, json_value, sealed_json, sealed_text


class Client(SQLModel, table=True):
    """A company whose data we hold; our own organisation is one too (`own`)."""

    id: int | None = Field(default=None, primary_key=True)
    ref: str = Field(unique=True, max_length=64)
    name: str = sealed_text("client.name")
    own: bool = False
    our_role: str = Field(default="processor", max_length=16)
    jurisdictions: list[str] = json_value(list)
    status: list[str] = json_value(list)
    """Special regimes it stands under; empty where nobody has said, `none` where there are none."""
    place: str = Field(default="", max_length=16, description="its authority's place, such as DE-BY")
    zone: str = Field(default="UTC", max_length=64)
    hints: list[str] | None = sealed_json("client.hints", nullable=True)
    """What tools call it or what is its alone: cloud accounts, tenants, projects, domains, labels."""
    channel: str = Field(default="", max_length=80, description="Slack channel; empty for the house channel")
    portal_secret: str | None = sealed_text("client.portal_secret", nullable=True)
    """What notices to its webhook are signed with; none where nobody has made one."""
    imported_at: datetime = instant()


class Contact(SQLModel, table=True):
    """A person or desk of a client that is told of a breach, first choice first."""

    id: int | None = Field(default=None, primary_key=True)
    client_id: int = Field(foreign_key="client.id", index=True)
    position: int = 0
    name: str = sealed_text("contact.name")
    address: str = sealed_text("contact.address")
    channel: str = Field(max_length=16)
    purpose: str = Field(
        default="client_controller", max_length=32, description="the recipient of a rule reached here"
    )


class ContractTerm(SQLModel, table=True):
    """What one client's contract says about telling it; an import writes a new version, none is edited."""

    id: int | None = Field(default=None, primary_key=True)
    client_id: int = Field(foreign_key="client.id", index=True)
    version: int = 1
    hours: float | None = None
    """Empty where the contract names none: the strictest default then holds."""
    starts: str = Field(default="aware_at", max_length=32)
    citation: str = Field(default="", max_length=200)
    window: dict[str, Any] = json_value()
    """The business hours in which its hours run; empty where they always run."""
    terms: dict[str, Any] = sealed_json("contractterm.terms")
    imported_at: datetime = instant()
    superseded_at: datetime | None = instant(nullable=True)

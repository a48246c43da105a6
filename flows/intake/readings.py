"""What was read of an alert beside its payload: as the store keeps it, and as rules look at it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, get_args

from flows.intake.claims import Claim, digest
from playbooks.alerts.view import AlertView, Category, DataHint, Severity
from playbooks.forensics.observable_kinds import Seen
from store.tables import Alert

_OF_VIEW = {"account": "accounts", "host": "hosts", "address": "addresses", "domain": "domains"}
"""Which observables rules may look at, by their kind."""


def as_reading(claim: Claim) -> dict[str, Any]:
    """What is kept of a claim beside its columns, without what is empty."""
    read = {
        "original_severity": claim.original_severity,
        "category": "" if claim.category == "other" else claim.category,
        "observables": [[one.kind, one.value] for one in claim.observables],
        "ids": claim.ids,
        "data_hints": claim.data_hints,
        "client_hints": claim.client_hints,
        "link": claim.link,
    }
    return {name: value for name, value in read.items() if value}


def claim_of(alert: Alert) -> Claim:
    """The claim that a row was written from, as the tool last stated it."""
    read, payload = alert.reading, alert.payload or {}
    return Claim(
        fingerprint=alert.fingerprint,
        status="resolved" if alert.status == "resolved" else "firing",
        severity=severity_of(alert),
        title=alert.title,
        content=alert.content or digest(payload),
        payload=payload,
        original_severity=read.get("original_severity", ""),
        occurred_at=alert.occurred_at,
        category=category_of(read),
        observables=tuple(Seen(kind, value) for kind, value in read.get("observables", ())),
        ids=tuple(read.get("ids", ())),
        data_hints=hints_of(read),
        client_hints=tuple(read.get("client_hints", ())),
        link=read.get("link", ""),
    )


def view_of(claim: Claim, source: str, kind: str, clients: tuple[str, ...]) -> AlertView:
    """The claim as rules see it, its playbook not chosen yet."""
    seen: dict[str, list[str]] = {name: [] for name in _OF_VIEW.values()}
    for one in claim.observables:
        if (name := _OF_VIEW.get(one.kind)) is not None:
            seen[name].append(one.value)
    return AlertView(
        source=source,
        kind=kind,
        title=claim.title,
        category=claim.category,
        severity=claim.severity,
        status=claim.status,
        accounts=tuple(seen["accounts"]),
        hosts=tuple(seen["hosts"]),
        addresses=tuple(seen["addresses"]),
        domains=tuple(seen["domains"]),
        clients=clients,
        data_hints=claim.data_hints,
    )


def severity_of(alert: Alert) -> Severity:
    """The severity of a row."""
    return next((one for one in get_args(Severity) if one == alert.severity), "medium")


def category_of(read: Mapping[str, Any]) -> Category:
    """The category that was read; `other` for none."""
    return next((one for one in get_args(Category) if one == read.get("category")), "other")


def hints_of(read: Mapping[str, Any]) -> tuple[DataHint, ...]:
    """The data hints that were read."""
    return tuple(one for one in get_args(DataHint) if one in read.get("data_hints", ()))


def as_refs(clients: Sequence[str]) -> str:
    """References of clients as the column keeps them."""
    return ",".join(clients)


def refs_in(column: str) -> tuple[str, ...]:
    """The references of clients in the column."""
    return tuple(column.split(",")) if column else ()

"""A claim as JSON, the same for the command that shows it and for the door's dry run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from flows.intake.claims import Claim


def stated(
    claim: Claim, source: str, kind: str, arrived_at: datetime, clients: Sequence[str] = ()
) -> dict[str, Any]:
    """What was read of an alert; `source` is empty where nobody said which one sends it.

    Where a payload states no time, that of its arrival counts, and `time_is` says so.
    """
    at = claim.occurred_at
    return {
        "source": source,
        "kind": kind,
        "title": claim.title,
        "severity": claim.severity,
        "original_severity": claim.original_severity,
        "status": claim.status,
        "occurred_at": (at or arrived_at).isoformat(),
        "time_is": "stated" if at is not None else "arrival",
        "fingerprint": claim.fingerprint,
        "category": claim.category,
        "observables": [{"kind": one.kind, "value": one.value} for one in claim.observables],
        "ids": list(claim.ids),
        "data_hints": list(claim.data_hints),
        "client_hints": list(claim.client_hints),
        "clients": list(clients),
        "link": claim.link,
    }


def foretold(
    claims: Sequence[Claim], source: str, kind: str, would: Sequence[Mapping[str, Any]], arrived_at: datetime
) -> dict[str, Any]:
    """The answer to a dry run: each alert as it was read, and what would become of it, in the same order."""
    clients = [one.get("clients", ()) for one in would] or [()] * len(claims)
    read = [stated(one, source, kind, arrived_at, refs) for one, refs in zip(claims, clients, strict=True)]
    return {"alerts": read, "would": [dict(one) for one in would]}

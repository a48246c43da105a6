"""Securing what the tools have said, as it stood."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping

from sqlmodel import col, select

from flows.deciding import Decision, note
from playbooks.wording import Argument
from store.tables import Alert


def snapshot_alert(decision: Decision, arguments: Mapping[str, Argument]) -> Mapping[str, object]:  # noqa: ARG001
    """Write the SHA-256 of every alert of the incident into the timeline: any later edit shows."""
    alerts = decision.session.exec(
        select(Alert).where(Alert.incident_id == decision.incident_id).order_by(col(Alert.id))
    )
    taken = [
        {"alert": alert.id, "sha256": _digest(alert.payload), "bytes": len(_text(alert.payload))}
        for alert in alerts
    ]
    for one in taken:
        note(decision, "evidence_secured", "system", one)
    return {"alerts": len(taken)}


def _digest(payload: Mapping[str, object]) -> str:
    return hashlib.sha256(_text(payload)).hexdigest()


def _text(payload: Mapping[str, object]) -> bytes:
    return json.dumps(payload, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()

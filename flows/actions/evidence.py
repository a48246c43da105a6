"""Securing what the tools have said, as it stood."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from sqlmodel import col, select

from flows.deciding import Decision
from flows.evidence.intake import add_record
from flows.evidence.records import origin_of, text_of
from playbooks.wording import Argument
from store.tables import Alert


def snapshot_alert(decision: Decision, arguments: Mapping[str, Argument]) -> Mapping[str, object]:  # noqa: ARG001
    """Register every alert of the incident as evidence by its SHA-256: any later edit shows."""
    alerts = decision.session.exec(
        select(Alert).where(Alert.incident_id == decision.incident_id).order_by(col(Alert.id))
    ).all()
    kept = [(alert, alert.payload) for alert in alerts if alert.payload is not None]
    for alert, payload in kept:
        text = text_of(payload)
        digest = hashlib.sha256(text).hexdigest()
        add_record(decision, alert.title, origin_of(alert), digest, len(text))
    return {"alerts": len(kept)}

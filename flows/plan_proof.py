"""Whether the plan that an incident follows is the one that its timeline names."""

from __future__ import annotations

import hashlib

from sqlmodel import Session, col, select

from store.tables import Incident, TimelineEntry

NAMING = ("incident_opened", "replanned")
"""The entries that name a plan by its digest."""


def plan_digest(incident: Incident) -> str:
    """SHA-256 of the plan as the incident keeps it, in hex."""
    return hashlib.sha256(incident.plan.encode()).hexdigest()


def plan_fault(session: Session, chain: str) -> str:
    """What is wrong with an incident's plan; empty where its timeline names this very plan."""
    incident = session.exec(select(Incident).where(Incident.ref == chain)).first()
    last = session.exec(
        select(TimelineEntry)
        .where(TimelineEntry.chain == chain, col(TimelineEntry.kind).in_(NAMING))
        .order_by(col(TimelineEntry.seq).desc())
    ).first()
    named = (last.payload or {}).get("plan") if last is not None else None
    if incident is None or named is None or named == plan_digest(incident):
        return ""
    assert last is not None
    return f"its plan is not the one that entry {last.seq} names"

"""The data map as it stands today."""

from __future__ import annotations

from collections.abc import Collection

from sqlmodel import Session, col, select

from flows.datamap.findings import Finding, SystemView, findings
from store.tables import Client, DataSystem


def systems_in_force(session: Session) -> list[DataSystem]:
    """Every system as its last import left it, by ref."""
    holds = col(DataSystem.superseded_at).is_(None)
    return list(session.exec(select(DataSystem).where(holds).order_by(col(DataSystem.ref))))


def view_of_system(row: DataSystem) -> SystemView:
    """What of a system findings are made of."""
    return SystemView(
        row.ref, row.owner, tuple(row.clients), tuple(row.categories), row.retention, row.log_source
    )


def map_findings(session: Session, log_sources: Collection[str]) -> tuple[Finding, ...]:
    """What the map does not say today, where these are the ids of the access logs that are defined."""
    clients = session.exec(select(Client.ref)).all()
    return findings([view_of_system(row) for row in systems_in_force(session)], clients, log_sources)

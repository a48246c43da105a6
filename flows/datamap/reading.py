"""The data map as it stands today."""

from __future__ import annotations

from sqlmodel import Session, col, select

from store.tables import DataSystem


def systems_in_force(session: Session) -> list[DataSystem]:
    """Every system as its last import left it, by ref."""
    holds = col(DataSystem.superseded_at).is_(None)
    return list(session.exec(select(DataSystem).where(holds).order_by(col(DataSystem.ref))))

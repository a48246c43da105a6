"""Who is away in an exercise for a while: they may not answer in it; the house's roster stays."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlmodel import Session, col, select

from store.tables import Inject


def away_until(session: Session, exercise_id: int | None, now: datetime) -> Mapping[str, datetime]:
    """The handles that are away at `now` in an exercise, each with its return; instants are incident time.

    Nobody is away in a real incident.
    """
    if exercise_id is None:
        return {}
    rows = session.exec(
        select(Inject).where(
            Inject.exercise_id == exercise_id,
            Inject.kind == "person_unavailable",
            Inject.state == "delivered",
            col(Inject.until) > now,
        )
    )
    away: dict[str, datetime] = {}
    for row in rows:
        handle = str(row.body.get("away", ""))
        if handle and row.until is not None:
            away[handle] = max(row.until, away.get(handle, row.until))
    return away

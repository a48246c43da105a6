"""What follows the answers of one round: until every incident that it opened has begun."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import ColumnElement
from sqlmodel import col, func, select

from store.database import Store
from store.seal import Keyring
from store.tables import Incident, Question

PATIENCE = 300.0
"""Seconds for the last incident to begin."""


@dataclass(frozen=True, slots=True)
class Aftermath:
    """What a round left: how many incidents it opened, and how soon they began.

    Seconds: from the last answer to all begun, and the median and 95th percentile over the incidents from the
    arrival of the alert to the transaction that begins what it opened.
    """

    incidents: int
    begun_after: float
    wait_p50: float
    wait_p95: float


@contextmanager
def looking_into(url: str) -> Iterator[Store]:
    """The store of a desk that runs, under the key that this bench shares with it."""
    store = Store.open(url, Keyring.from_env_or_file(Path()))
    try:
        yield store
    finally:
        store.close()


def aftermath(url: str, began: datetime) -> Aftermath:
    """Wait until nothing of the round that `began` then is left to begin."""
    answered = time.monotonic()
    with looking_into(url) as store:
        until = answered + PATIENCE
        while _count(store, col(Incident.pending) != ""):
            if time.monotonic() > until:
                sys.exit(f"bench: incidents that were opened have not begun after {PATIENCE:.0f} s")
            time.sleep(0.02)
        begun = time.monotonic() - answered
        waits = _waits(store, began)
    return Aftermath(len(waits), begun, percentile(waits, 50), percentile(waits, 95))


def percentile(values: Sequence[float], part: float) -> float:
    """The value that `part` percent of the values do not exceed; 0 for none."""
    ordered = sorted(values)
    return ordered[max(0, -int(-len(ordered) * part // 100) - 1)] if ordered else 0.0


def _waits(store: Store, began: datetime) -> list[float]:
    """Seconds from each alert that opened an incident to the question of who leads it."""
    with store.reading() as session:
        rows = session.exec(
            select(Incident.recorded_at, Question.opened_at)
            .join(Question, col(Question.incident_id) == col(Incident.id))
            .where(Question.kind == "command", col(Incident.recorded_at) >= began)
        ).all()
    return [(opened_at - recorded_at).total_seconds() for recorded_at, opened_at in rows]


def _count(store: Store, such: ColumnElement[bool]) -> int:
    with store.reading() as session:
        return session.exec(select(func.count()).select_from(Incident).where(such)).one()

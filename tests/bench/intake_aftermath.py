"""What follows the answers of one round: until every incident that it opened has begun."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import ColumnElement
from sqlmodel import col, func, select

from store.database import Store
from store.seal import Keyring
from store.tables import Incident

PATIENCE = 300.0
"""Seconds for the last incident to begin."""


@dataclass(frozen=True, slots=True)
class Aftermath:
    """What a round left: how many incidents it opened, and seconds from its last answer to all begun."""

    incidents: int
    begun_after: float


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
        return Aftermath(_count(store, col(Incident.recorded_at) >= began), begun)


def _count(store: Store, such: ColumnElement[bool]) -> int:
    with store.reading() as session:
        return session.exec(select(func.count()).select_from(Incident).where(such)).one()

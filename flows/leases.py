"""A running question's lease: while it is renewed, reconcile leaves the run alone."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from sqlalchemy import update
from sqlmodel import col

from flows.clock import wall_now
from flows.house import House
from playbooks.errors import Unreachable
from store.tables import Question

log = logging.getLogger("seventytwo.leases")

LEASE = timedelta(seconds=45)
RENEWAL = timedelta(seconds=15)


@contextmanager
def leased(house: House, ref: str, generation: int) -> Iterator[None]:
    """Hold the lease of a question for as long as the block runs, whatever worker runs it."""
    done = threading.Event()

    def keep() -> None:
        while not done.wait(RENEWAL.total_seconds()):
            try:
                _renew(house, ref, generation)
            except Unreachable as away:  # the next renewal comes before the lease ends
                log.warning("a lease could not be renewed: %s", away)

    _renew(house, ref, generation)
    keeper = threading.Thread(target=keep, name=f"lease {ref}", daemon=True)
    keeper.start()
    try:
        yield
    finally:
        done.set()


def _renew(house: House, ref: str, generation: int) -> None:
    with house.store.writing() as session:
        session.execute(
            update(Question)
            .where(col(Question.ref) == ref, col(Question.generation) == generation)
            .values(lease_until=wall_now() + LEASE)
        )

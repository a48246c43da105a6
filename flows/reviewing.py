"""Looking at every open incident anew: a contract, a client record or a law may have changed beside it."""

from __future__ import annotations

import threading

from sqlmodel import select

from flows.advancing import advance
from flows.asserting import follow_records
from flows.deciding import deciding
from flows.house import House
from flows.questions import announce
from store.tables import Incident


def review_all(home: House, stop: threading.Event | None = None) -> int:
    """Let each open incident follow what is known now, until `stop`; returns how many questions opened."""
    with home.store.reading() as session:
        refs = session.exec(select(Incident.ref).where(Incident.state == "open")).all()
    return sum(_review(home, ref) for ref in refs if stop is None or not stop.is_set())


def _review(home: House, ref: str) -> int:
    with deciding(home, ref) as decision:
        if decision.incident.state != "open":
            return 0
        follow_records(decision)
        opened = advance(decision)
        announce(decision, opened)
        return len(opened)

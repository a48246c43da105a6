"""Looking at every incident that runs anew: a contract, a record or a law may have changed beside it."""

from __future__ import annotations

import logging
import threading

from sqlmodel import col, select

from flows.advancing import advance
from flows.asserting import follow_records
from flows.deciding import deciding
from flows.house import House
from flows.incidents import LIVE
from flows.questions import announce
from store.tables import Incident

NAME = "review"
"""Under which name the round leaves its sign of life."""
log = logging.getLogger("seventytwo.reviewing")


def review_all(home: House, stop: threading.Event | None = None) -> int:
    """Let each open incident follow what is known now, until `stop`; returns how many questions opened.

    An incident that cannot be reviewed keeps no other from it; its fault is raised after them, so that the
    round leaves no sign of life.
    """
    with home.store.reading() as session:
        refs = session.exec(select(Incident.ref).where(col(Incident.state).in_(LIVE))).all()
    opened, faults = 0, []
    for ref in refs:
        if stop is not None and stop.is_set():
            break
        try:
            opened += _review(home, ref)
        except Exception as fault:  # whatever it is: the other incidents must follow what is known
            log.exception("%s could not be reviewed", ref)
            faults.append(fault)
    if faults:
        log.error("%d of %d incidents could not be reviewed", len(faults), len(refs))
        raise faults[0]
    return opened


def _review(home: House, ref: str) -> int:
    with deciding(home, ref) as decision:
        if decision.incident.state not in LIVE:
            return 0
        follow_records(decision)
        opened = advance(decision)
        announce(decision, opened)
        return len(opened)

"""The desk's eye on the watch: when that falls silent, the desk dispatches in its place and says so."""

from __future__ import annotations

import logging
import threading
from contextlib import closing
from datetime import datetime, timedelta

from flows.beginning import begin_all
from flows.clock import wall_now
from flows.delivery.dispatching import dispatch_notices
from flows.delivery.ways import closing_ways
from flows.dispatching import dispatch_once, sender_for
from flows.house import House
from flows.out_of_band import other_way_if_any
from flows.watch_loop import NAME, last_beat
from flows.watching import fire_real
from playbooks.errors import Unreachable
from store import outbox

log = logging.getLogger("seventytwo.guard")

SILENCE = timedelta(seconds=15)
LOOK_EVERY = 5.0  # seconds


def guard_once(home: House, now: datetime) -> bool:
    """Stand in for a silent watch, and say so; False while it is well, or was never there."""
    last = last_beat(home.store, NAME)
    if last is not None and now - last <= SILENCE:
        return False
    begin_all(home)
    if last is None:
        return False
    log.error("the watch has been silent since %s", last.isoformat())
    with home.store.writing() as session:
        outbox.enqueue(
            session,
            incident=None,
            key=f"watch-silent/{last.isoformat()}",
            kind="watch_silent",
            fields={
                "ref": "house",
                "exercise": False,
                "silent_for": (now - last).total_seconds(),
                "last_at": last.isoformat(),
            },
            channel=home.settings.channel,
            at=now,
        )
    fire_real(home)
    with closing(sender_for(home.settings)) as sender:
        other = other_way_if_any(home.settings)
        dispatch_once(home.store, sender, wall_now, other=other)
        if other is not None:
            other.sender.close()
    with closing_ways(home.settings) as ways:
        dispatch_notices(home, ways, wall_now)
    return True


def guard(home: House, stop: threading.Event) -> None:
    """Look at the watch every few seconds until told to stop."""
    while not stop.wait(LOOK_EVERY):
        try:
            guard_once(home, wall_now())
        except Unreachable as away:
            log.warning("the guard tries again: %s", away)
        except Exception:  # the loop that must go on: the fault is recorded, and the next look tries again
            log.exception("a look of the guard failed")

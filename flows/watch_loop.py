"""The watch as a process: what intake recorded is begun at once, and every clock is looked after.

Incidents every 50 ms, outbox every 100 ms, notices every half second, clocks every second, what quiet
windows held every three, sheets, changes of shift and the digest every five, mending every ten.
"""

from __future__ import annotations

import logging
import signal
import threading
import time
from collections.abc import Callable
from datetime import datetime

from flows.beginning import Beginner
from flows.briefs.keeping import BriefKeeper
from flows.clock import wall_now
from flows.delivery.dispatching import NoticeDispatcher
from flows.delivery.ways import ways_of
from flows.dispatching import Dispatcher, sender_for
from flows.exercise.ending import end_what_is_over
from flows.exercise.injecting import fire_injects
from flows.house import House, house
from flows.nudging import Nudge
from flows.out_of_band import other_way_if_any
from flows.reconciling import reconcile_all
from flows.releasing import release_held
from flows.reviewing import NAME as REVIEW
from flows.reviewing import review_all
from flows.roster.changing import Seen, hand_over_all
from flows.roster.digest import send_digest
from flows.starting import start_unstarted
from flows.wall.sheets import NAME as SHEETS
from flows.wall.sheets import SheetKeeper
from flows.watching import fire_real, fire_rehearsed
from notify.pace import Pace
from notify.slack import SlackSender
from playbooks.errors import Unreachable
from store.database import Store
from store.tables import Heartbeat

log = logging.getLogger("seventytwo.watch")

BEGIN_EVERY = 0.05  # seconds
CLOCKS_EVERY = 1.0  # seconds
RELEASE_EVERY = 3.0  # seconds
RECONCILE_EVERY = 10.0  # seconds
REVIEW_EVERY = 300.0  # seconds
SHEETS_EVERY = 5.0  # seconds
BRIEFS_EVERY = 1.0  # seconds
ROSTER_EVERY = 5.0  # seconds
NAME = "watch"


def watch(home: House, stop: threading.Event) -> None:
    """Dispatch messages and notices, fire warnings and reconcile until told to stop."""
    sender = sender_for(home.settings)
    other, pace = other_way_if_any(home.settings), Pace()
    dispatcher, keeper = Dispatcher(home.store, sender, other=other, pace=pace), SheetKeeper(home)
    beginner, start = Beginner(home), Nudge(lambda: start_unstarted(home))
    ways = ways_of(home.settings)
    notices = NoticeDispatcher(home, ways, after=start)
    seen: Seen = {}
    acts: dict[str, tuple[float, Callable[[], object]]] = {
        "begin": (BEGIN_EVERY, lambda: _begin(beginner, start)),
        "release": (RELEASE_EVERY, lambda: release_held(home)),
        "mend": (RECONCILE_EVERY, lambda: _mend(home)),
        "review": (REVIEW_EVERY, lambda: _look_anew(home, stop)),
        "sheets": (SHEETS_EVERY, lambda: _keep(home, keeper)),
        "roster": (ROSTER_EVERY, lambda: _hand_over(home, seen)),
        "clocks": (CLOCKS_EVERY, lambda: _look(home)),
        "exercises": (CLOCKS_EVERY, lambda: _rehearse(home, start)),
    }
    if isinstance(sender, SlackSender):
        briefs = BriefKeeper(home, sender, pace)
        acts["briefs"] = (BRIEFS_EVERY, lambda: briefs.keep(wall_now()))
    rounds = [
        threading.Thread(target=dispatcher.run, args=(wall_now, stop), name="dispatch"),
        threading.Thread(target=notices.run, args=(wall_now, stop), name="notices"),
        *(
            threading.Thread(target=_every, args=(seconds, stop, act), name=name)
            for name, (seconds, act) in acts.items()
        ),
    ]
    start.start()
    for thread in rounds:
        thread.start()
    for thread in rounds:
        thread.join()
    start.stop()
    dispatcher.close()
    notices.close()
    for way in ways.values():
        way.close()
    sender.close()
    if other is not None:
        other.sender.close()


def beat(store: Store, name: str, at: datetime) -> None:
    """Leave a sign of life."""
    with store.writing() as session:
        session.merge(Heartbeat(name=name, at=at))


def last_beat(store: Store, name: str) -> datetime | None:
    """When a process last gave a sign of life."""
    with store.reading() as session:
        found = session.get(Heartbeat, name)
        return found.at if found else None


def _begin(beginner: Beginner, start: Nudge) -> None:
    if beginner.begin_in_turn():
        start()


def _mend(home: House) -> None:
    reconcile_all(home, wall_now())


def _keep(home: House, keeper: SheetKeeper) -> None:
    if not keeper.has_looked:
        beat(home.store, SHEETS, wall_now())  # from here on its age tells of sheets that cannot be written
    if keeper.keep():
        beat(home.store, SHEETS, wall_now())


def _hand_over(home: House, seen: Seen) -> None:
    try:
        hand_over_all(home, wall_now(), seen)
    finally:  # the morning's digest waits for no incident whose note cannot be written
        send_digest(home, wall_now())


def _look_anew(home: House, stop: threading.Event) -> None:
    if last_beat(home.store, REVIEW) is None:
        beat(home.store, REVIEW, wall_now())  # from here on its age tells of incidents that nobody can review
    review_all(home, stop)
    beat(home.store, REVIEW, wall_now())


def _look(home: House) -> None:
    fire_real(home)
    beat(home.store, NAME, wall_now())


def _rehearse(home: House, start: Nudge) -> None:
    """Look after exercises, apart: whatever is wrong with one delays no real clock, and no other exercise."""
    try:
        if fire_injects(home):
            start()
    except Exception:
        start()  # others may have happened beside the one that did not
        raise
    finally:
        try:
            fire_rehearsed(home)
        finally:
            end_what_is_over(home)


def _every(seconds: float, stop: threading.Event, act: Callable[[], object]) -> None:
    while not stop.is_set():
        began = time.monotonic()
        try:
            act()
        except Unreachable as away:
            log.warning("the watch tries again: %s", away)
        except Exception:  # the loop that must go on: the fault is recorded, and the next round looks again
            log.exception("a round of the watch failed")
        stop.wait(max(0.05, seconds - (time.monotonic() - began)))


def keep_log() -> None:
    """Write into this process's log what is told where there is no chat, and whatever goes wrong.

    Prefect has put a handler of its own there when it was loaded, which lets warnings alone through.
    """
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(message)s", force=True)
    for name in ("httpx", "prefect"):
        logging.getLogger(name).setLevel(logging.WARNING)


def main() -> None:
    """Watch until SIGTERM or Ctrl-C."""
    keep_log()
    stop = threading.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: stop.set())
    home = house()
    watcher = threading.Thread(target=watch, args=(home, stop), name=NAME)
    watcher.start()
    while watcher.is_alive():
        watcher.join(0.5)


if __name__ == "__main__":
    main()

"""The dispatcher of notices: claims what is due, stores the intent, sends, and records what came back.

Each delivery is one transaction before its attempt and one after it, both under its incident's lock; the
attempt lies between them. A dispatcher that dies there leaves an outcome that the next one resolves.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import literal_column, or_
from sqlmodel import Session, col, select

from flows.deciding import deciding
from flows.delivery.recording import record
from flows.delivery.silence import act_on_silence
from flows.delivery.taking import Errand, take
from flows.exercise.sinks import stop_for
from flows.house import House
from notify.delivery.outcomes import Search, Unknown
from notify.delivery.parcel import Way
from playbooks.errors import RealRecipient, Unreachable
from store.tables import Delivery, Incident

CARRIERS: Final = 8
POLL: Final = 0.5  # seconds
AFTER_FAULT: Final = 1.0  # seconds
TRIES: Final = 5
"""How often an outcome is tried to be written before it is left to the next dispatcher, as unknown."""
PUT_OFF: Final = timedelta(seconds=30)
"""After which a delivery that failed by a fault of ours is looked at again."""
_DUE: Final = ("queued", "sending", "unknown")

Clock = Callable[[], datetime]
log = logging.getLogger("seventytwo.notices")


@dataclass(frozen=True, slots=True)
class _Due:
    """A delivery that is due, with its incident's reference."""

    number: int
    incident: str


class NoticeDispatcher:
    """Carries notices by the ways there are; `turn` belongs to one thread, the carriers to their own."""

    def __init__(
        self,
        home: House,
        ways: Mapping[str, Way],
        *,
        carriers: int = CARRIERS,
        after: Callable[[], object] = lambda: None,
    ) -> None:
        self._home, self._ways, self._limit, self._after = home, ways, carriers, after
        self._pool = ThreadPoolExecutor(carriers, thread_name_prefix="carrier")
        self._busy: dict[int, Future[bool]] = {}
        self._put_off: dict[int, datetime] = {}
        self._news = threading.Event()
        self._stopping = threading.Event()

    def turn(self, clock: Clock) -> int:
        """Start carrying what is due and act on silence; returns how many deliveries were begun.

        Raises Unreachable if the database is busy or away; nothing is lost by that.
        """
        self._busy = {number: one for number, one in self._busy.items() if not one.done()}
        now = clock()
        if act_on_silence(self._home, now):
            self._after()
        due = self._due(now)
        for one in due:
            self._busy[one.number] = self._pool.submit(self._carry, one, clock)
        return len(due)

    def drain(self, clock: Clock) -> int:
        """Take turns until nothing is due and nothing is on its way; returns how many attempts were begun."""
        begun = 0
        while True:
            self._news.clear()
            count = self.turn(clock)
            begun += count
            if not self._busy and not count:
                return begun
            self._news.wait(POLL)

    def run(self, clock: Clock, stop: threading.Event) -> None:
        """Take a turn every half second, and at once when something came back, until `stop`."""
        while not stop.is_set():
            self._news.clear()
            try:
                self.turn(clock)
            except Unreachable as away:
                log.warning("the notices wait: %s", away)
            except Exception:  # the loop that must go on: the fault is recorded, and looked at again
                log.exception("a turn of the dispatcher of notices failed")
                stop.wait(AFTER_FAULT)
            self._news.wait(POLL)

    def close(self) -> None:
        """Let running attempts end; what was not written down is resolved by the next dispatcher."""
        self._stopping.set()
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _due(self, now: datetime) -> list[_Due]:
        room = self._limit - len(self._busy)
        if room <= 0:
            return []
        with self._home.store.reading() as session:
            self._put_off = {number: until for number, until in self._put_off.items() if until > now}
            return due_deliveries(session, now, room, (*self._busy, *self._put_off))

    def _carry(self, one: _Due, clock: Clock) -> bool:
        try:
            with deciding(self._home, one.incident, clock()) as decision:
                errand = take(decision, one.number, self._ways)
            if errand is None:
                self._after()
                return False
            outcome = attempt(errand, self._ways)
            self._record(one, errand, outcome, clock)
        except RealRecipient as leak:
            stop_for(self._home, one.incident, leak)
            return False
        except Unreachable as away:
            log.warning("a notice waits: %s", away)
            return False
        except Exception:
            # One delivery's fault is its own: the others go on, and this one's lease ends.
            log.exception("delivery %s failed in a way nobody foresaw", one.number)
            self._put_off = {**self._put_off, one.number: clock() + PUT_OFF}
            return False
        finally:
            self._news.set()
        return True

    def _record(self, one: _Due, errand: Errand, outcome: Search, clock: Clock) -> None:
        for left in range(TRIES - 1, -1, -1):
            try:
                with deciding(self._home, one.incident, clock()) as decision:
                    delivery = decision.session.get_one(Delivery, one.number)
                    if errand.is_still_ours(delivery, outcome):
                        record(decision, delivery, outcome)
                break
            except Unreachable:
                if not left or self._stopping.wait(AFTER_FAULT):
                    raise
        self._after()


def attempt(errand: Errand, ways: Mapping[str, Way]) -> Search:
    """Send a parcel, or look for it; what nobody foresaw leaves its outcome unknown."""
    way = ways[errand.channel]
    try:
        return way.find(errand.parcel) if errand.is_search else way.send(errand.parcel, errand.attempt)
    except Exception as error:  # the loop that must go on: a parcel's fault is its own
        log.exception("sending delivery %s failed in a way nobody foresaw", errand.number)
        return Unknown(f"unforeseen: {type(error).__name__}")


def due_deliveries(session: Session, now: datetime, limit: int, busy: tuple[int, ...]) -> list[_Due]:
    """The deliveries to be carried now, the oldest first, without those that are being carried."""
    free = or_(col(Delivery.lease_until).is_(None), col(Delivery.lease_until) <= now)
    rows = session.exec(
        select(Delivery.id, Incident.ref)
        .join(Incident, col(Incident.id) == col(Delivery.incident_id))
        .where(col(Delivery.state).in_([literal_column(repr(state)) for state in _DUE]))
        .where(col(Delivery.next_at) <= now, free, col(Delivery.id).not_in(busy))
        .order_by(col(Delivery.next_at), col(Delivery.id))
        .limit(limit)
    )
    return [_Due(number, ref) for number, ref in rows if number is not None]


def dispatch_notices(home: House, ways: Mapping[str, Way], clock: Clock) -> int:
    """Carry everything that is due, wait until it is recorded, and return how many attempts there were."""
    dispatcher = NoticeDispatcher(home, ways)
    try:
        return dispatcher.drain(clock)
    finally:
        dispatcher.close()

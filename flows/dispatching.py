"""The dispatcher: takes messages from the outbox and has them told, each line of an incident in its order.

One turn is one transaction: what came back is recorded, what is due is claimed, and the intent to send it
is stored. Sending itself happens between transactions, in threads, many channels at a time. New messages go
before edits of old ones, and an edit leaves its channel room for a new one.
"""

from __future__ import annotations

import logging
import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

from sqlmodel import Session

from flows.attempting import Result, attempt
from flows.channel_freeze import is_frozen
from flows.dispatch_outcomes import EDITS, record, record_edit
from flows.outgoing import Outgoing, bury_unsealable, with_threads
from flows.settings import Settings
from notify.other_way import OtherWay
from notify.pace import EDIT_BURST, EDIT_INTERVAL, Pace
from notify.sending import LogSender, Sender, Sent
from notify.slack import SlackSender
from playbooks.errors import Unreachable
from store import outbox, outbox_edits
from store.database import Store
from store.seal import Unsealable

SENDERS = 16
LEASE = timedelta(seconds=90)  # longer than the longest attempt, so that no second one runs beside it
POLL = 0.1  # seconds
AFTER_FAULT = 1.0  # seconds
log = logging.getLogger("seventytwo.dispatch")


def sender_for(settings: Settings) -> Sender:
    """Slack where a token is configured, else our own log."""
    return SlackSender(settings.slack_token, settings.slack_url) if settings.slack_token else LogSender()


def dispatch_once(
    store: Store, sender: Sender, wall: Callable[[], datetime], *, other: OtherWay | None = None
) -> int:
    """Send everything that is due, wait until it is told, and return how many messages were."""
    dispatcher = Dispatcher(store, sender, other=other)
    try:
        return dispatcher.drain(wall)
    finally:
        dispatcher.close()


class Dispatcher:
    """Sends what the outbox holds; `turn` belongs to one thread, the senders to their own."""

    def __init__(
        self,
        store: Store,
        sender: Sender,
        *,
        senders: int = SENDERS,
        other: OtherWay | None = None,
        pace: Pace | None = None,
    ) -> None:
        self._store, self._sender, self._limit, self._other = store, sender, senders, other
        self._pace = pace or Pace()
        self._edits = Pace(EDIT_INTERVAL, EDIT_BURST)
        self._pool = ThreadPoolExecutor(senders, thread_name_prefix="sender")
        self._back: list[tuple[Outgoing, Result]] = []
        self._lock = threading.Lock()
        self._in_flight = 0
        self._news = threading.Event()

    def turn(self, now: datetime) -> int:
        """Record what came back, claim what is due and start sending it; returns how many were told.

        `now` is wall time. Raises Unreachable if the database is busy or away; nothing is lost by that.
        """
        back = self._came_back()
        room = self._limit - self._in_flight + len(back)
        if not back and not (room and self._anything_due(now)):
            return 0
        try:
            ready = self._exchange(back, room, now)
        except Unsealable:
            bury_unsealable(self._store, now)
            ready = self._exchange(back, room, now)
        self._forget(len(back))
        for outgoing in ready:
            self._start(outgoing)
        return sum(isinstance(result, Sent) and not outgoing.is_edit for outgoing, result in back)

    def drain(self, wall: Callable[[], datetime]) -> int:
        """Take turns until nothing is due and nothing is on its way; returns how many were told."""
        told = 0
        while True:
            self._news.clear()
            told += self.turn(wall())
            if not self._in_flight:
                return told
            self._news.wait(POLL)

    def run(self, wall: Callable[[], datetime], stop: threading.Event) -> None:
        """Take a turn every 100 ms, and at once when something came back, until `stop`."""
        while not stop.is_set():
            self._news.clear()
            try:
                self.turn(wall())
            except Unreachable as error:
                log.warning("the outbox waits: %s", error)
            except Exception:  # the loop that must go on: the fault is recorded, and looked at again
                log.exception("a turn of the dispatcher failed")
                stop.wait(AFTER_FAULT)
            self._news.wait(POLL)

    def close(self) -> None:
        """Let running attempts end; what they learn is found again by the next dispatcher."""
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _exchange(self, back: list[tuple[Outgoing, Result]], room: int, now: datetime) -> list[Outgoing]:
        with self._store.writing() as session:
            for outgoing, result in back:
                if outgoing.is_edit:
                    record_edit(session, self._edits, outgoing, result, now)
                else:
                    record(session, self._pace, outgoing, result, now)
            ready = self._claim(session, room, now)
            return [*ready, *self._claim_edits(session, room - len(ready), now)]

    def _anything_due(self, now: datetime) -> bool:
        with self._store.reading() as session:
            is_due = outbox.anything_due(session, now, elsewhere=self._may_go_elsewhere(session))
            return is_due or outbox_edits.anything_to_edit(session, now)

    def _may_go_elsewhere(self, session: Session) -> bool:
        """Whether what is for a frozen channel can be told another way that is itself to be trusted."""
        if self._other is None:
            return False
        return not (self._other.slack_channel and is_frozen(session, self._other.slack_channel))

    def _came_back(self) -> list[tuple[Outgoing, Result]]:
        with self._lock:
            return list(self._back)

    def _forget(self, recorded: int) -> None:
        """Only what a committed turn recorded leaves the list."""
        with self._lock:
            del self._back[:recorded]
        self._in_flight -= recorded

    def _claim(self, session: Session, room: int, now: datetime) -> list[Outgoing]:
        """What may be sent now, its intent stored; what its channel has no room for yet is put off."""
        if not room:
            return []
        elsewhere = self._may_go_elsewhere(session)
        claimed = outbox.claim_due(session, now, limit=room, lease=LEASE, elsewhere=elsewhere)
        ready, waiting = [], Counter[str]()
        for outgoing in with_threads(session, claimed):
            at = self._pace.later(outgoing.channel, now, waiting[outgoing.channel])
            if at > now:
                waiting[outgoing.channel] += 1
                self._put_off(session, outgoing, at)
            elif outgoing.is_unknown or outbox.mark_sending(session, outgoing.message):
                self._pace.take(outgoing.channel, now)
                ready.append(outgoing)
        return ready

    def _claim_edits(self, session: Session, room: int, now: datetime) -> list[Outgoing]:
        """What may be edited now; what must wait for the channel's or Slack's allowance is put off."""
        if room <= 0:
            return []
        ready = []
        claimed = outbox_edits.claim_edits(session, now, limit=room, lease=LEASE)
        for place, outgoing in enumerate(with_threads(session, claimed)):
            at = max(self._pace.spare_at(outgoing.channel, now), self._edits.free_at(EDITS, now))
            if at > now:
                put_off = at + place * EDIT_INTERVAL
                error = outgoing.message.error
                outbox_edits.mark_edit_later(
                    session, outgoing.message, next_at=put_off, error=error, counts=False
                )
            else:
                self._pace.take(outgoing.channel, now)
                self._edits.take(EDITS, now)
                ready.append(outgoing)
        return ready

    def _put_off(self, session: Session, outgoing: Outgoing, at: datetime) -> None:
        put_off = outbox.mark_unknown if outgoing.is_unknown else outbox.mark_failed
        put_off(session, outgoing.message, next_at=at, error=outgoing.message.error)

    def _start(self, outgoing: Outgoing) -> None:
        self._in_flight += 1
        self._pool.submit(self._attempt, outgoing)

    def _attempt(self, outgoing: Outgoing) -> None:
        sender = self._other.sender if outgoing.elsewhere and self._other else self._sender
        result = attempt(sender, outgoing)
        with self._lock:
            self._back.append((outgoing, result))
        self._news.set()

"""The dispatcher: takes messages from the outbox and has them told, each line of an incident in its order.

One turn is one transaction: what came back is recorded, what is due is claimed, and the intent to send it
is stored. Sending itself happens between transactions, in threads, many channels at a time.
"""

from __future__ import annotations

import logging
import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import assert_never

from sqlmodel import Session

from flows.clock import incident_now
from flows.outgoing import Outgoing, bury_unsealable, with_threads
from flows.settings import Settings
from notify.kinds import MessageFault
from notify.pace import Pace, wait_after
from notify.render import SlackMessage, render, render_bare
from notify.sending import Absent, Dead, LogSender, Sender, Sent, TryLater, Unknown
from notify.slack import SlackSender
from playbooks.errors import InstantFault, Unreachable
from store import outbox, timeline
from store.database import Store
from store.seal import Unsealable
from store.tables import Incident

SENDERS = 16
LEASE = timedelta(seconds=90)  # longer than the longest attempt, so that no second one runs beside it
DOUBT = timedelta(seconds=5)  # a request cut off here may still be on its way there
SKEW = timedelta(minutes=5)  # how far the channel's clock may lag behind ours
GIVE_UP = timedelta(hours=24)
POLL = 0.1  # seconds
AFTER_FAULT = 1.0  # seconds

Result = Sent | TryLater | Unknown | Dead | Absent
log = logging.getLogger("seventytwo.dispatch")


def sender_for(settings: Settings) -> Sender:
    """Slack where a token is configured, else our own log."""
    return SlackSender(settings.slack_token, settings.slack_url) if settings.slack_token else LogSender()


def dispatch_once(store: Store, sender: Sender, wall: Callable[[], datetime]) -> int:
    """Send everything that is due, wait until it is told, and return how many messages were."""
    dispatcher = Dispatcher(store, sender)
    try:
        return dispatcher.drain(wall)
    finally:
        dispatcher.close()


class Dispatcher:
    """Sends what the outbox holds; `turn` belongs to one thread, the senders to their own."""

    def __init__(self, store: Store, sender: Sender, *, senders: int = SENDERS) -> None:
        self._store, self._sender, self._limit = store, sender, senders
        self._pace = Pace()
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
        return sum(isinstance(result, Sent) for _, result in back)

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
                self._record(session, outgoing, result, now)
            return self._claim(session, room, now)

    def _anything_due(self, now: datetime) -> bool:
        with self._store.reading() as session:
            return outbox.anything_due(session, now)

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
        claimed = outbox.claim_due(session, now, limit=room, lease=LEASE)
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

    def _put_off(self, session: Session, outgoing: Outgoing, at: datetime) -> None:
        put_off = outbox.mark_unknown if outgoing.is_unknown else outbox.mark_failed
        put_off(session, outgoing.message, next_at=at, error=outgoing.message.error)

    def _start(self, outgoing: Outgoing) -> None:
        self._in_flight += 1
        self._pool.submit(self._attempt, outgoing)

    def _attempt(self, outgoing: Outgoing) -> None:
        try:
            result = _find(self._sender, outgoing) if outgoing.is_unknown else _post(self._sender, outgoing)
        except Exception as error:  # the one loop that must go on: a message's fault is its own
            log.exception("sending message %s failed in a way nobody foresaw", outgoing.message.id)
            result = Unknown(f"unforeseen: {type(error).__name__}")
        with self._lock:
            self._back.append((outgoing, result))
        self._news.set()

    def _record(self, session: Session, outgoing: Outgoing, result: Result, now: datetime) -> None:
        """Write one outcome; the row is the truth about it from here on."""
        message = outgoing.message
        match result:
            case Sent(external_id):
                outbox.mark_sent(session, message, at=now, external_id=external_id)
            case Absent():
                self._send_again(session, outgoing, now)
            case TryLater(why, after):
                until = now + max(wait_after(outgoing.attempt), timedelta(seconds=after or 0))
                if after is not None:
                    self._pace.pause(outgoing.channel, now, now + timedelta(seconds=after))
                self._retry(session, outgoing, why, until, now)
            case Unknown(why):
                outbox.mark_unknown(session, message, next_at=now + DOUBT, error=why)
            case Dead(why):
                self._bury(session, outgoing, why, now)
            case _:
                assert_never(result)

    def _send_again(self, session: Session, outgoing: Outgoing, now: datetime) -> None:
        """A channel that loses each attempt may not hold up the line for ever."""
        if now - outgoing.message.queued_at > GIVE_UP:
            self._bury(session, outgoing, f"given up after {GIVE_UP}: lost by the channel each time", now)
        else:
            outbox.mark_failed(session, outgoing.message, next_at=now, error="not arrived, sent again")

    def _retry(self, session: Session, outgoing: Outgoing, why: str, until: datetime, now: datetime) -> None:
        if now - outgoing.message.queued_at > GIVE_UP:
            self._bury(session, outgoing, f"given up after {GIVE_UP}: {why}", now)
        elif outgoing.is_unknown:
            outbox.mark_unknown(session, outgoing.message, next_at=until, error=why)
        else:
            outbox.mark_failed(session, outgoing.message, next_at=until, error=why)

    def _bury(self, session: Session, outgoing: Outgoing, why: str, now: datetime) -> None:
        """Give a message up where everybody will see it: in its row, in the timeline, in the log."""
        if not outbox.mark_dead(session, outgoing.message, error=why):
            return
        incident = (
            session.get(Incident, outgoing.message.incident_id) if outgoing.message.incident_id else None
        )
        timeline.append(
            session,
            chain=outgoing.ref,
            kind="message_undeliverable",
            author="system",
            at=incident_now(session, incident, now) if incident else now,
            recorded_at=now,
            payload={"message": outgoing.message.key, "kind": outgoing.message.kind, "why": why},
        )
        log.error("message %s of %s cannot be delivered: %s", outgoing.message.id, outgoing.ref, why)


def _post(sender: Sender, outgoing: Outgoing) -> Result:
    return sender.post(outgoing.channel, _rendered(outgoing), thread=outgoing.thread, key=outgoing.mark)


def _find(sender: Sender, outgoing: Outgoing) -> Result:
    since = outgoing.message.queued_at - SKEW
    return sender.find(outgoing.channel, thread=outgoing.thread, key=outgoing.mark, since=since)


def _rendered(outgoing: Outgoing) -> SlackMessage:
    """The message as it reads; one that cannot be rendered is told barely rather than not at all."""
    kind = outgoing.message.kind
    try:
        return render(kind, outgoing.fields)
    except (MessageFault, InstantFault) as fault:
        log.error("message %s told without its details: %s", outgoing.message.id, fault)  # noqa: TRY400 - whole
        return render_bare(kind, outgoing.ref, exercise=outgoing.exercise)

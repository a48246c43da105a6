"""The one writer of a desk: all requests that wait are stored in one transaction, then answered.

A request is answered after its commit, never before. When a batch fails, each of its requests is tried
alone: a repeated one finds its first answer, and a poisoned one harms nobody else.
"""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from queue import Empty, SimpleQueue

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session

from flows.intake.acting import Intake
from flows.intake.batch import take
from flows.intake.deliveries import Delivery, Reply, Unreadable, fault_body
from playbooks.errors import Retry

log = logging.getLogger("seventytwo.intake")

BATCH_LIMIT = 64
"""Requests stored in one transaction at most."""

ALERTS_LIMIT = 1_000
"""Alerts after which a transaction takes no more requests: while it lasts, nobody else may write."""

LINGER = 0.002
"""Seconds for which a batch waits for more requests, while there was more than one a moment ago."""

QUEUE_LIMIT = 2_000
"""Requests that may wait; beyond it the door answers 503 at once."""

_TRIES = 3

Writing = Callable[[], AbstractContextManager[Session]]


@dataclass(frozen=True, slots=True)
class _Waiting:
    delivery: Delivery
    answer: asyncio.Future[Reply]


class Writer:
    """A thread that stores deliveries; the watch begins what they open."""

    def __init__(self, writing: Writing, intake: Intake) -> None:
        self._writing, self._intake = writing, intake
        self._queue: SimpleQueue[_Waiting | None] = SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="intake-writer", daemon=True)
        self._usual = 1
        """Requests of the batches of late: as many senders wait for their answers together."""
        self.batches = 0

    def start(self) -> None:
        """Begin to store what is submitted."""
        self._thread.start()

    def stop(self) -> None:
        """Store and answer all that was submitted, then end."""
        self._queue.put(None)
        self._thread.join()

    @property
    def waiting(self) -> int:
        """How many requests wait to be stored."""
        return self._queue.qsize()

    async def store(self, delivery: Delivery) -> Reply:
        """Store a delivery with whatever else waits; returns once it is committed."""
        if self.waiting >= QUEUE_LIMIT:
            return _BUSY
        answer: asyncio.Future[Reply] = asyncio.get_running_loop().create_future()
        self._queue.put(_Waiting(delivery, answer))
        return await answer

    def _run(self) -> None:
        while (batch := self._next_batch()) is not None:
            replies = self._settle([one.delivery for one in batch])
            self.batches += 1
            loop = batch[0].answer.get_loop()
            loop.call_soon_threadsafe(_answer, batch, replies)

    def _next_batch(self) -> list[_Waiting] | None:
        """Wait for a request and take what else is there; None once the writer is to end."""
        first = self._queue.get()
        if first is None:
            return None
        batch, alerts = [first], _alerts(first)
        until = time.monotonic() + LINGER if self._usual > 1 else 0.0
        while len(batch) < BATCH_LIMIT and alerts < ALERTS_LIMIT:
            try:
                more = self._more(until if len(batch) < self._usual else 0.0)
            except Empty:
                break
            if more is None:
                self._queue.put(None)
                break
            batch.append(more)
            alerts += _alerts(more)
        self._usual = max(len(batch), self._usual - 1)
        return batch

    def _more(self, until: float) -> _Waiting | None:
        """The next request, waited for until an instant of the monotonic clock; raises Empty."""
        left = until - time.monotonic() if until else 0.0
        return self._queue.get(timeout=left) if left > 0 else self._queue.get_nowait()

    def _settle(self, deliveries: Sequence[Delivery]) -> list[Reply]:
        try:
            return self._commit(deliveries, look_back=False)
        except IntegrityError:  # one of them was answered before
            log.info("a batch of %d is looked at one by one", len(deliveries))
        except Exception:
            log.warning("a batch of %d is tried one by one", len(deliveries), exc_info=True)
        return [self._alone(one) for one in deliveries]

    def _alone(self, delivery: Delivery) -> Reply:
        for _ in range(_TRIES):
            try:
                return self._commit([delivery], look_back=True)[0]
            except (IntegrityError, Retry):
                # Another desk stored the very same request meanwhile, or the database was busy: look again.
                log.info("an alert is tried again", exc_info=True)
            except Exception:
                log.exception("an alert of source %s could not be stored", delivery.source.name)
                return self._kept(delivery)
        return _BUSY

    def _kept(self, delivery: Delivery) -> Reply:
        """Keep in quarantine what was understood and yet cannot be stored, so that it is not lost."""
        mend = "it is kept: replay it with `seventytwo alert quarantine` once the log's reason is mended"
        refused = Unreadable(422, "the alert could not be stored", "", mend, delivery.body)
        try:
            return self._commit([replace(delivery, content=refused)], look_back=True)[0]
        except Exception:
            log.exception("nor could it be kept in quarantine")
            return _FAILED

    def _commit(self, deliveries: Sequence[Delivery], *, look_back: bool) -> list[Reply]:
        with self._writing() as session:
            return take(session, deliveries, self._intake, look_back=look_back)


def _alerts(one: _Waiting) -> int:
    content = one.delivery.content
    return 1 if isinstance(content, Unreadable) else len(content.claims)


def _answer(batch: Sequence[_Waiting], replies: Sequence[Reply]) -> None:
    for one, reply in zip(batch, replies, strict=True):
        if not one.answer.done():
            one.answer.set_result(reply)


_BUSY = Reply(503, fault_body("the store is busy", mend="send it again"))
_FAILED = Reply(500, fault_body("the alert could not be stored", mend="send it again; the log says why"))

"""The one writer of a desk: all requests that wait are stored in one transaction, then answered.

A request is answered after its commit, never before. A few alerts are stored by the event loop itself, where
the database is free at that instant: to hand them to a thread costs as much as they do. All else goes to the
thread, which may wait. When a batch fails there, each of its requests is tried alone: a repeated one finds
its first answer, and a poisoned one harms nobody else.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

from sqlalchemy.exc import IntegrityError

from flows.intake.acting import Intake
from flows.intake.batch import take
from flows.intake.deliveries import Delivery, Reply, Unreadable, fault_body
from playbooks.errors import Retry
from store.database import Store

log = logging.getLogger("seventytwo.intake")

BATCH_LIMIT = 64
"""Requests stored in one transaction at most."""

ALERTS_LIMIT = 1_000
"""Alerts after which a transaction takes no more requests: while it lasts, nobody else may write."""

FEW = 32
"""Alerts that the event loop stores itself: nobody else is served meanwhile."""

SWIFT = 0.1
"""Seconds in which a batch is stored while the database is well."""

TURNS = 3
"""Turns of the event loop for which a batch waits for requests that are being read already."""

QUEUE_LIMIT = 2_000
"""Requests that may wait; beyond it the door answers 503 at once."""

_TRIES = 3


@dataclass(frozen=True, slots=True)
class _Waiting:
    delivery: Delivery
    answer: asyncio.Future[Reply]


class Writer:
    """Stores deliveries, one batch at a time, for one event loop; the watch begins what they open."""

    def __init__(self, store: Store, intake: Intake) -> None:
        self._store, self._intake = store, intake
        self._gathered: deque[_Waiting] = deque()
        self._idle = asyncio.Event()
        """Set while no batch is being gathered or stored."""
        self._idle.set()
        self._is_swift = True
        """Whether the last batch was stored in no time: only then the event loop stores the next itself."""
        self._is_ending = False
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="intake-writer")
        self.batches = 0

    async def stop(self) -> None:
        """Store and answer all that was submitted, then end; what comes later is refused at once."""
        self._is_ending = True
        await self._idle.wait()
        self._thread.shutdown()

    @property
    def waiting(self) -> int:
        """How many requests wait to be stored."""
        return len(self._gathered)

    async def store(self, delivery: Delivery) -> Reply:
        """Store a delivery with whatever else waits; returns once it is committed."""
        if self._is_ending or self.waiting >= QUEUE_LIMIT:
            return _BUSY
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[Reply] = loop.create_future()
        self._gathered.append(_Waiting(delivery, answer))
        if self._idle.is_set():
            self._go_on(loop)
        return await answer

    def _go_on(self, loop: asyncio.AbstractEventLoop) -> None:
        """Gather the next batch, if there is anything to be stored."""
        if not self._gathered:
            self._idle.set()
            return
        self._idle.clear()
        loop.call_soon(self._gather, loop, TURNS, len(self._gathered))

    def _gather(self, loop: asyncio.AbstractEventLoop, turns: int, seen: int) -> None:
        """Wait until nothing more comes for some turns, then store a batch."""
        count = len(self._gathered)
        if turns and count < BATCH_LIMIT:
            loop.call_soon(self._gather, loop, TURNS if count > seen else turns - 1, count)
            return
        batch, began = self._next_batch(), loop.time()
        if (replies := self._stored_at_once(batch)) is not None:
            self._answer(loop, batch, replies, began)
            return
        settling = loop.run_in_executor(self._thread, self._settle, [one.delivery for one in batch])
        settling.add_done_callback(lambda done: self._answer(loop, batch, _replies(done, batch), began))

    def _next_batch(self) -> list[_Waiting]:
        """As many of those that wait as one transaction takes."""
        batch: list[_Waiting] = []
        alerts = 0
        while self._gathered and len(batch) < BATCH_LIMIT and alerts < ALERTS_LIMIT:
            batch.append(self._gathered.popleft())
            alerts += _alerts(batch[-1])
        return batch

    def _answer(
        self,
        loop: asyncio.AbstractEventLoop,
        batch: Sequence[_Waiting],
        replies: Sequence[Reply],
        began: float,
    ) -> None:
        self.batches += 1
        self._is_swift = loop.time() - began < SWIFT
        for one, reply in zip(batch, replies, strict=True):
            if not one.answer.done():
                one.answer.set_result(reply)
        self._go_on(loop)

    def _stored_at_once(self, batch: Sequence[_Waiting]) -> list[Reply] | None:
        """Store a few alerts here, unless that means to wait or goes wrong: then the thread does it."""
        if not self._is_swift or sum(map(_alerts, batch)) > FEW:
            return None
        try:
            return self._commit([one.delivery for one in batch], look_back=False, at_once=True)
        except Exception as error:  # noqa: BLE001 - whatever it is, the thread looks into it
            log.debug("a batch of %d is left to the thread: %s", len(batch), type(error).__name__)
            return None

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

    def _commit(
        self, deliveries: Sequence[Delivery], *, look_back: bool, at_once: bool = False
    ) -> list[Reply]:
        with self._store.writing(at_once=at_once) as session:
            return take(session, deliveries, self._intake, look_back=look_back)


def _replies(done: asyncio.Future[list[Reply]], batch: Sequence[_Waiting]) -> list[Reply]:
    """What a thread replied to a batch; it must answer whatever befell it, for the next batch waits."""
    if (fault := done.exception()) is None:
        return done.result()
    log.error("a batch of %d could not be settled", len(batch), exc_info=fault)
    return [_FAILED] * len(batch)


def _alerts(one: _Waiting) -> int:
    content = one.delivery.content
    return 1 if isinstance(content, Unreadable) else len(content.claims)


_BUSY = Reply(503, fault_body("the store is busy", mend="send it again"))
_FAILED = Reply(500, fault_body("the alert could not be stored", mend="send it again; the log says why"))

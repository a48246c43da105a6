"""The door for alerts: POST /alerts/{source}, a bare ASGI endpoint, for it is the busiest of the desk."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from starlette.types import Receive, Scope, Send

from flows.intake import answers
from flows.intake.answers import Answer, answer
from flows.intake.authentication import NO_SECRET, Denied, Headers, Verdict, verify
from flows.intake.claims import Understood
from flows.intake.deliveries import Delivery, KnownSource, Unreadable, fault_body
from flows.intake.directory import Directory
from flows.intake.rating import Rates
from flows.intake.receiving import PATIENCE, TooLarge, TooSlow, Unpackable, received, unpacked
from flows.intake.rehearsals import Rehearsals
from flows.intake.tally import Tally
from flows.intake.understanding import understood
from flows.intake.writer import Writer
from playbooks.errors import Retry

log = logging.getLogger("seventytwo.intake")

PREFIX = "/alerts/"
"""The path of the door; the source's name follows."""

DRY_RUN = b"x-seventytwo-dry-run"
_WET = {b"", b"0", b"false"}


@dataclass(frozen=True, slots=True)
class AlertDoor:
    """Reads, checks and stores one request, and answers after the commit."""

    directory: Directory
    writer: Writer
    tally: Tally
    rates: Rates
    rehearsals: Rehearsals
    wall_now: Callable[[], datetime]
    patience: float = PATIENCE

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        given = await self._answer(scope, receive)
        if given is not None:
            await given.send(send)

    async def _answer(self, scope: Scope, receive: Receive) -> Answer | None:
        if scope["method"] != "POST":
            return answers.NOT_POST
        headers: Headers = dict(scope["headers"])
        try:
            body = await received(headers, receive, self.patience)
        except TooLarge:
            return self._refused("too_large", answers.TOO_LARGE)
        except TooSlow:
            return self._refused("too_slow", answers.TOO_SLOW)
        if body is None:  # the sender went away
            return None
        return await self._admitted(scope["path"].removeprefix(PREFIX), headers, body)

    async def _admitted(self, name: str, headers: Headers, body: bytes) -> Answer:
        try:
            source = await self.directory.find(name)
        except Retry:
            return self._refused("store_busy", answers.BUSY)
        wall = self.wall_now()
        verdict = _verdict(source, headers, body, wall)
        if source is None:
            return self._refused("unknown_source", answers.UNKNOWN)
        if isinstance(verdict, Denied):
            return self._refused(verdict.reason, answers.denied(verdict))
        if seconds := self.rates.charge(source.id, source.per_minute):
            return self._refused("rate", answers.too_many(seconds))
        body, content = _content(source, headers, body)
        if headers.get(DRY_RUN, b"") not in _WET:
            return await self._foretold(source, content, wall)
        reply = await self.writer.store(Delivery(source, verdict.digest, wall, content, body=body))
        self.tally.count(reply)
        return answers.stored(reply)

    async def _foretold(
        self, source: KnownSource, content: Understood | Unreadable, wall: datetime
    ) -> Answer:
        if isinstance(content, Unreadable):
            return answer(content.status, fault_body(content.what, content.which, content.mend))
        try:
            told = await self.rehearsals.foretold(source, content, wall)
        except Retry:
            return self._refused("store_busy", answers.BUSY)
        except Exception:
            # What cannot be decided is kept when it comes in earnest: a rehearsal says so.
            log.exception("a dry run of source %s failed", source.name)
            return answers.UNDECIDED
        self.tally.rehearse(len(content.claims))
        return answer(200, told)

    def _refused(self, reason: str, given: Answer) -> Answer:
        self.tally.refuse(reason)
        return given


def _verdict(source: KnownSource | None, headers: Headers, body: bytes, wall: datetime) -> Verdict:
    """Check the request; for an unknown source the same work is done on a secret that nobody has."""
    if source is None:
        return verify("", "hmac", (NO_SECRET,), headers, body, now=wall)
    return verify(source.name, source.auth, source.secrets, headers, body, now=wall)


def _content(source: KnownSource, headers: Headers, body: bytes) -> tuple[bytes, Understood | Unreadable]:
    """The body as it was before it was packed, and what it claims."""
    try:
        plain = unpacked(headers, body)
    except Unpackable as fault:
        return body, Unreadable(fault.status, fault.what, fault.which, fault.mend, body)
    return plain, understood(source, plain)

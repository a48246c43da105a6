"""The door for alerts: POST /alerts/{source}, a bare ASGI endpoint, for it is the busiest of the desk."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from starlette.types import Message, Receive, Scope, Send

from flows.intake.authentication import NO_SECRET, Accepted, Denied, verify
from flows.intake.body import BODY_LIMIT, MalformedBody
from flows.intake.claims import Understood
from flows.intake.deliveries import Delivery, KnownSource, Reply, Unreadable, fault_body
from flows.intake.directory import Directory
from flows.intake.kinds import read_claims
from flows.intake.tally import Tally
from flows.intake.writer import Writer
from playbooks.errors import PayloadFault, Retry

PREFIX = "/alerts/"
"""The path of the door; the source's name follows."""


@dataclass(frozen=True, slots=True)
class AlertDoor:
    """Reads, checks and stores one request, and answers after the commit."""

    directory: Directory
    writer: Writer
    tally: Tally
    wall_now: Callable[[], datetime]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        reply = await self._reply(scope, receive)
        if reply is not None:
            await _send(send, reply)

    async def _reply(self, scope: Scope, receive: Receive) -> Reply | None:
        if scope["method"] != "POST":
            return _NOT_POST
        headers = _headers(scope)
        try:
            body = await _body(headers, receive)
        except _TooLarge:
            self.tally.refuse("too_large")
            return _TOO_LARGE
        if body is None:  # the sender went away
            return None
        return await self._admitted(scope["path"].removeprefix(PREFIX), headers, body)

    async def _admitted(self, name: str, headers: Mapping[str, str], body: bytes) -> Reply:
        try:
            source = await self.directory.find(name)
        except Retry:
            self.tally.refuse("store_busy")
            return _BUSY
        wall = self.wall_now()
        verdict = _verdict(source, headers, body, wall)
        if source is None:
            self.tally.refuse("unknown_source")
            return _UNKNOWN
        if isinstance(verdict, Denied):
            self.tally.refuse(verdict.reason)
            return _denied(verdict)
        reply = await self.writer.store(Delivery(source, verdict.digest, wall, _content(source, body)))
        self.tally.count(reply)
        return reply


def _verdict(
    source: KnownSource | None, headers: Mapping[str, str], body: bytes, wall: datetime
) -> Accepted | Denied:
    """Check the request; for an unknown source the same work is done on a secret that nobody has."""
    if source is None:
        return verify("", "hmac", NO_SECRET, headers, body, now=wall)
    return verify(source.name, source.auth, source.secret, headers, body, now=wall)


def _content(source: KnownSource, body: bytes) -> Understood | Unreadable:
    try:
        return read_claims(source.kind, body)
    except PayloadFault as fault:
        status = 400 if isinstance(fault, MalformedBody) else 422
        return Unreadable(status, fault.what, fault.which, fault.mend, body)


class _TooLarge(Exception):
    """The body is longer than the door reads."""


async def _body(headers: Mapping[str, str], receive: Receive) -> bytes | None:
    """The whole body, or None if the sender went away; raises _TooLarge without reading the rest."""
    announced = headers.get("content-length", "0")
    if announced.isdigit() and int(announced) > BODY_LIMIT:
        raise _TooLarge
    chunks: list[bytes] = []
    size = 0
    while True:
        message: Message = await receive()
        if message["type"] == "http.disconnect":
            return None
        chunk = message.get("body", b"")
        size += len(chunk)
        if size > BODY_LIMIT:
            raise _TooLarge
        chunks.append(chunk)
        if not message.get("more_body", False):
            return chunks[0] if len(chunks) == 1 else b"".join(chunks)


def _headers(scope: Scope) -> dict[str, str]:
    return {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}


async def _send(send: Send, reply: Reply) -> None:
    body = json.dumps(reply.body, separators=(",", ":")).encode()
    headers = [*_HEADERS, (b"content-length", str(len(body)).encode())]
    if reply.status == 413:
        headers.append((b"connection", b"close"))
    if reply.status == 503:
        headers.append((b"retry-after", b"1"))
    if reply.status == 401:
        headers.append((b"www-authenticate", b"Bearer"))
    await send({"type": "http.response.start", "status": reply.status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


_HEADERS = [(b"content-type", b"application/json"), (b"cache-control", b"no-store")]


def _denied(verdict: Denied) -> Reply:
    what, mend = _REFUSALS[verdict.reason]
    return Reply(401, fault_body(what, mend=mend))


_REFUSALS: Mapping[str, tuple[str, str]] = {
    "unsigned": ("the request is not signed", "sign it with the source's secret, or send its bearer token"),
    "stale": ("the timestamp is not within five minutes of now", "check the sender's clock"),
    "wrong": ("the signature or token is wrong", "check the source's secret"),
}
_NOT_POST = Reply(405, fault_body("alerts are posted", mend="send POST"))
_UNKNOWN = Reply(404, fault_body("no such source", mend="add it with `seventytwo source add`"))
_BUSY = Reply(503, fault_body("the store is busy", mend="send it again"))
_TOO_LARGE = Reply(413, fault_body("the body is too large", mend=f"send at most {BODY_LIMIT} bytes"))

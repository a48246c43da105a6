"""What the door answers, as bytes ready to be sent; the refusals that never change are made once."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, NamedTuple

import orjson
from starlette.types import Send

from flows.intake.authentication import Denied
from flows.intake.body import BODY_LIMIT
from flows.intake.deliveries import Reply, fault_body

_HEADERS = [(b"content-type", b"application/json"), (b"cache-control", b"no-store")]
_RETRY_SOON = (b"retry-after", b"1")
_HANG_UP = (b"connection", b"close")
_ASK = (b"www-authenticate", b'Bearer, Basic realm="alerts"')


class Answer(NamedTuple):
    """One answer: status, every header, body."""

    status: int
    headers: list[tuple[bytes, bytes]]
    body: bytes

    async def send(self, send: Send) -> None:
        """Give it to whoever asked."""
        await send({"type": "http.response.start", "status": self.status, "headers": self.headers})
        await send({"type": "http.response.body", "body": self.body})


def answer(status: int, body: Mapping[str, Any], *more: tuple[bytes, bytes]) -> Answer:
    """An answer of JSON."""
    text = _json(body)
    return Answer(status, [*_HEADERS, (b"content-length", str(len(text)).encode()), *more], text)


def _json(body: Mapping[str, Any]) -> bytes:
    try:
        return orjson.dumps(body)
    except TypeError:  # a tool's text with half a character, or a number beyond 64 bits
        return json.dumps(body, separators=(",", ":")).encode()


def stored(reply: Reply) -> Answer:
    """The writer's reply, with what a sender must know where it is to come again."""
    if reply.status == 503:
        return answer(503, reply.body, _RETRY_SOON)
    return answer(reply.status, reply.body)


def too_many(seconds: int) -> Answer:
    """The source sends faster than it may."""
    body = fault_body("too many requests", mend=f"send it again after {seconds} s")
    return answer(429, body, (b"retry-after", str(seconds).encode()))


def _refusal(status: int, what: str, mend: str, *more: tuple[bytes, bytes]) -> Answer:
    return answer(status, fault_body(what, mend=mend), *more)


def _denial(what: str, mend: str) -> Answer:
    return _refusal(401, what, mend, _ASK)


_DENIALS = {
    "unsigned": _denial("the request is not signed", "prove the source as `seventytwo source list` says"),
    "stale": _denial("the timestamp is not within five minutes of now", "check the sender's clock"),
    "wrong": _denial("the signature or token is wrong", "check the source's secret"),
}

NOT_POST = _refusal(405, "alerts are posted", "send POST", (b"allow", b"POST"))
UNKNOWN = _refusal(404, "no such source", "add it with `seventytwo source add`")
BUSY = _refusal(503, "the store is busy", "send it again", _RETRY_SOON)
TOO_LARGE = _refusal(413, "the body is too large", f"send at most {BODY_LIMIT} bytes", _HANG_UP)
UNDECIDED = _refusal(422, "the alert could not be stored", "the log says why; in earnest it is kept")
TOO_SLOW = _refusal(408, "the body did not come in time", "send it again, whole", _HANG_UP)


def denied(verdict: Denied) -> Answer:
    """Why a request may not count."""
    return _DENIALS[verdict.reason]

"""A request's body taken in within bounds of size and time, and unpacked where it was sent packed."""

from __future__ import annotations

import asyncio
import zlib

from starlette.types import Receive

from flows.intake.authentication import Headers
from flows.intake.body import BODY_LIMIT
from notify.text import one_line
from playbooks.errors import PayloadFault

PATIENCE = 20.0
"""Seconds within which a body must have come whole."""

_OUT_OF_PATIENCE = "the body did not come in time"
_GZIP = 16 + zlib.MAX_WBITS


class TooLarge(Exception):
    """The body is longer than the door reads."""


class TooSlow(Exception):
    """The body did not come whole in time."""


class Unpackable(PayloadFault):
    """A body in a packing that the door does not open, or that does not open."""

    def __init__(self, status: int, what: str, which: str, mend: str) -> None:
        super().__init__(what, which=which, mend=mend)
        self.status = status


async def received(headers: Headers, receive: Receive, patience: float = PATIENCE) -> bytes | None:
    """The whole body, None if the sender went away; raises TooLarge without reading the rest, or TooSlow."""
    announced = headers.get(b"content-length", b"0")
    if announced.isdigit() and int(announced) > BODY_LIMIT:
        raise TooLarge
    task = asyncio.current_task()
    assert task is not None
    # asyncio.timeout does the same at four times the cost, which every alert would pay.
    alarm = asyncio.get_running_loop().call_later(patience, task.cancel, _OUT_OF_PATIENCE)
    try:
        return await _whole(receive)
    except asyncio.CancelledError as cancelled:
        if cancelled.args != (_OUT_OF_PATIENCE,) or task.uncancel():
            raise
        raise TooSlow from cancelled
    finally:
        alarm.cancel()


def unpacked(headers: Headers, body: bytes) -> bytes:
    """The body as it was before it was packed by gzip; raises Unpackable for any other packing."""
    packing = headers.get(b"content-encoding", b"").strip().lower()
    if packing in {b"", b"identity"}:
        return body
    if packing != b"gzip":
        which = one_line(packing.decode("latin-1"))[:40]
        raise Unpackable(415, "an encoding that is not read here", which, "send it plain, or as gzip")
    opener = zlib.decompressobj(_GZIP)
    try:
        plain = opener.decompress(body, BODY_LIMIT + 1)
    except zlib.error as fault:
        raise Unpackable(400, "not gzip", "body", "mend what packs it") from fault
    if len(plain) > BODY_LIMIT:
        raise Unpackable(413, "too large once unpacked", "body", f"send at most {BODY_LIMIT} bytes")
    if not opener.eof or opener.unused_data:
        raise Unpackable(400, "not one whole gzip stream", "body", "mend what packs it")
    return plain


async def _whole(receive: Receive) -> bytes | None:
    chunks: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        chunk = message.get("body", b"")
        size += len(chunk)
        if size > BODY_LIMIT:
            raise TooLarge
        chunks.append(chunk)
        if not message.get("more_body", False):
            return chunks[0] if len(chunks) == 1 else b"".join(chunks)

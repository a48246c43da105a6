"""A body taken in: bounded in time, and whoever ends the request otherwise is heard."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from starlette.types import Message

from flows.intake.receiving import TooLarge, TooSlow, received

Receive = Callable[[], Awaitable[Message]]


def sender(*chunks: bytes, ends: bool) -> Receive:
    rest = list(chunks)

    async def receive() -> Message:
        if not rest:
            await asyncio.Event().wait()
        chunk = rest.pop(0)
        return {"type": "http.request", "body": chunk, "more_body": bool(rest) or not ends}

    return receive


@pytest.mark.parametrize("chunks", [(), (b"",), (b'{"title": ',)])
def test_a_body_that_never_ends_is_given_up(chunks: tuple[bytes, ...]) -> None:
    with pytest.raises(TooSlow):
        asyncio.run(received({}, sender(*chunks, ends=False), patience=0.01))


def test_a_body_in_pieces_is_put_together() -> None:
    assert asyncio.run(received({}, sender(b"{", b"", b"}", ends=True))) == b"{}"


def test_a_body_longer_than_it_may_be_is_given_up_at_once() -> None:
    with pytest.raises(TooLarge):
        asyncio.run(received({b"content-length": b"1000001"}, sender(ends=False)))
    with pytest.raises(TooLarge):
        asyncio.run(received({}, sender(b"x" * 600_000, b"x" * 600_000, ends=False)))


def test_a_sender_that_goes_away_is_no_body() -> None:
    async def receive() -> Message:
        return {"type": "http.disconnect"}

    assert asyncio.run(received({}, receive)) is None


def test_a_desk_that_ends_is_not_taken_for_a_slow_sender() -> None:
    async def ended() -> None:
        task = asyncio.ensure_future(received({}, sender(ends=False)))
        await asyncio.sleep(0)
        task.cancel()
        await task

    with pytest.raises(asyncio.CancelledError):
        asyncio.run(ended())


def test_patience_with_one_body_says_nothing_of_the_next() -> None:
    async def two() -> bytes | None:
        with pytest.raises(TooSlow):
            await received({}, sender(ends=False), patience=0.01)
        return await received({}, sender(b"{}", ends=True), patience=0.01)

    assert asyncio.run(two()) == b"{}"

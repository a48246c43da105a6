"""The writer's end: what was submitted is answered, what comes later is refused and waits for nobody."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from flows.intake.batch import intake_of
from flows.intake.deliveries import Delivery, KnownSource, Reply, Unreadable
from flows.intake.writer import Writer
from store.database import Store
from tests.harness.desks import NOON, add_source, house_on


@pytest.fixture
def writer(store: Store, tmp_path: Path) -> Writer:
    add_source(store, "siem")
    return Writer(store, intake_of(house_on(store, tmp_path)))


def delivery(digest: str) -> Delivery:
    source = KnownSource(1, "siem", "generic", "hmac", ())
    return Delivery(source, digest, NOON, Unreadable(422, "no JSON", "", "send JSON", b"x"))


async def one_before_and_one_after_its_end(writer: Writer) -> list[Reply]:
    first = asyncio.create_task(writer.store(delivery("before")))
    await asyncio.sleep(0)
    await writer.stop()
    return [await first, await asyncio.wait_for(writer.store(delivery("after")), 10)]


def test_what_comes_while_the_writer_ends_is_refused_and_what_came_before_is_stored(
    writer: Writer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("flows.intake.writer.FEW", 0)
    before, after = asyncio.run(one_before_and_one_after_its_end(writer))
    assert (before.status, after.status) == (422, 503)

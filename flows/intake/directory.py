"""The sources a desk knows, read again once a second, so that a request costs no query to be checked."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from contextlib import AbstractContextManager

from sqlmodel import Session, col, select

from flows.intake.deliveries import KnownSource
from store.tables import Source, SourceKey

FRESH = 1.0
"""Seconds that what was read serves."""

SOON = 0.05
"""Seconds after which an unknown name is looked for again."""


class Directory:
    """The enabled sources by name; `monotonic` counts seconds."""

    def __init__(
        self,
        reading: Callable[[], AbstractContextManager[Session]],
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._reading, self._monotonic = reading, monotonic
        self._sources: dict[str, KnownSource] = {}
        self._read_at = float("-inf")
        self._one_reads = asyncio.Lock()

    async def find(self, name: str) -> KnownSource | None:
        """The enabled source of that name, as it stood at most a second ago."""
        if self._age() > (FRESH if name in self._sources else SOON):
            await self._refresh()
        return self._sources.get(name)

    async def _refresh(self) -> None:
        asked = self._monotonic()
        async with self._one_reads:
            if self._read_at < asked:
                self._sources = await asyncio.to_thread(self._read)
                self._read_at = self._monotonic()

    def _age(self) -> float:
        return self._monotonic() - self._read_at

    def _read(self) -> dict[str, KnownSource]:
        with self._reading() as session:
            rows = session.exec(select(Source).where(col(Source.disabled_at).is_(None))).all()
            keys = {
                key.source_id: key.secret
                for key in session.exec(select(SourceKey).order_by(col(SourceKey.id)))
            }
        return {row.name: _known(row, keys) for row in rows}


def _known(row: Source, keys: dict[int, str]) -> KnownSource:
    assert row.id is not None
    return KnownSource(row.id, row.name, row.kind, row.auth, keys[row.id])

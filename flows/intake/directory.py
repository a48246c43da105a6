"""The sources a desk knows, read again once a second, so that a request costs no query to be checked."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime
from functools import cache
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, or_
from sqlmodel import Session, col, select

from flows.intake.deliveries import KnownSource
from store.seal import Unsealable
from store.tables import Source, SourceKey

log = logging.getLogger("seventytwo.intake")

FRESH = 1.0
"""Seconds that what was read serves."""

SOON = 0.05
"""Seconds after which an unknown name is looked for again."""


class Directory:
    """The enabled sources by name; `monotonic` counts seconds."""

    def __init__(
        self,
        reading: Callable[[], AbstractContextManager[Session]],
        wall_now: Callable[[], datetime],
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._reading, self._wall_now, self._monotonic = reading, wall_now, monotonic
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
            secrets = valid_secrets(session, self._wall_now())
        return {row.name: known_source(row, secrets.get(row.id or 0, ())) for row in rows}


def valid_secrets(session: Session, wall: datetime) -> dict[int, tuple[bytes, ...]]:
    """The secrets that count at `wall` by source, the newest first."""
    counts = or_(col(SourceKey.until).is_(None), col(SourceKey.until) > wall)
    found: dict[int, tuple[bytes, ...]] = {}
    for key in _openable(session, counts):
        found[key.source_id] = (*found.get(key.source_id, ()), key.secret.encode())
    return found


def _openable(session: Session, counts: ColumnElement[bool]) -> list[SourceKey]:
    """The keys that our own keys unseal, the newest first: one that they do not must shut out no other."""
    newest = col(SourceKey.id).desc()
    try:
        return list(session.exec(select(SourceKey).where(counts).order_by(newest)))
    except Unsealable:
        numbers = session.exec(select(SourceKey.id).where(counts).order_by(newest)).all()
    return [key for number in numbers if (key := _opened(session, number)) is not None]


def _opened(session: Session, number: int | None) -> SourceKey | None:
    try:
        return session.get(SourceKey, number)
    except Unsealable:
        _tell_once(number)
        return None


@cache
def _tell_once(number: int | None) -> None:
    log.warning("source key %s cannot be unsealed: rotate it with `seventytwo source rotate`", number)


def known_source(row: Source, secrets: tuple[bytes, ...] = ()) -> KnownSource:
    """A source as the door knows it."""
    assert row.id is not None
    return KnownSource(
        id=row.id,
        name=row.name,
        kind=row.kind,
        auth=row.auth,
        secrets=secrets,
        playbook=row.playbook,
        client_id=row.client_id,
        exercise_id=row.exercise_id,
        channel=row.channel,
        zone=ZoneInfo(row.zone),
        per_minute=row.per_minute,
        mapping=row.mapping,
    )

"""A body rehearsed by hand: who would send it, what it says, and what would become of it; nothing is kept."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sqlmodel import Session

from flows.house import House
from flows.intake.batch import intake_of
from flows.intake.claims import Understood
from flows.intake.deliveries import KnownSource
from flows.intake.directory import known_source
from flows.intake.foretelling import foretell
from flows.intake.senders import known_sender, unknown_sender
from flows.settings import Settings
from playbooks.errors import ChooseAgain
from store.database import Store
from store.seal import Keyring
from store.tables import Source


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """What a rehearsal showed; `missing` is why no source of the house would take the body, if none would."""

    sender: KnownSource
    read: Understood
    would: list[dict[str, Any]]
    missing: ChooseAgain | None = None


def rehearse(house: House, named: str, body: bytes, wall: datetime) -> Rehearsal:
    """What would become of a body if it came at `wall` from a source of that name or kind.

    Where the house has no such source, one is imagined; raises NotFound, Refused and PayloadFault.
    """
    with house.store.writing() as session, session.begin_nested() as undone:
        sender, read, missing = _sender(session, named, body, wall)
        would = foretell(session, intake_of(house), sender, read.kind, read.claims, wall)
        undone.rollback()
    return Rehearsal(sender, read, would, missing)


@contextmanager
def house_of_nothing(settings: Settings) -> Iterator[House]:
    """A house with the rules and playbooks of these settings in which nothing has happened yet."""
    with TemporaryDirectory(prefix="seventytwo-") as folder:
        store = Store.open(f"sqlite:///{Path(folder) / 'store.db'}", Keyring([os.urandom(32)]))
        try:
            store.migrate()
            yield House(settings, store)
        finally:
            store.close()


def _sender(
    session: Session, named: str, body: bytes, wall: datetime
) -> tuple[KnownSource, Understood, ChooseAgain | None]:
    try:
        return *known_sender(session, named, body, wall), None
    except ChooseAgain as missing:
        sender, read = unknown_sender(named, body)
        return _imagined(session, sender.kind, wall), read, missing


def _imagined(session: Session, kind: str, wall: datetime) -> KnownSource:
    row = Source(name="", kind=kind, auth="hmac", added_at=wall)
    session.add(row)
    session.flush()
    return known_source(row)

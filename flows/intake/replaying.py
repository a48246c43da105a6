"""Quarantine looked at, and read again once an adapter is mended: stored then as it would have been."""

from __future__ import annotations

import logging
from collections import Counter
from dataclasses import dataclass, replace
from datetime import datetime

from sqlmodel import Session, col, func, select

from flows.intake.acting import Intake
from flows.intake.batch import take
from flows.intake.deliveries import Delivery, KnownSource, Unreadable
from flows.intake.directory import known_source
from flows.intake.kinds import ADAPTERS, AUTO
from flows.intake.quarantine import fault_text, kept_bytes
from flows.intake.understanding import understood
from flows.vouching import note_house
from playbooks.errors import Mend, NotFound, Refused, SeventytwoError
from store.database import Store
from store.tables import Quarantine, Source

log = logging.getLogger("seventytwo.intake")


@dataclass(frozen=True, slots=True)
class Kept:
    """A request in quarantine; its body is shown by `body_of` alone."""

    number: int
    source: str
    fault: str
    received_at: datetime
    replayed_at: datetime | None
    size: int | None
    """Bytes kept of it, sealed; none once they have expired."""


@dataclass(frozen=True, slots=True)
class Replayed:
    """What became of one: its results by name and the incidents, or why it stays."""

    number: int
    results: dict[str, int]
    incidents: tuple[str, ...] = ()
    stays: str = ""


def kept(session: Session) -> list[Kept]:
    """Every request in quarantine, the newest first."""
    columns = (
        Quarantine.id,
        Source.name,
        Quarantine.fault,
        Quarantine.received_at,
        Quarantine.replayed_at,
        func.length(Quarantine.body),
    )
    joined = select(*columns).join(Source, col(Source.id) == col(Quarantine.source_id))  # type: ignore[call-overload]
    return [Kept(*row) for row in session.exec(joined.order_by(col(Quarantine.id).desc()))]


def body_of(session: Session, number: int) -> bytes:
    """The words of one; raises NotFound, or Refused where they have expired."""
    row = session.get(Quarantine, number)
    if row is None:
        raise NotFound(_UNKNOWN, which=str(number), mend=_SEE)
    return _body(row)


def waiting(session: Session) -> list[int]:
    """Those that are neither replayed nor expired, in the order in which they came."""
    open_ = select(Quarantine.id).where(
        col(Quarantine.replayed_at).is_(None), col(Quarantine.body).is_not(None)
    )
    return [number for number in session.exec(open_.order_by(col(Quarantine.id))) if number is not None]


def replay(store: Store, intake: Intake, number: int, by: str, at: datetime, kind: str = "") -> Replayed:
    """Read one again by today's adapters and store it as what came at its instant, once.

    `kind` reads it as another kind than its source's. What is not understood yet, or cannot be stored, stays
    with its reason. Raises NotFound, Mend for a kind, Refused for one that was replayed or has expired.
    """
    if kind and kind != AUTO and kind not in ADAPTERS:
        raise Mend("no such kind of source", which=kind, mend=f"use {AUTO}, {', '.join(ADAPTERS)}")
    try:
        return _replayed(store, intake, number, by, at, kind)
    except SeventytwoError:
        raise
    except Exception:  # it was kept, perhaps, because of this very fault: the others must not wait for it
        log.exception("number %d in quarantine could not be stored", number)
        return Replayed(number, {}, stays="it could not be stored: the log says why")


def _replayed(store: Store, intake: Intake, number: int, by: str, at: datetime, kind: str) -> Replayed:
    with store.writing() as session:
        row = session.exec(select(Quarantine).where(Quarantine.id == number).with_for_update()).first()
        if row is None:
            raise NotFound(_UNKNOWN, which=str(number), mend=_SEE)
        if row.replayed_at is not None:
            raise Refused("it was replayed already", which=str(number))
        source = known_source(session.get_one(Source, row.source_id))
        done = _again(session, intake, row, replace(source, kind=kind or source.kind), at)
        payload = {"number": number, "source": source.name, "kind": kind or source.kind}
        told = payload | {"results": done.results, "incidents": list(done.incidents), "stays": done.stays}
        note_house(session, "quarantine_replayed", by, told, at)
    return done


def _again(session: Session, intake: Intake, row: Quarantine, source: KnownSource, at: datetime) -> Replayed:
    body = _body(row)
    content = understood(source, body)
    assert row.id is not None
    if isinstance(content, Unreadable):
        row.fault = fault_text(content.what, content.which)
        session.add(row)
        return Replayed(row.id, {}, stays=row.fault)
    row.replayed_at = at
    session.add(row)
    session.flush()
    (reply,) = take(
        session, [Delivery(source, None, row.received_at, content, is_replay=True, body=body)], intake
    )
    results = reply.body["results"]
    incidents = dict.fromkeys(one["incident"] for one in results if one["incident"])
    return Replayed(row.id, dict(Counter(one["result"] for one in results)), tuple(incidents))


def _body(row: Quarantine) -> bytes:
    if row.body is None:
        raise Refused("its body has expired", which=str(row.id), mend="ask its tool to send it again")
    return kept_bytes(row.body)


_UNKNOWN = "no such number in quarantine"
_SEE = "see `seventytwo alert quarantine list`"

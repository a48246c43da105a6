"""The timeline: what happened, appended to a chain that shows every later edit."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy import update
from sqlmodel import Session, col, select

from playbooks.errors import NotFound, Refused
from store.chain import ERASED, GENESIS, Broken, Link, Verified, check_chain, link
from store.counters import next_number
from store.seal import Unsealable
from store.swift import Swift, columns_of, insert
from store.tables import Counter, Incident, TimelineEntry

HOUSE = "house"
_COLUMNS = [field.name for field in fields(Link)]
_INSERT = insert(TimelineEntry, _COLUMNS)
_HASH = Swift(
    "SELECT hash FROM timeline WHERE chain = ? AND seq = ?",
    columns_of(TimelineEntry, "chain", "seq"),
    columns_of(TimelineEntry, "hash"),
)
_HEADS = "seventytwo_heads"  # in the session's info
HEAD = "chain:"
"""Before a chain's name: the counter that numbers it, and so remembers how long it is."""

__all__ = [
    "HOUSE",
    "Broken",
    "Event",
    "Verified",
    "append",
    "append_all",
    "chains",
    "entries",
    "erase",
    "verify",
]


@dataclass(frozen=True, slots=True)
class Event:
    """What an entry of a timeline says; `at` is when it happened."""

    kind: str
    author: str
    at: datetime
    payload: Mapping[str, Any]
    case_ref: str = ""


def append(
    session: Session,
    *,
    chain: str,
    kind: str,
    author: str,
    at: datetime,
    recorded_at: datetime,
    payload: Mapping[str, Any],
    case_ref: str | None = None,
) -> None:
    """Add the next entry of a chain (an incident's reference, or HOUSE), which stays locked until commit."""
    event = Event(kind, author, at, payload, case_ref or "")
    append_all(session, chain=chain, recorded_at=recorded_at, events=[event])


def append_all(session: Session, *, chain: str, recorded_at: datetime, events: Sequence[Event]) -> None:
    """Add the next entries of a chain in this order, written together."""
    if not events:
        return
    first = next_number(session, HEAD + chain, len(events)) - len(events) + 1
    previous = _hash_before(session, chain, first)
    links: list[Link] = []
    for seq, event in enumerate(events, first):
        links.append(_link(chain, seq, previous, event, recorded_at))
        previous = links[-1].hash
    session.flush()
    _INSERT.many(session.connection(), [tuple(getattr(one, name) for name in _COLUMNS) for one in links])
    _heads(session)[chain] = (links[-1].seq, previous)


def _link(chain: str, seq: int, previous: str, event: Event, recorded_at: datetime) -> Link:
    return link(
        chain=chain,
        seq=seq,
        previous=previous,
        kind=event.kind,
        author=event.author,
        case_ref=event.case_ref,
        at=event.at,
        recorded_at=recorded_at,
        payload=event.payload,
        salt=secrets.token_hex(16),
    )


def erase(
    session: Session, *, chain: str, seq: int, author: str, at: datetime, recorded_at: datetime, reason: str
) -> None:
    """Erase one payload and its salt for ever, and record that; raises NotFound, or Refused for a record."""
    found = session.exec(_entry(chain, seq)).first()
    if found is None:
        raise NotFound("no such timeline entry", which=f"{chain} {seq}")
    if found.kind == ERASED:
        raise Refused("the record of an erasure is kept", which=f"{chain} {seq}")
    session.execute(
        update(TimelineEntry).where(col(TimelineEntry.id) == found.id).values(payload=None, salt=None)
    )
    append(
        session,
        chain=chain,
        kind=ERASED,
        author=author,
        at=at,
        recorded_at=recorded_at,
        payload={"seq": seq, "reason": reason},
    )


def entries(session: Session, chain: str) -> list[TimelineEntry]:
    """Every entry of a chain in order; raises Unsealable for a payload that was tampered with."""
    statement = select(TimelineEntry).where(TimelineEntry.chain == chain).order_by(col(TimelineEntry.seq))
    return list(session.exec(statement.execution_options(populate_existing=True)).all())


def chains(session: Session) -> list[str]:
    """The names of all chains there are or must be: every incident's, the house's, and any with entries."""
    named = set(session.exec(select(Incident.ref)).all())
    named.update(session.exec(select(TimelineEntry.chain).distinct()).all())
    counted = session.exec(select(Counter.name).where(col(Counter.name).startswith(HEAD))).all()
    return sorted(named.union(name.removeprefix(HEAD) for name in counted))


def verify(session: Session, chain: str) -> Verified | Broken:
    """Judge a chain as it is stored: edited, reordered, inserted, missing, or cut off; raises NotFound."""
    length = session.exec(select(Counter.value).where(Counter.name == HEAD + chain)).first() or 0
    try:
        found = entries(session, chain)
    except (Unsealable, ValueError, TypeError) as error:
        return Broken(chain, _first_unreadable(session, chain), f"it cannot be read: {error}")
    if not found and not length:
        if session.exec(select(Incident.id).where(Incident.ref == chain)).first() is None:
            raise NotFound("no such chain", which=chain)
        return Broken(chain, 1, "an incident without a timeline")
    return check_chain(chain, found, length)


def _first_unreadable(session: Session, chain: str) -> int:
    numbers = select(TimelineEntry.seq).where(TimelineEntry.chain == chain).order_by(col(TimelineEntry.seq))
    for seq in session.exec(numbers).all():
        try:
            session.exec(_entry(chain, seq)).first()
        except (Unsealable, ValueError, TypeError):
            return seq
    return 0


def _entry(chain: str, seq: int) -> Any:
    return (
        select(TimelineEntry)
        .where(TimelineEntry.chain == chain, TimelineEntry.seq == seq)
        .execution_options(populate_existing=True)
    )


def _hash_before(session: Session, chain: str, seq: int) -> str:
    if seq == 1:
        return GENESIS
    remembered, head = _heads(session).get(chain, (0, ""))
    if remembered == seq - 1:
        return head
    ((found,),) = _HASH.rows(session.connection(), (chain, seq - 1))
    return str(found)


def _heads(session: Session) -> dict[str, tuple[int, str]]:
    """Number and hash of the last entry of each chain that this very transaction, or savepoint, appended to.

    Nobody else appends meanwhile, for the chain's counter is locked; nothing outlives its transaction here.
    """
    now = session.get_nested_transaction() or session.get_transaction()
    transaction, heads = session.info.get(_HEADS, (None, {}))
    if transaction is None or transaction is not now:
        heads = {}
        session.info[_HEADS] = (now, heads)
    return heads  # type: ignore[no-any-return]

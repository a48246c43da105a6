"""The timeline: what happened, appended to a chain that shows every later edit."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from sqlmodel import Session, select

from store.counters import next_number
from store.tables import TimelineEntry
from store.types import canonical

HOUSE = "house"
GENESIS = "0" * 64


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
) -> TimelineEntry:
    """Add the next entry of a chain (an incident's reference, or HOUSE), which stays locked until commit."""
    seq = next_number(session, head_name(chain))
    salt = secrets.token_hex(16)
    entry = TimelineEntry(
        chain=chain,
        seq=seq,
        kind=kind,
        author=author,
        case_ref=case_ref or "",
        at=at,
        recorded_at=recorded_at,
        previous=_head(session, chain, seq),
        payload=dict(payload),
        salt=salt,
        canonical="",
        hash="",
    )
    entry.canonical = canonical_text(entry, payload_digest(salt, canonical(payload)))
    entry.hash = digest(entry.canonical)
    session.add(entry)
    session.flush()
    return entry


def head_name(chain: str) -> str:
    """The name of the counter that numbers a chain and remembers how long it is."""
    return f"chain:{chain}"


def payload_digest(salt: str, payload: str) -> str:
    """What a chain keeps of a payload: a digest that tells nothing once the salt is erased."""
    return hmac.new(salt.encode(), payload.encode(), hashlib.sha256).hexdigest()


def canonical_text(entry: TimelineEntry, digest_of_payload: str) -> str:
    """The text that an entry's hash covers: every column, the previous hash, the payload's digest."""
    return canonical(
        {
            "format": 1,
            "chain": entry.chain,
            "seq": entry.seq,
            "kind": entry.kind,
            "author": entry.author,
            "case": entry.case_ref,
            "at": entry.at.astimezone(UTC).isoformat(),
            "recorded_at": entry.recorded_at.astimezone(UTC).isoformat(),
            "previous": entry.previous,
            "payload": digest_of_payload,
        }
    )


def digest(text: str) -> str:
    """SHA-256 of a canonical text, in hex."""
    return hashlib.sha256(text.encode()).hexdigest()


def _head(session: Session, chain: str, seq: int) -> str:
    if seq == 1:
        return GENESIS
    return session.exec(
        select(TimelineEntry.hash).where(TimelineEntry.chain == chain, TimelineEntry.seq == seq - 1)
    ).one()

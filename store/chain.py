"""The arithmetic of a hash chain, apart from where it is stored."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from store.tables import TimelineEntry
from store.types import canonical

GENESIS = "0" * 64
ERASED = "erased"  # the kind of the entry that records an erasure


@dataclass(frozen=True, slots=True)
class Verified:
    """A chain that is whole; `head` is the hash of its last entry, to be kept elsewhere."""

    chain: str
    entries: int
    head: str
    erased: int = 0


@dataclass(frozen=True, slots=True)
class Broken:
    """A chain that is not as it was written, from `seq` on."""

    chain: str
    seq: int
    why: str


@dataclass(slots=True, kw_only=True)
class Link:
    """A link of a chain as it is to be written: the columns of a TimelineEntry."""

    chain: str
    seq: int
    kind: str
    author: str
    case_ref: str
    at: datetime
    recorded_at: datetime
    previous: str
    payload: dict[str, Any] | None
    salt: str | None
    canonical: str = ""
    hash: str = ""


def payload_digest(salt: str, payload: Mapping[str, Any]) -> str:
    """What the chain keeps of a payload: a digest that tells nothing once the salt is erased."""
    return hmac.new(salt.encode(), canonical(payload).encode(), hashlib.sha256).hexdigest()


def link(
    *,
    chain: str,
    seq: int,
    previous: str,
    kind: str,
    author: str,
    case_ref: str,
    at: datetime,
    recorded_at: datetime,
    payload: Mapping[str, Any],
    salt: str,
) -> Link:
    """The link that follows the one whose hash is `previous`."""
    entry = Link(
        chain=chain,
        seq=seq,
        previous=previous,
        kind=kind,
        author=author,
        case_ref=case_ref,
        at=at,
        recorded_at=recorded_at,
        payload=dict(payload),
        salt=salt,
    )
    entry.canonical = canonical_text(entry, payload_digest(salt, payload))
    entry.hash = digest(entry.canonical)
    return entry


def canonical_text(entry: TimelineEntry | Link, digest_of_payload: str) -> str:
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
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def check_chain(chain: str, entries: Iterable[TimelineEntry | Link], length: int) -> Verified | Broken:
    """Judge the entries of a chain, in the order of their numbers, of which there must be `length`."""
    previous, count = GENESIS, 0
    erased: set[int] = set()
    recorded: set[int] = set()
    for entry in entries:
        count += 1
        if why := _fault(entry, chain, count, previous):
            return Broken(chain, count, why)
        previous = entry.hash
        if entry.payload is None:
            erased.add(count)
        elif entry.kind == ERASED:
            recorded.add(entry.payload.get("seq", 0))
    if count != length:
        return Broken(chain, min(count, length) + 1, f"{count} entries where {length} were written")
    if unexplained := erased - recorded:
        return Broken(chain, min(unexplained), "the payload is gone, and no entry records its erasure")
    return Verified(chain, count, previous, len(erased))


def _fault(entry: TimelineEntry | Link, chain: str, seq: int, previous: str) -> str:
    """What is wrong with one entry in its place, or nothing."""
    if entry.chain != chain or entry.seq != seq:
        return f"entry {seq} is missing"
    if entry.previous != previous:
        return "it does not follow the entry before it"
    if digest(entry.canonical) != entry.hash:
        return "its hash is not that of its text"
    try:
        kept = json.loads(entry.canonical)["payload"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return "its text cannot be read"
    if canonical_text(entry, kept) != entry.canonical:
        return "its columns are not what its text says"
    return _payload_fault(entry, kept)


def _payload_fault(entry: TimelineEntry | Link, kept: str) -> str:
    match entry.payload, entry.salt:
        case None, None:
            return "the record of an erasure was erased" if entry.kind == ERASED else ""
        case (None, _) | (_, None):
            return "only one of payload and salt is there"
        case payload, salt:
            return "" if payload_digest(salt, payload) == kept else "its payload is not the one written"

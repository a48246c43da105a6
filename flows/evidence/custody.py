"""The chain of custody: entries only ever added, each told in the timeline's chain too, which proves it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlmodel import Session, col, func, select

from flows.deciding import Decision, note
from flows.evidence.items import name_of
from store.tables import Custody, Evidence, Incident, TimelineEntry

_NOTED = {"collected": "evidence_secured"}
"""What the timeline calls an entry where it is not `evidence_` and its kind."""


@dataclass(frozen=True, slots=True)
class Proven:
    """An entry, the number of the timeline's entry that says the same, and else what is wrong."""

    entry: Custody
    seq: int | None
    fault: str


def enter(
    decision: Decision,
    item: Evidence,
    kind: str,
    by: str,
    *,
    author: str = "",
    to: str = "",
    why: str = "",
    sha256: str = "",
    at: datetime | None = None,
    more: Mapping[str, Any] | None = None,
) -> None:
    """Add an entry to an item's chain of custody, and say it in the timeline by references alone.

    The `author` of the timeline's entry is `by` unless somebody else brought the word of it.
    """
    session = decision.session
    taken = session.exec(select(func.count()).where(col(Custody.evidence_id) == item.id)).one()
    assert item.id is not None
    entry = Custody(
        evidence_id=item.id, seq=taken + 1, kind=kind, by=by, to=to, why=why, sha256=sha256,
        at=at or decision.now, recorded_at=decision.wall,
    )  # fmt: skip
    session.add(entry)
    session.flush()
    payload = {**_payload(item, entry), **(more or {})}
    note(decision, _NOTED.get(kind, f"evidence_{kind}"), author or by, payload, case_ref=item.case_ref)


def entries_of(session: Session, item: Evidence) -> list[Custody]:
    """The entries of an item in their order."""
    statement = select(Custody).where(Custody.evidence_id == item.id).order_by(col(Custody.seq))
    return list(session.exec(statement))


def prove(session: Session, incident: Incident, item: Evidence) -> tuple[list[Proven], list[str]]:
    """Each entry held against the timeline, and what is wrong with the item beside them."""
    told = _told(session, incident, name_of(item))
    proven = []
    for entry in entries_of(session, item):
        seq, kind, payload = told.pop(entry.seq, (None, "", {}))
        mine = {"kind": _NOTED.get(entry.kind, f"evidence_{entry.kind}"), **_payload(item, entry)}
        agrees = seq is not None and {**payload, "kind": kind}.items() >= mine.items()
        proven.append(Proven(entry, seq, "" if agrees else _fault(seq)))
    missing = [f"entry {seq} is in the timeline, and lost here" for seq in sorted(told)]
    return proven, missing + _unlike_first(item, [one.entry for one in proven])


def _fault(seq: int | None) -> str:
    return "not in the timeline" if seq is None else f"differs from entry {seq} of the timeline"


def _unlike_first(item: Evidence, entries: Sequence[Custody]) -> list[str]:
    """Whether the item's own hash is still the one it came in with."""
    if entries and entries[0].sha256 == item.sha256:
        return []
    return ["the hash of the item is not the one it came in with"]


def _payload(item: Evidence, entry: Custody) -> dict[str, Any]:
    """What the timeline says of an entry: all but the reason, which is sealed where it stands."""
    return {
        "evidence": name_of(item),
        "entry": entry.seq,
        "by": entry.by,
        "to": entry.to,
        "sha256": entry.sha256,
        "at": entry.at.astimezone(UTC).isoformat(),
    }


def _told(
    session: Session, incident: Incident, name: str
) -> dict[int, tuple[int | None, str, Mapping[str, Any]]]:
    """What the timeline says of an item's entries, by their number."""
    told = select(TimelineEntry).where(
        TimelineEntry.chain == incident.ref, col(TimelineEntry.kind).startswith("evidence_", autoescape=True)
    )
    found = [entry for entry in session.exec(told) if _is_about(entry, name)]
    return {int((one.payload or {})["entry"]): (one.seq, one.kind, one.payload or {}) for one in found}


def _is_about(entry: TimelineEntry, name: str) -> bool:
    payload = entry.payload or {}
    return payload.get("evidence") == name and "entry" in payload

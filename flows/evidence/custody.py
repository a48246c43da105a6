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
_HOLDS = ("held", "released")


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
    last = session.exec(select(func.max(Custody.seq)).where(col(Custody.evidence_id) == item.id)).one()
    assert item.id is not None
    entry = Custody(
        evidence_id=item.id, seq=(last or 0) + 1, kind=kind, by=by, to=to, why=why, sha256=sha256,
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
    told, entries = _told(session, incident, name_of(item)), entries_of(session, item)
    proven = [_proven(item, entry, told) for entry in entries]
    lost = [
        f"entry {number} is in the timeline, and lost here"
        if number not in {entry.seq for entry in entries}
        else f"entry {number} is in the timeline another time, as entry {one.seq} there"
        for number, rest in sorted(told.items())
        for one in rest
    ]
    return proven, [*lost, *_unlike_entries(item, entries)]


def lost_items(session: Session, incident: Incident, items: Sequence[Evidence]) -> list[str]:
    """The names of items of which the timeline tells, and nothing else does any more."""
    told = {str((one.payload or {}).get("evidence", "")) for one in _all_told(session, incident)}
    return sorted(told - {name_of(item) for item in items} - {""})


def is_held(session: Session, incident: Incident, item: Evidence) -> bool:
    """Whether an item is under legal hold: by its row, its entries or the timeline, whichever says so.

    A row is edited more easily than a chain: one edit frees nothing for disposal.
    """
    entered = [one.kind for one in entries_of(session, item) if one.kind in _HOLDS]
    about = (one for one in _all_told(session, incident) if _is_about(one, name_of(item)))
    told = [kind for one in about if (kind := one.kind.removeprefix("evidence_")) in _HOLDS]
    return item.held or entered[-1:] == ["held"] or told[-1:] == ["held"]


def _proven(item: Evidence, entry: Custody, told: dict[int, list[TimelineEntry]]) -> Proven:
    """An entry with the timeline's entry that agrees, which is taken out of what is told."""
    mine = {"kind": _NOTED.get(entry.kind, f"evidence_{entry.kind}"), "case": item.case_ref}
    mine |= _payload(item, entry)
    alike = told.get(entry.seq, [])
    for one in alike:
        if {**(one.payload or {}), "kind": one.kind, "case": one.case_ref}.items() >= mine.items():
            alike.remove(one)
            return Proven(entry, one.seq, "")
    if not alike:
        return Proven(entry, None, "not in the timeline")
    other = alike.pop(0)
    return Proven(entry, other.seq, f"differs from entry {other.seq} of the timeline")


def _unlike_entries(item: Evidence, entries: Sequence[Custody]) -> list[str]:
    """What the item's own row says otherwise than its entries."""
    faults = []
    if not entries or entries[0].sha256 != item.sha256:
        faults.append("the hash of the item is not the one it came in with")
    handed = [one.to or one.by for one in entries if one.kind in ("collected", "transferred")]
    if handed[-1:] != [item.custodian]:
        faults.append("the custodian of the item is not whom it was handed to last")
    holds = [one.kind for one in entries if one.kind in _HOLDS]
    if item.held != (holds[-1:] == ["held"]):
        faults.append("the legal hold of the item is not what was entered last")
    if (item.disposed_at is not None) != any(one.kind == "disposed" for one in entries):
        faults.append("the item is disposed of in one place and not in the other")
    return faults


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


def _told(session: Session, incident: Incident, name: str) -> dict[int, list[TimelineEntry]]:
    """What the timeline says of an item's entries, by their number; more than once where one was lost."""
    told: dict[int, list[TimelineEntry]] = {}
    for one in _all_told(session, incident):
        if _is_about(one, name):
            told.setdefault(int((one.payload or {})["entry"]), []).append(one)
    return told


def _all_told(session: Session, incident: Incident) -> list[TimelineEntry]:
    """All that the timeline says of evidence, in its order."""
    told = select(TimelineEntry).where(
        TimelineEntry.chain == incident.ref, col(TimelineEntry.kind).startswith("evidence_", autoescape=True)
    )
    return list(session.exec(told.order_by(col(TimelineEntry.seq))))


def _is_about(entry: TimelineEntry, name: str) -> bool:
    payload = entry.payload or {}
    return payload.get("evidence") == name and "entry" in payload

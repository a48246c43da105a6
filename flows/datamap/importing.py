"""A data map brought into the store: as a whole, in versions, and by two people where it would see less."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlmodel import Session, col, func, select

from flows.datamap.file import SystemEntry, SystemFile, read_system_file
from flows.datamap.reading import systems_in_force
from flows.people import ever_enrolled
from playbooks.errors import Refused, SetupFault
from store import timeline
from store.counters import next_number
from store.tables import DataSystem
from store.timeline import Event

_SHOWN = (*("name", "owner", "clients", "categories", "jurisdictions", "retention", "log_source", "notes"),)
_SCOPED = ("clients", "categories", "jurisdictions")
"""What scope is proposed from: with less of it, an incident is proposed as smaller."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One system beside what the store holds: what is said now, what was, and the parts that differ.

    Without `said` it is retired; without `held` it is new.
    """

    ref: str
    said: SystemEntry | None
    held: DataSystem | None

    @property
    def parts(self) -> tuple[str, ...]:
        """The names of the parts that differ."""
        said, held = fields_of(self.said), held_by(self.held)
        return tuple(name for name in _SHOWN if said.get(name) != held.get(name))

    @property
    def weakens(self) -> bool:
        """Whether a known system would hold less, or another log, than before."""
        if self.held is None or self.said is None:
            return self.held is not None
        said, held = fields_of(self.said), held_by(self.held)
        fewer = any(not set(held[name]) <= set(said[name]) for name in _SCOPED)
        return fewer or (bool(held["log_source"]) and held["log_source"] != said["log_source"])


def load_system_file(path: Path) -> SystemFile:
    """Read a data map from disk; raises SetupFault when it cannot be read, FileFaults for what it says."""
    try:
        with path.open("rb") as stream:
            text = stream.read(2_000_000)  # more than is accepted, so that the reader says so
    except OSError as error:
        what = "the data map cannot be read"
        raise SetupFault(what, which=str(path), mend=error.strerror or "") from error
    return read_system_file(text, str(path))


def differences(session: Session, file: SystemFile, *, whole: bool = False) -> tuple[Difference, ...]:
    """What the import of this file would change; with `whole` systems that it does not name are retired."""
    held = {row.ref: row for row in systems_in_force(session)}
    said = [Difference(entry.ref, entry, held.pop(entry.ref, None)) for entry in file.systems]
    retired = [Difference(ref, None, row) for ref, row in held.items()] if whole else []
    return tuple(one for one in (*said, *retired) if one.parts)


def vouchers_needed(session: Session, changes: Sequence[Difference]) -> int:
    """How many must vouch: two where a known system would hold less, once the house has a second person."""
    return 2 if _those_for_two(session, changes) else 1


def import_systems(
    session: Session, file: SystemFile, by: str, at: datetime, *, second: str = "", whole: bool = False
) -> tuple[Difference, ...]:
    """Bring the file into the store, in the caller's transaction; again changes nothing.

    Raises Refused where a second person must vouch.
    """
    next_number(session, "datamap")  # locks: of two imports at once the second sees the first
    changes = differences(session, file, whole=whole)
    if second in ("", by) and (refs := _those_for_two(session, changes)):
        raise Refused(
            "a second person must vouch for a system that would hold less than the map says today",
            which=", ".join(refs),
            mend="--second and --second-code",
        )
    events = [_bring(session, one, by, second, at) for one in changes]
    timeline.append_all(session, chain=timeline.HOUSE, recorded_at=at, events=events)
    return changes


def fields_of(entry: SystemEntry | None) -> dict[str, Any]:
    """What a file says of a system, by the names of the table's columns."""
    if entry is None:
        return {}
    said = entry.model_dump(exclude={"ref", "data_categories"})
    listed = {name: list(value) if isinstance(value, tuple) else value for name, value in said.items()}
    return {**listed, "categories": list(entry.data_categories)}


def held_by(row: DataSystem | None) -> dict[str, Any]:
    """What the store holds of a system, by the names of the table's columns."""
    return {name: getattr(row, name) for name in _SHOWN} if row is not None else {}


def _those_for_two(session: Session, changes: Sequence[Difference]) -> list[str]:
    refs = [one.ref for one in changes if one.weakens]
    return refs if refs and ever_enrolled(session) > 1 else []


def _bring(session: Session, one: Difference, by: str, second: str, at: datetime) -> Event:
    """Write a new version beside the old one, or end the old one; returns what the house notes of it."""
    if one.held is not None:
        one.held.superseded_at = at
        session.add(one.held)
    version = 0
    if one.said is not None:
        version = _last_version(session, one) + 1
        session.add(DataSystem(ref=one.ref, version=version, imported_at=at, **fields_of(one.said)))
    session.flush()
    kind = "system_retired" if one.said is None else "system_changed" if one.held else "system_mapped"
    payload = {"system": one.ref, "version": version, "parts": list(one.parts)}
    return Event(kind, by, at, payload | ({"second": second} if second else {}))


def _last_version(session: Session, one: Difference) -> int:
    """The last version there ever was: a system that was retired goes on counting."""
    if one.held is not None:
        return one.held.version
    return session.exec(select(func.max(DataSystem.version)).where(col(DataSystem.ref) == one.ref)).one() or 0

"""What the watch remembers of a log between two runs: how far it read, and sums that may still grow."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any, TypeAlias

from sqlmodel import Session, select

from store.tables import AccessMark

Taken: TypeAlias = tuple[str, str, int, int, int, int, int, int, int]
"""Account, client, seconds of the stretch, its begin; accesses, records, bytes, first, last."""
Day: TypeAlias = tuple[str, str, int, int | None, bool, bool, int, int, int, int, int]
"""Account, client, the day's begin, the shift's day, past the last day, privileged; and the same five."""


@dataclass(frozen=True, slots=True)
class FileMark:
    """How far a file was read; it is known by how it begins, whatever it is called now."""

    heads: tuple[tuple[int, str], ...]
    """Digests of its first bytes, for growing counts of them."""
    inode: int
    offset: int
    """Bytes read, uncompressed."""
    line: int
    size: int
    modified: int
    """Its size on the disk and its time (ns) when that was read."""


@dataclass(frozen=True, slots=True)
class LastSeen:
    """When (seconds since 1970) an account was last used, and when last at a known place."""

    t: int
    place: str = ""
    place_t: int = 0


@dataclass(slots=True)
class Memory:
    """Of one log, what the rules need of what was read before; names are in it, so it is kept sealed."""

    files: list[FileMark] = field(default_factory=list)
    last: int | None = None
    seen: dict[str, LastSeen] = field(default_factory=dict)
    taken: list[Taken] = field(default_factory=list)
    days: list[Day] = field(default_factory=list)
    told: dict[str, tuple[int, int]] = field(default_factory=dict)
    """By a finding's identity: the amount told, and when its stretch ends."""
    waiting: list[dict[str, Any]] = field(default_factory=list)
    """Alerts that are still to be raised."""
    troubles: dict[str, str] = field(default_factory=dict)
    """What could not be read and was told, by its key: since when."""

    def as_json(self) -> dict[str, Any]:
        """Everything, as the store keeps it."""
        return asdict(self)


def memory_of(state: dict[str, Any]) -> Memory:
    """What a mark's state says; an empty one says that nothing was read yet."""
    return Memory(
        files=[_file_mark(one) for one in state.get("files", [])],
        last=state.get("last"),
        seen={account: LastSeen(**one) for account, one in state.get("seen", {}).items()},
        taken=[tuple(one) for one in state.get("taken", [])],
        days=[tuple(one) for one in state.get("days", [])],
        told={identity: tuple(one) for identity, one in state.get("told", {}).items()},
        waiting=state.get("waiting", []),
        troubles=state.get("troubles", {}),
    )


def _file_mark(kept: dict[str, Any]) -> FileMark:
    return FileMark(**{**kept, "heads": tuple((count, digest) for count, digest in kept["heads"])})


def mark_of(session: Session, log: str, *, locked: bool = False) -> AccessMark | None:
    """The mark of a log; None while it was never read."""
    statement = select(AccessMark).where(AccessMark.log == log)
    return session.exec(statement.with_for_update() if locked else statement).first()


def move_mark(session: Session, log: str, memory: Memory, at: datetime, read_until: datetime | None) -> None:
    """Write down how far a log was read."""
    mark = mark_of(session, log, locked=True) or AccessMark(log=log, position={}, state={}, at=at)
    mark.position = {"files": len(memory.files), "bytes": sum(one.offset for one in memory.files)}
    mark.state, mark.read_until, mark.at = memory.as_json(), read_until, at
    session.add(mark)

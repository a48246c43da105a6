"""What intake knows of the house beside the alerts: hints to clients, systems' clients, windows that hold.

Read within a transaction of intake, and again only after a while: a window or a client that was just added
counts within a second.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from sqlmodel import Session, col, func, select

from flows.windows import active_windows
from playbooks.alerts.windows import Window
from store.tables import Client, DataSystem

FRESH = 1.0
"""Seconds that what was read serves."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """One look at the house."""

    clients: Mapping[str, tuple[str, ...]]
    """A hint, casefolded: the references of the clients that it stands for."""
    systems: Mapping[str, tuple[str, ...]]
    """A system's reference or name, casefolded: the clients whose data it holds."""
    names: Mapping[int, str]
    """A client's row: its reference."""
    channels: Mapping[str, str]
    """A client's reference: the Slack channel of its incidents, where it has one."""
    windows: tuple[Window, ...]


NOTHING_KNOWN = Surroundings({}, {}, {}, {}, ())
"""The surroundings of a house without clients, systems or windows."""


class Watched:
    """The latest look, shared by the threads of a desk; `monotonic` counts seconds."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._read_at = float("-inf")
        self._seen: tuple[object, Surroundings] | None = None
        """What was read, with the version that it was read at: never the one without the other."""

    def look(self, session: Session, at: datetime) -> Surroundings:
        """The surroundings as they stood at most a second ago."""
        seen = self._seen
        if seen is None or self._monotonic() - self._read_at > FRESH:
            seen = self._seen = _look(session, at, seen)
            self._read_at = self._monotonic()
        return seen[1]


def _look(
    session: Session, at: datetime, before: tuple[object, Surroundings] | None
) -> tuple[object, Surroundings]:
    windows = tuple(active_windows(session, at))
    version = tuple(session.execute(_VERSION).one())
    if before is not None and before[0] == version:
        return version, replace(before[1], windows=windows)
    clients = session.exec(select(Client)).all()
    systems = session.exec(select(DataSystem).where(col(DataSystem.superseded_at).is_(None))).all()
    return version, Surroundings(
        clients=_joined((hint, [one.ref]) for one in clients for hint in (one.ref, *(one.hints or ()))),
        systems=_joined((name, one.clients) for one in systems for name in (one.ref, one.name)),
        names={one.id: one.ref for one in clients if one.id is not None},
        channels={one.ref: one.channel for one in clients if one.channel},
        windows=windows,
    )


def _joined(pairs: Iterable[tuple[str, list[str]]]) -> dict[str, tuple[str, ...]]:
    found: defaultdict[str, dict[str, None]] = defaultdict(dict)
    for name, refs in pairs:
        found[name.casefold()].update(dict.fromkeys(refs))
    return {name: tuple(refs) for name, refs in found.items()}


_VERSION = select(
    select(func.count(col(Client.id))).scalar_subquery(),
    select(func.max(Client.imported_at)).scalar_subquery(),
    select(func.max(DataSystem.id)).scalar_subquery(),
    select(func.max(DataSystem.superseded_at)).scalar_subquery(),
)
"""Changes with every import of clients or of the data map."""

"""How the reading of an access log went: what was counted, what was mended, what could not be read."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

SHOWN_PLACES = 10
MOST_OFFSETS = 50
HOUR = timedelta(hours=1)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Place:
    """A line that could not be read, and why."""

    file: str
    line: int
    why: str


@dataclass(slots=True)
class Reading:
    """What one source said within a window; every row is either matched, passed over or broken."""

    source: str
    system: str
    since: datetime
    until: datetime
    longest_silence: timedelta = timedelta(days=1)
    files: int = 0
    rows: int = 0
    in_window: int = 0
    matched: int = 0
    broken: int = 0
    places: list[Place] = field(default_factory=list)
    mended: Counter[str] = field(default_factory=Counter)
    naive: int = 0
    offsets: Counter[str] = field(default_factory=Counter)
    out_of_order: int = 0
    first: datetime | None = None
    last: datetime | None = None
    missing: list[str] = field(default_factory=list)
    """Files, tables or rows that were not read at all, in words."""
    hours: set[int] = field(default_factory=set)
    """Hours since 1970 within the window in which the log says anything at all, of anybody."""

    def fault(self, file: str, line: int, why: str) -> None:
        """Count a row that cannot be read."""
        self.broken += 1
        if len(self.places) < SHOWN_PLACES:
            self.places.append(Place(file, line, why))

    @property
    def is_mixed(self) -> bool:
        """Whether its times have more than one offset, or some have one and others none."""
        return len(self.offsets) + bool(self.naive) > 1

    @property
    def gaps(self) -> list[tuple[datetime, datetime]]:
        """Stretches of the window, longer than the log is ever silent, in which it says nothing."""
        first, end = (self.since - _EPOCH) // HOUR, -((_EPOCH - self.until) // HOUR)
        told = sorted(hour for hour in self.hours if first <= hour < end)
        edges = zip([first - 1, *told], [*told, end], strict=True)
        silent = [(_EPOCH + (one + 1) * HOUR, _EPOCH + other * HOUR) for one, other in edges]
        return [
            (max(one, self.since), min(other, self.until))
            for one, other in silent
            if other - one > self.longest_silence
        ]

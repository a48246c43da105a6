"""What a picture of access shows, apart from how it is drawn. All instants are UTC."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class Series:
    """One client's accesses: how many in each stretch of time, by the stretch's place from the first."""

    label: str
    counts: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Mark:
    """A bulk download, in the stretch in which it began."""

    at: datetime
    label: str


@dataclass(frozen=True, slots=True)
class Bar:
    """One client's records: a range where the log does not name every record."""

    label: str
    low: int
    high: int | None
    note: str


@dataclass(frozen=True, slots=True)
class AccessPicture:
    """Accesses over time, and records by client."""

    title: str
    start: datetime
    step: timedelta
    steps: int
    series: tuple[Series, ...]
    marks: tuple[Mark, ...]
    bars: tuple[Bar, ...]

    @property
    def end(self) -> datetime:
        """Where the last stretch ends."""
        return self.start + self.steps * self.step

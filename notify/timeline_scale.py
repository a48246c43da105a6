"""Instants to places on a line, with a grid that people can read: what every drawn timeline shares."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from math import ceil
from typing import Final

GRID: Final = tuple(timedelta(minutes=m) for m in (5, 15, 30, 60, 120, 180, 360, 720, 1440, 2880))
GRID_LINES: Final = 10
_DAY = timedelta(days=1)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Scale:
    """The time from `start` to `end` on a line from `left` to `right`, in any unit of length."""

    start: datetime
    end: datetime
    left: float
    right: float

    def x(self, at: datetime) -> float:
        """The place of an instant; what lies outside stands at the edge."""
        share = (min(max(at, self.start), self._last) - self.start) / (self._last - self.start)
        return round(self.left + share * (self.right - self.left), 1)

    def holds(self, at: datetime) -> bool:
        """Whether an instant lies within."""
        return self.start <= at <= self._last

    def ticks(self) -> Iterator[tuple[datetime, bool]]:
        """The instants of the grid, and whether each is midnight in UTC."""
        step = self._step
        at = _EPOCH + ((self.start - _EPOCH) // step + 1) * step
        while at <= self._last:
            yield at, at.hour == at.minute == 0
            at += step

    @property
    def _last(self) -> datetime:
        return max(self.end, self.start + timedelta(minutes=1))

    @property
    def _step(self) -> timedelta:
        span = self._last - self.start
        fits = (step for step in GRID if span / step <= GRID_LINES)
        return next(fits, _DAY * ceil(span / _DAY / GRID_LINES))

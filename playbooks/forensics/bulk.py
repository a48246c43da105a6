"""Bulk downloads: more records or bytes in one stretch than anybody's work explains."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from playbooks.forensics.accesses import Access

MOST_STRETCHES = 48
"""Stretches of one account that are held at a time; past it the quietest go, which is safe while rows come
roughly in the order of time."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class BulkRule:
    """What is usual at most in one stretch, such as a clock hour; None where nothing was set."""

    records: int | None = 500
    bytes: int | None = None
    within: timedelta = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class BulkDownload:
    """A stretch with more than usual: what was expected at most, and what was seen."""

    since: datetime
    until: datetime
    of: str
    expected: int
    seen: int

    @property
    def told(self) -> str:
        """The finding in words."""
        return f"expected at most {self.expected:,} {self.of}, seen {self.seen:,}"


@dataclass(slots=True)
class Stretches:
    """How much one account took in each stretch; order of lines does not matter."""

    rule: BulkRule
    _taken: dict[int, list[int]] = field(default_factory=dict)
    _length: int = 0

    def __post_init__(self) -> None:
        self._length = int(self.rule.within.total_seconds())

    def add(self, access: Access, second: int) -> None:
        """Count an access; `second` is its instant in whole seconds since 1970."""
        key = second // self._length
        taken = self._taken.get(key)
        if taken is None:
            if len(self._taken) >= MOST_STRETCHES:
                self._forget()
            self._taken[key] = [access.records, access.bytes]
        else:
            taken[0] += access.records
            taken[1] += access.bytes

    def downloads(self) -> list[BulkDownload]:
        """Every stretch beyond what is usual, in order."""
        limits = (("records", self.rule.records, 0), ("bytes", self.rule.bytes, 1))
        return [
            BulkDownload(
                _EPOCH + key * self.rule.within,
                _EPOCH + (key + 1) * self.rule.within,
                of,
                limit,
                taken[place],
            )
            for key, taken in sorted(self._taken.items())
            for of, limit, place in limits
            if limit is not None and taken[place] > limit
        ]

    def _forget(self) -> None:
        for key in sorted(self._taken, key=self._share)[: MOST_STRETCHES // 2]:
            del self._taken[key]

    def _share(self, key: int) -> float:
        """How much of what is usual was taken in a stretch, of records or of bytes: whichever is more."""
        limits = zip(self._taken[key], (self.rule.records, self.rule.bytes), strict=True)
        return max((taken / limit for taken, limit in limits if limit is not None), default=0.0)

"""A reconstruction as it is kept and shown: plain values, the same in memory and as JSON."""

from __future__ import annotations

from datetime import datetime

from pydantic import Field as Bound

from playbooks.fact_types import Frozen, Range


class Download(Frozen):
    """A bulk download: in which stretch, expected at most and seen."""

    since: datetime
    until: datetime
    of: str
    expected: int
    seen: int

    @property
    def told(self) -> str:
        """The finding in words."""
        return f"expected at most {self.expected:,} {self.of}, seen {self.seen:,}"


class Line(Frozen):
    """Accesses counted together; `records` is a range where the log does not name every record."""

    first: datetime
    last: datetime
    accesses: int
    records: Range
    bytes: int
    after_hours: int
    timed: int
    """Accesses of which it is known whether they lie outside the person's hours."""
    downloads: tuple[Download, ...] = ()

    @property
    def share_after_hours(self) -> float | None:
        """Which share of the accesses lies outside the hours; None where nobody's hours are known."""
        return self.after_hours / self.timed if self.timed else None


class AccountLine(Line):
    """One account's accesses to one client's records in one system."""

    account: str
    client: str
    system: str


class ClientLine(Line):
    """All accesses to one client's records."""

    client: str
    systems: tuple[str, ...]
    accounts: int
    is_exact: bool
    """Whether every record is named and was told apart."""
    unnamed_rows: bool
    """Whether rows count records without naming them."""


class LogPlace(Frozen):
    """A line that could not be read, and why."""

    file: str
    line: int
    why: str


class LogLine(Frozen):
    """How one source was read."""

    source: str
    system: str
    files: int = 0
    rows: int = 0
    in_window: int = 0
    matched: int = 0
    broken: int = 0
    places: tuple[LogPlace, ...] = ()
    mended: dict[str, int] = Bound(default_factory=dict)
    naive: int = 0
    offsets: dict[str, int] = Bound(default_factory=dict)
    is_mixed: bool = False
    out_of_order: int = 0
    first: datetime | None = None
    last: datetime | None = None
    gaps: tuple[tuple[datetime, datetime], ...] = ()
    gaps_in_all: int = 0
    missing: tuple[str, ...] = ()


class Result(Frozen):
    """Who touched which client's records when, within a window, and from which logs that is known."""

    since: datetime
    until: datetime
    accounts: tuple[str, ...] | None
    """The values that were looked for; None for every account."""
    logs: tuple[LogLine, ...]
    clients: tuple[ClientLine, ...]
    lines: tuple[AccountLine, ...]
    lines_in_all: int
    left_out: int
    """Accesses of accounts past the bound of what is told apart."""
    hours: dict[str, dict[int, int]]
    """Accesses by client and by hour since 1970."""
    findings: tuple[str, ...]

"""Who touched which client's records when: a log folded, row by row, into what can be told of it.

Memory is bounded whatever comes: so many groups, so many record ids. A count is exact up to its bound; past
it, what is told is that there were at least so many, and that the rest was not told apart.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from playbooks.forensics.accesses import Access
from playbooks.forensics.bulk import BulkDownload, BulkRule, Stretches
from playbooks.forensics.hours import Rosters

HOUR = 3_600


@dataclass(frozen=True, slots=True)
class Bounds:
    """How much is held in memory at most."""

    groups: int = 20_000
    records_of_group: int = 100_000
    records: int = 1_000_000
    hours: int = 100_000


class Key(NamedTuple):
    """Whose accesses a group counts: an account's in any letter case, to one client's records in a system."""

    account: str
    client: str
    system: str


@dataclass(slots=True)
class Group:
    """The accesses of one account to one client's records in one system."""

    key: Key
    account: str
    """The account as the log first spells it."""
    first: datetime
    last: datetime
    stretches: Stretches
    accesses: int = 0
    bytes: int = 0
    unnamed: int = 0
    """Records counted by rows that name none: some of them may be among those named."""
    largest: int = 0
    """The most records that one row counts."""
    named_rows: int = 0
    records: set[str] = field(default_factory=set)
    is_exact: bool = True
    after_hours: int = 0
    timed: int = 0
    """Accesses of which it is known whether they lie outside the hours."""

    @property
    def low(self) -> int:
        """Distinct records at least."""
        return max(len(self.records), self.largest)

    @property
    def high(self) -> int:
        """Distinct records at most."""
        return (len(self.records) if self.is_exact else self.named_rows) + self.unnamed

    @property
    def downloads(self) -> list[BulkDownload]:
        """Its bulk downloads."""
        return self.stretches.downloads()


class Fold:
    """The log as far as it was read."""

    def __init__(
        self, rules: Mapping[str, BulkRule], rosters: Mapping[str, Rosters], bounds: Bounds = Bounds()
    ) -> None:
        self.groups: dict[Key, Group] = {}
        self.hours: dict[tuple[str, int], int] = {}
        """Accesses by client and hour since 1970."""
        self.together: dict[tuple[str, str], Stretches] = {}
        """What each account took in a system of all clients together."""
        self.left_out = 0
        """Accesses of groups past the bound: counted, and told apart no more."""
        self._rules, self._rosters, self._bounds = rules, rosters, bounds
        self._room = bounds.records

    def add(self, access: Access) -> None:
        """Fold one access in."""
        second = int(access.at.timestamp())
        hour = (access.client, second // HOUR)
        if hour in self.hours or len(self.hours) < self._bounds.hours:
            self.hours[hour] = self.hours.get(hour, 0) + 1
        key = Key(access.account.casefold(), access.client, access.system)
        group = self.groups.get(key)
        if group is None:
            if len(self.groups) >= self._bounds.groups:
                self.left_out += 1
                return
            stretches = Stretches(self._rules.get(access.system, BulkRule()))
            group = self.groups[key] = Group(key, access.account, access.at, access.at, stretches)
        self._count(group, access, second)

    def _count(self, group: Group, access: Access, second: int) -> None:
        if access.at < group.first:
            group.first = access.at
        elif access.at > group.last:
            group.last = access.at
        group.accesses += 1
        group.bytes += access.bytes
        group.largest = max(group.largest, access.records)
        if access.record:
            self._remember(group, access.record)
            group.unnamed += max(access.records - 1, 0)
        else:
            group.unnamed += access.records
        group.stretches.add(access, second)
        together = self.together.get((group.key.account, access.system))
        if together is None:
            together = self.together[group.key.account, access.system] = Stretches(group.stretches.rule)
        together.add(access, second)
        rosters = self._rosters.get(access.system)
        if (
            rosters is not None
            and (late := rosters.is_after_hours(group.key.account, access.at, second)) is not None
        ):
            group.timed += 1
            group.after_hours += late

    def _remember(self, group: Group, record: str) -> None:
        group.named_rows += 1
        if record in group.records:
            return
        if self._room <= 0 or len(group.records) >= self._bounds.records_of_group:
            group.is_exact = False
            return
        group.records.add(record)
        self._room -= 1

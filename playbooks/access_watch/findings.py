"""What the watch tells: one finding for each rule, account and stretch, with what was expected and seen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from playbooks.alerts.view import Category, Severity, Status

SHOWN_NAMES = 20
"""Accounts or clients that one finding names; the rest is counted."""


@dataclass(frozen=True, slots=True)
class Sum:
    """What was counted of an account, a client or both over one stretch; no name means all."""

    account: str
    client: str
    begins: datetime
    ends: datetime
    first: datetime
    last: datetime
    accesses: int
    records: int = 0
    bytes: int = 0
    accounts: tuple[str, ...] = ()
    clients: tuple[str, ...] = ()
    """Whose accounts and which clients, where the sum is not of one alone."""


@dataclass(frozen=True, slots=True)
class Move:
    """Two accesses of one account, one after the other."""

    account: str
    left_at: datetime
    came_at: datetime
    day: datetime
    """When the account's day of the second one began."""
    left: str = ""
    came: str = ""
    """Places; empty where only the time between is looked at."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to be told; the same `identity` is the same alert."""

    log: str
    system: str
    rule: str
    kind: str
    severity: Severity
    category: Category
    title: str
    expected: str
    seen: str
    since: datetime
    until: datetime
    first: datetime
    account: str = ""
    accounts: tuple[str, ...] = ()
    client: str = ""
    clients: tuple[str, ...] = ()
    amount: int = 1
    """How much was seen, by which a finding grows; it is told again once it has doubled."""
    counts: Mapping[str, int] = field(default_factory=dict)
    status: Status = "firing"

    @property
    def identity(self) -> str:
        """What makes it this finding and no other."""
        since = self.since.isoformat(timespec="seconds")
        return "|".join((self.log, self.rule, _escaped(self.account), _escaped(self.client), since))

    def as_payload(self) -> dict[str, Any]:
        """The finding as the alert of kind `access-watch` states it."""
        return {
            "access_watch": 1,
            "identity": self.identity,
            "status": self.status,
            "title": self.title,
            "severity": self.severity,
            "category": self.category,
            "log": self.log,
            "system": self.system,
            "rule": self.rule,
            "kind": self.kind,
            "expected": self.expected,
            "seen": self.seen,
            "since": _written(self.since),
            "until": _written(self.until),
            "first": _written(self.first),
            "accounts": list(self.accounts or ((self.account,) if self.account else ()))[:SHOWN_NAMES],
            "clients": list(self.clients or ((self.client,) if self.client else ()))[:SHOWN_NAMES],
            "counts": dict(self.counts),
        }


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("|", "\\|")


def _written(at: datetime) -> str:
    return at.isoformat(timespec="seconds")

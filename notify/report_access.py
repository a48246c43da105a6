"""What a report says of access: by client, from which logs, how sure; no account is named."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from notify.access_picture import AccessPicture


@dataclass(frozen=True, slots=True)
class AccessLine:
    """The accesses to one client's records, with the confidence that the count deserves and why."""

    client: str
    systems: tuple[str, ...]
    records: str
    accesses: int
    accounts: int
    first: datetime
    last: datetime
    after_hours: str
    bulk: tuple[str, ...]
    confidence: str
    why: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LogStanding:
    """How one access log was read."""

    source: str
    system: str
    rows: int
    matched: int
    broken: int
    first: datetime | None
    last: datetime | None


@dataclass(frozen=True, slots=True)
class AccessView:
    """One reconstruction, as its reader may see it."""

    ref: str
    since: datetime
    until: datetime
    read_at: datetime
    whose: str
    lines: tuple[AccessLine, ...]
    logs: tuple[LogStanding, ...]
    findings: tuple[str, ...]
    categories: tuple[str, ...]
    jurisdictions: tuple[str, ...]
    picture: AccessPicture | None

"""What a post-incident report says about time and duties: durations, lateness, clocks, notices and proof.

All instants are incident time. An empty `client` means the incident as a whole.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class Moment:
    """One end of a duration, and what it rests on; no instant means that it is not known."""

    label: str
    at: datetime | None
    basis: str


@dataclass(frozen=True, slots=True)
class Duration:
    """A length of time between two moments; no span means not known, and `note` says why."""

    name: str
    client: str
    start: Moment
    end: Moment
    span: timedelta | None
    note: str


@dataclass(frozen=True, slots=True)
class LateLine:
    """Something done after its time, or not done: by how much, and why as far as anybody said."""

    kind: str
    what: str
    client: str
    who: str
    due_at: datetime
    done_at: datetime | None
    over: timedelta
    why: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class WarningLine:
    """A warning that was sent, when it fell due and when it went out."""

    what: str
    client: str
    threshold: str
    due_at: datetime
    fired_at: datetime


@dataclass(frozen=True, slots=True)
class LedgerLine:
    """One entry of a clock's ledger."""

    seq: int
    at: datetime
    author: str
    anchor_at: datetime | None
    due_at: datetime | None
    explanation: str
    versions: str


@dataclass(frozen=True, slots=True)
class DutyLine:
    """A duty to tell somebody, how it ended, and its clock's ledger."""

    rule: str
    title: str
    citation: str
    recipient: str
    client: str
    standing: str
    is_late: bool
    is_policy: bool
    anchor_at: datetime | None
    due_at: datetime | None
    legal_due_at: datetime | None
    met_at: datetime | None
    margin: str
    why: str
    reasons: tuple[str, ...]
    ledger: tuple[LedgerLine, ...]


@dataclass(frozen=True, slots=True)
class NoticeLine:
    """A notice with the hash of its very text, who stands for it, and the proof that it arrived."""

    title: str
    client: str
    recipient: str
    channel: str
    version: int
    state: str
    sha256: str
    drafted_by: str
    drafted_at: datetime
    approved_by: str
    sent_at: datetime | None
    accepted_at: datetime | None
    receipt: str
    meets: tuple[str, ...]

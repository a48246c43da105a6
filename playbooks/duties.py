"""A duty as its row says it stands, and a change of it with the reason: what deciding hands to the store."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from enum import StrEnum


class State(StrEnum):
    """How a duty stands apart from its clock."""

    PRESUMED = "presumed"
    OWED = "owed"
    NOT_OWED = "not_owed"
    MET = "met"
    WAIVED = "waived"


class ChangeKind(StrEnum):
    """What happened to a duty."""

    APPEARED = "appeared"
    CONFIRMED = "confirmed"
    DOUBTED = "doubted"
    CLOSED = "closed"
    REOPENED = "reopened"
    MOVED = "moved"


@dataclass(frozen=True, slots=True, kw_only=True)
class ObligationView:
    """A duty as its row says, identified by case (None: the incident itself) and rule id."""

    case: str | None
    rule_id: str
    rule_version: str
    title: str
    citation: str
    recipient: str
    state: State
    policy: bool
    anchor_at: datetime | None
    due_at: datetime | None
    legal_due_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Change(ObligationView):
    """The row as it must stand from now on, and its ledger entry; `before` is the row as it was."""

    kind: ChangeKind
    before: ObligationView | None
    anchor_author: str
    explanation: str
    why: tuple[str, ...]
    counting: str
    tzdata_version: str
    holidays_version: str

    @property
    def moves_clock(self) -> bool:
        """Whether anchor or deadline differ from before: a new ledger entry and new warnings."""
        was = (self.before.anchor_at, self.before.due_at, self.before.legal_due_at) if self.before else None
        return was != (self.anchor_at, self.due_at, self.legal_due_at)


def applied(existing: Sequence[ObligationView], changes: Iterable[Change]) -> tuple[ObligationView, ...]:
    """The duties after the changes, as a store that applied them would read them back."""
    rows = {(row.case, row.rule_id): row for row in existing}
    names = [field.name for field in fields(ObligationView)]
    for change in changes:
        rows[change.case, change.rule_id] = ObligationView(**{name: getattr(change, name) for name in names})
    return tuple(rows.values())

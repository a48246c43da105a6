"""A duty as its row says it stands, and a change of it with the reason: what deciding hands to the store."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from enum import StrEnum
from typing import Any


class State(StrEnum):
    """How a duty stands apart from its clock."""

    PRESUMED = "presumed"
    OWED = "owed"
    NOT_OWED = "not_owed"
    MET = "met"
    WAIVED = "waived"


RUNNING = frozenset({State.PRESUMED, State.OWED})
"""The states in which somebody must still be told."""


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
    """A duty as its row says, identified by case (None: the incident itself) and rule id.

    `rests_on` are the facts on which people decided that nobody is told; None where they decided nothing.
    """

    case: str | None
    rule_id: str
    rule_version: str
    title: str
    citation: str
    recipient: str
    addressee: str = ""
    stage: str = "initial"
    state: State
    policy: bool
    anchor_at: datetime | None
    due_at: datetime | None
    legal_due_at: datetime | None
    met_at: datetime | None = None
    delayed_until: datetime | None = None
    rests_on: Mapping[str, Any] | None = None

    @property
    def runs(self) -> bool:
        """Whether somebody must still be told."""
        return self.state in RUNNING


@dataclass(frozen=True, slots=True, kw_only=True)
class Change(ObligationView):
    """The row as it must stand from now on, and its ledger entry; `before` is the row as it was."""

    kind: ChangeKind
    before: ObligationView | None
    anchor_author: str
    explanation: str
    why: tuple[str, ...]
    counting: str
    place: str
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

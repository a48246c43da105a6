"""The ledger of a duty's clock: one entry for each state it was in, and why it moved there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlmodel import Session, col, func, select

from flows.deciding import Decision
from playbooks.duties import Change
from store.adding import add_rows
from store.tables import ClockEntry, Obligation


def entered(session: Session, rows: Sequence[Obligation]) -> dict[int | None, int]:
    """How many entries the ledger of each of these duties has."""
    if not rows:
        return {}
    of = col(ClockEntry.obligation_id)
    counted = select(of, func.count()).where(of.in_([row.id for row in rows])).group_by(of)
    return dict(session.exec(counted).all())


def enter_changes(
    decision: Decision, changed: Sequence[tuple[Obligation, Change]], before: Mapping[int | None, int]
) -> None:
    """Write an entry for each change that facts or law brought; `before` are the entries there were."""
    add_rows(
        decision.session,
        ClockEntry,
        [_of_change(decision, row, one, before.get(row.id, 0) + 1) for row, one in changed],
    )


def enter(decision: Decision, duty: Obligation, kind: str, author: str, explanation: str) -> None:
    """Write an entry for what people did to a duty; its clock stands as it stood."""
    of_duty = select(ClockEntry).where(ClockEntry.obligation_id == duty.id)
    last = decision.session.exec(of_duty.order_by(col(ClockEntry.seq).desc())).first()
    kept = {name: getattr(last, name) if last else "" for name in ("counting", "place", "tzdata", "holidays")}
    entry = {
        **_of_duty(decision, duty, last.seq + 1 if last else 1),
        **kept,
        "kind": kind,
        "author": author[:64],
        "explanation": f"{explanation}; {last.explanation if last else ''}"[:1000],
    }
    add_rows(decision.session, ClockEntry, [entry])


def _of_change(decision: Decision, row: Obligation, change: Change, seq: int) -> dict[str, Any]:
    return {
        **_of_duty(decision, row, seq),
        "kind": str(change.kind),
        "counting": change.counting,
        "place": change.place,
        "author": change.anchor_author[:64],
        "explanation": change.explanation[:1000],
        "tzdata": change.tzdata_version,
        "holidays": change.holidays_version,
    }


def _of_duty(decision: Decision, row: Obligation, seq: int) -> dict[str, Any]:
    return {
        "obligation_id": row.id,
        "seq": seq,
        "state": str(row.state),
        "anchor_at": row.anchor_at,
        "due_at": row.due_at,
        "legal_due_at": row.legal_due_at,
        "rule_version": row.rule_version,
        "at": decision.now,
        "recorded_at": decision.wall,
    }

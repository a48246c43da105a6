"""Telling that clocks run out: to whom by how far, one message however many fell due, and again each day."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from flows.deciding import Decision, note, say
from flows.law.scheduling import LATE, remind_tomorrow
from playbooks.duties import RUNNING
from playbooks.escalation import LADDER
from playbooks.vocabulary import whom
from store.tables import ClockWarning, Obligation

RUNGS: Final = {"90": 1, "1h": 1, "overdue": 2}
"""How far up the ladder of whoever is responsible a warning goes; earlier ones stay with them."""
TOLD: Final = ("privacy", *LADDER["privacy"])
"""Who is named: whoever answers for the duties, then the next roles."""


def tell_clocks(decision: Decision, warnings: Sequence[ClockWarning]) -> list[ClockWarning]:
    """Say the warnings of clocks that still run, together where there are several; returns those said."""
    due = [(warning, duty) for warning in warnings if (duty := _duty(decision, warning)) is not None]
    lines = [_line(decision, warning, duty) for warning, duty in due]
    if len(due) == 1:
        _say_one(decision, due[0][0], lines[0])
    elif due:
        _say_all(decision, due, lines)
    for (warning, duty), line in zip(due, lines, strict=True):
        said = {"threshold": warning.threshold, "rule": duty.rule_id, "due_at": line["due_at"]}
        note(decision, "clock_warned", "system", said | {"to": line["to_role"]}, case_ref=duty.case_ref)
        if "over" in line:
            remind_tomorrow(decision, warning)
    return [warning for warning, _ in due]


def _duty(decision: Decision, warning: ClockWarning) -> Obligation | None:
    duty = decision.session.get(Obligation, int(warning.subject.partition(":")[2]))
    return duty if duty is not None and duty.due_at is not None and duty.state in RUNNING else None


def _line(decision: Decision, warning: ClockWarning, duty: Obligation) -> dict[str, Any]:
    """What is said of one clock: `left` before its end, `over` after it."""
    assert duty.due_at is not None
    is_late = warning.threshold == "overdue" or warning.threshold.startswith(LATE)
    rung = RUNGS["overdue"] if is_late else RUNGS.get(warning.threshold, 0)
    gap = abs((duty.due_at - decision.now).total_seconds())
    return {
        "recipient": whom(duty.recipient, duty.addressee),
        "rule": duty.rule_id,
        "due_at": duty.due_at.isoformat(),
        "to_role": TOLD[rung],
        **({"over": gap} if is_late else {"left": gap, "threshold": warning.threshold}),
    }


def _say_one(decision: Decision, warning: ClockWarning, line: dict[str, Any]) -> None:
    kind = "clock_overdue" if "over" in line else "clock_warning"
    key = f"warning/{warning.subject}/{warning.seq}/{warning.threshold}"
    say(decision, kind, key, **line)


def _say_all(
    decision: Decision, due: Sequence[tuple[ClockWarning, Obligation]], lines: Sequence[dict[str, Any]]
) -> None:
    """One message about all clocks that warn at this moment, the most urgent first."""
    first = min(warning.id or 0 for warning, _ in due)
    cases = [{**line, "case": duty.case_ref} for (_, duty), line in zip(due, lines, strict=True)]
    highest = max((line["to_role"] for line in lines), key=TOLD.index)
    cases.sort(key=lambda one: one["due_at"])
    say(decision, "clock_digest", f"warnings/{first}", clocks=cases, to_role=highest)

"""Warnings of clocks, questions and action items: scheduled, moved and silenced; the watch fires them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlmodel import Session, func, select

from flows.clock import mending_now
from flows.deciding import Decision
from playbooks import clocks
from store.adding import add_rows
from store.tables import ActionItem, ClockWarning, Obligation, Question

REMINDER = timedelta(days=1)
"""How long before its date an action item reminds, and how often an overdue duty does."""
LATE = "late-"
"""The threshold of a reminder that a duty is overdue, before the number of its day."""
HALF = "half"
"""The threshold of the reminder that half of a question's time has passed."""
SNOOZED = "snoozed"
"""The threshold of a reminder that was put off."""
_NOBODYS = ("action",)
"""The kinds of question that wait for nobody."""
LAST = 999
"""The last such reminder: the column holds no more digits."""


def schedule_clock(decision: Decision, duty: Obligation, seq: int) -> list[dict[str, Any]]:
    """The warnings of a duty's clock as rows; of those already behind only the highest will be told."""
    if duty.anchor_at is None or duty.due_at is None:
        return []
    return [
        _warning(
            decision,
            f"obligation:{duty.id}",
            seq,
            warn.threshold,
            warn.at,
            "passed" if warn.passed else "waiting",
        )
        for warn in clocks.schedule(duty.anchor_at, duty.due_at, decision.now)
    ]


def remind_tomorrow(decision: Decision, warning: ClockWarning) -> None:
    """Let an overdue duty be told again a day after this telling, and each day that it stays so."""
    number = int(warning.threshold.removeprefix(LATE)) if warning.threshold.startswith(LATE) else 0
    if number < LAST:
        again = f"{LATE}{number + 1}"
        row = _warning(decision, warning.subject, warning.seq, again, decision.now + REMINDER)
        add_rows(decision.session, ClockWarning, [row])


def schedule_overdue(decision: Decision, questions: Sequence[Question]) -> None:
    """Let questions with a time target warn, and escalate, when that time has run out."""
    rows = [
        _warning(decision, f"question:{question.id}", 1, "overdue", question.due_at)
        for question in questions
        if question.due_at is not None
    ]
    add_rows(decision.session, ClockWarning, rows)


def reschedule_overdue(decision: Decision, question: Question, seq: int, at: datetime) -> None:
    """Let a question that was escalated be looked at again."""
    row = _warning(decision, f"question:{question.id}", seq, "overdue", at)
    add_rows(decision.session, ClockWarning, [row])


def schedule_reminders(decision: Decision, questions: Sequence[Question]) -> None:
    """Let questions with a time target remind whoever they wait for when half of it has passed."""
    rows = [
        _warning(
            decision,
            reminder_of(question),
            question.generation + 1,
            HALF,
            question.opened_at + (question.due_at - question.opened_at) / 2,
        )
        for question in questions
        if question.due_at is not None and question.kind not in _NOBODYS
    ]
    add_rows(decision.session, ClockWarning, rows)


def remind_again(decision: Decision, question: Question, at: datetime) -> None:
    """Let a reminder that everybody had put off come when the first has had their rest."""
    subject = reminder_of(question)
    seq = last_of(decision.session, subject) + 1
    add_rows(decision.session, ClockWarning, [_warning(decision, subject, seq, SNOOZED, at)])


def reminder_of(question: Question) -> str:
    """The subject of the reminders of a question, beside that of its escalation."""
    return f"reminder:{question.id}"


def last_of(session: Session, subject: str) -> int:
    """The highest number that a warning of this subject has; nought where there is none."""
    return session.exec(select(func.max(ClockWarning.seq)).where(ClockWarning.subject == subject)).one() or 0


def watch_anew(decision: Decision, question: Question, patience: timedelta) -> None:
    """Let a question with a time target escalate from the first rung again, and not at once."""
    if question.due_at is None:
        return
    subject = f"question:{question.id}"
    silence(decision.session, subject)
    silence(decision.session, reminder_of(question))
    overdue_at = max(question.due_at, decision.now + patience)
    reschedule_overdue(decision, question, last_of(decision.session, subject) + 1, overdue_at)
    half_at = decision.now + (question.due_at - decision.now) / 2
    if half_at > decision.now and question.kind not in _NOBODYS:
        seq = last_of(decision.session, reminder_of(question)) + 1
        row = _warning(decision, reminder_of(question), seq, HALF, half_at)
        add_rows(decision.session, ClockWarning, [row])


def schedule_action(decision: Decision, item: ActionItem) -> None:
    """Let an action item remind its owner a day before its date, and warn when it is overdue."""
    subject = f"action:{item.id}"
    now = mending_now(decision.session, decision.incident, decision.wall)
    reminder = _warning(decision, subject, 1, "90", max(now, item.due_at - REMINDER))
    overdue = _warning(decision, subject, 1, "overdue", item.due_at)
    add_rows(decision.session, ClockWarning, [reminder, overdue])


def silence(session: Session, subject: str) -> None:
    """Let the waiting warnings of a subject pass unsent."""
    waiting = session.exec(
        select(ClockWarning).where(ClockWarning.subject == subject, ClockWarning.state == "waiting")
    )
    for warning in waiting:
        warning.state = "passed"
        session.add(warning)


def _warning(
    decision: Decision, subject: str, seq: int, threshold: str, at: datetime, state: str = "waiting"
) -> dict[str, Any]:
    return {
        "incident_id": decision.incident_id,
        "subject": subject,
        "seq": seq,
        "threshold": threshold,
        "due_at": at,
        "state": state,
    }

"""Carrying out what the plan says is next: pure moves in, steps and questions out."""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import Any

from sqlmodel import col, select

from flows.deciding import Decision, note, say
from flows.duties import refresh_duties, schedule_overdue
from flows.gathering import key_of, phase_name, plan_of, states_of, steps_of, view_of
from playbooks.models import Playbook, Step
from playbooks.plan import Move, Open, Reopen, Skip, StepKey, Withdraw, decide_moves
from store.tables import Question, StepRow

QUESTION_OF = {"manual": "step", "automated": "action", "notice": "draft"}
"""What a step of each kind asks first."""


def advance(decision: Decision) -> list[Question]:
    """Open, skip, withdraw and reopen what the plan now says; returns the questions that became open."""
    plan = plan_of(decision.incident)
    opened: list[Question] = []
    while moves := _moves(decision, plan):
        for move in moves:
            opened += _apply(decision, plan, move)
    refresh_duties(decision)
    return opened


def announce(decision: Decision, questions: list[Question]) -> None:
    """Tell the responders of the questions that became open."""
    for question in questions:
        if question.kind != "action":
            say(decision, "question_opened", f"question/{question.ref}", **described(decision, question))


def described(decision: Decision, question: Question) -> dict[str, Any]:
    """A question as messages speak of it."""
    row = decision.session.get(StepRow, question.step_row_id) if question.step_row_id else None
    return {
        "phase": phase_name(decision.incident, row),
        "title": question.title,
        "role": question.assignee or question.role,
        "due_at": question.due_at.isoformat() if question.due_at else None,
        "link": f"{decision.house.settings.desk_url}/q/{question.ref}",
    }


def ask(
    decision: Decision,
    *,
    kind: str,
    role: str,
    title: str,
    row: StepRow | None = None,
    target: timedelta | None = None,
    subject: dict[str, Any] | None = None,
    excluded: list[str] | None = None,
) -> Question:
    """Add an open question; a run for it is started once the transaction is committed."""
    question = Question(
        ref=secrets.token_hex(8),
        incident_id=decision.incident_id,
        step_row_id=row.id if row else None,
        case_ref=row.case_ref if row else "",
        kind=kind,
        role=role,
        title=title,
        subject=subject or {},
        excluded=excluded or [],
        opened_at=decision.now,
        due_at=decision.now + target if target else None,
    )
    decision.session.add(question)
    decision.session.flush()
    schedule_overdue(decision, question)
    note(
        decision,
        "question_opened",
        "system",
        {"question": question.ref, "kind": kind, "title": title, "role": role},
        case_ref=question.case_ref,
    )
    return question


def open_added(decision: Decision, step: Step) -> Question:
    """Open a step that the commander adds beside the plan."""
    row = StepRow(
        incident_id=decision.incident_id,
        step_id=step.id,
        state="open",
        added=step.model_dump_json(),
        opened_at=decision.now,
    )
    decision.session.add(row)
    decision.session.flush()
    return _ask_step(decision, step, row)


def _moves(decision: Decision, plan: Playbook) -> tuple[Move, ...]:
    rows = steps_of(decision.session, decision.incident_id)
    return decide_moves(plan, states_of(rows), view_of(decision.session, decision.incident_id))


def _apply(decision: Decision, plan: Playbook, move: Move) -> list[Question]:
    match move:
        case Open(key) | Reopen(key):
            row = _row(decision, key, "open")
            return [_ask_step(decision, plan.step(key.step_id), row)]
        case Skip(key, why):
            _row(decision, key, "skipped", why)
            note(
                decision, "step_skipped", "system", {"step": key.step_id, "why": why}, case_ref=key.case or ""
            )
        case Withdraw(key, why):
            _withdraw(decision, key, why)
    return []


def _row(decision: Decision, key: StepKey, state: str, why: str = "") -> StepRow:
    row = StepRow(
        incident_id=decision.incident_id,
        case_ref=key.case or "",
        step_id=key.step_id,
        round=key.round,
        state=state,
        why=why,
        opened_at=decision.now if state == "open" else None,
        ended_at=None if state == "open" else decision.now,
    )
    decision.session.add(row)
    decision.session.flush()
    return row


def _ask_step(decision: Decision, step: Step, row: StepRow) -> Question:
    return ask(
        decision,
        kind=QUESTION_OF[step.kind],
        role=step.role,
        title=step.title,
        row=row,
        target=step.target,
    )


def _withdraw(decision: Decision, key: StepKey, why: str) -> None:
    for row in steps_of(decision.session, decision.incident_id):
        if key_of(row) == key:
            row.state, row.why, row.ended_at = "withdrawn", why, decision.now
            close_questions(decision, row, "withdrawn")
            note(
                decision, "step_withdrawn", "system", {"step": key.step_id, "why": why}, case_ref=row.case_ref
            )


def close_questions(decision: Decision, row: StepRow | None, state: str) -> None:
    """Close the open questions of a step, or of the whole incident; their runs end at their next look."""
    query = select(Question).where(
        Question.incident_id == decision.incident_id, col(Question.state) == "open"
    )
    if row is not None:
        query = query.where(Question.step_row_id == row.id)
    for question in decision.session.exec(query):
        question.state, question.closed_at = state, decision.now
        decision.session.add(question)

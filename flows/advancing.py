"""Carrying out what the plan says is next: pure moves in, steps and questions out."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sqlmodel import col, select

from flows.deciding import Decision, note, note_all, say
from flows.duties import duties_of, refresh_duties, schedule_overdue, silence
from flows.gathering import Known, gather, key_of, phase_name, plan_of, states_of
from playbooks.models import Playbook, Step
from playbooks.plan import Move, Open, Reopen, Skip, Withdraw, decide_moves
from store.tables import Question, StepRow
from store.timeline import Event

QUESTION_OF = {"manual": "step", "automated": "action", "notice": "draft"}
"""What a step of each kind asks first."""


def advance(decision: Decision, beside: Sequence[Question] = ()) -> list[Question]:
    """Open, skip, withdraw and reopen what the plan now says; returns the questions that became open.

    Questions `beside` the plan are asked with them, and come first.
    """
    known = gather(decision.session, decision.incident_id)
    plan = plan_of(decision.incident)
    of_plan = _carry_out(decision, plan, known, decide_moves(plan, states_of(known.steps), known.view))
    opened = [*beside, *of_plan]
    _put(decision, opened)
    refresh_duties(decision, known)
    untold = _reopen_untold(decision, plan, known.steps)
    _put(decision, untold)
    return [*opened, *untold]


def _reopen_untold(decision: Decision, plan: Playbook, steps: Sequence[StepRow]) -> list[Question]:
    """Open a new round of every ended notice step whose recipient is owed something that it did not tell.

    A duty may appear after its recipient was told: a law that holds after all, a contract found later.
    """
    latest = {(row.step_id, row.case_ref): row for row in steps}
    notices = {step.id: step for step in plan.steps if step.kind == "notice"}
    ended = [row for row in latest.values() if row.step_id in notices and row.state == "done"]
    duties = duties_of(decision.session, decision.incident_id) if ended else []
    running = [duty for duty in duties if duty.state in ("presumed", "owed")]
    untold = [
        row
        for row in ended
        if any((d.case_ref, d.recipient) == (row.case_ref, notices[row.step_id].recipient) for d in running)
    ]
    rows = [_next_round(decision, row) for row in untold]
    decision.session.flush()
    return [_of_step(decision, notices[row.step_id], row) for row in rows]


def _next_round(decision: Decision, row: StepRow) -> StepRow:
    again = StepRow(
        incident_id=decision.incident_id,
        case_ref=row.case_ref,
        step_id=row.step_id,
        round=row.round + 1,
        state="open",
        why="a duty to the same recipient appeared after it was told",
        opened_at=decision.now,
    )
    decision.session.add(again)
    return again


def announce(decision: Decision, questions: list[Question]) -> None:
    """Tell the responders of the questions that became open."""
    for question in questions:
        if question.kind != "action":
            say(decision, "question_opened", _key_of(question), **described(decision, question))


def _key_of(question: Question) -> str:
    """The same question is told once to each whom it is given to: giving it anew gives it a generation."""
    again = f"/given/{question.generation}" if question.generation else ""
    return f"question/{question.ref}{again}"


def described(decision: Decision, question: Question) -> dict[str, Any]:
    """A question as messages speak of it."""
    row = decision.session.get(StepRow, question.step_row_id) if question.step_row_id else None
    return {"phase": phase_name(decision.incident, row), **asked_of(decision, question)}


def asked_of(decision: Decision, question: Question) -> dict[str, Any]:
    """What a question asks of whom until when, and where it is answered."""
    return {
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
    question = new_question(
        decision, row, kind, role, title, target=target, subject=subject, excluded=excluded
    )
    _put(decision, [question])
    return question


def new_question(
    decision: Decision,
    row: StepRow | None,
    kind: str,
    role: str,
    title: str,
    *,
    target: timedelta | None = None,
    subject: dict[str, Any] | None = None,
    excluded: list[str] | None = None,
) -> Question:
    """A question of this decision, not yet asked."""
    return Question(
        ref=secrets.token_hex(8),
        incident_id=decision.incident_id,
        step_row_id=row.id if row else None,
        case_ref=row.case_ref if row else "",
        kind=kind,
        role=role,
        title=title[:160],  # as long as its column: a playbook's line may be longer
        subject=subject or {},
        excluded=excluded or [],
        opened_at=decision.now,
        due_at=decision.now + target if target else None,
    )


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
    question = _of_step(decision, step, row)
    _put(decision, [question])
    return question


def _carry_out(decision: Decision, plan: Playbook, known: Known, moves: tuple[Move, ...]) -> list[Question]:
    """Write the moves down together, first what ends; returns what the steps that begin will ask."""
    _take_back(decision, known, [move for move in moves if isinstance(move, Withdraw)])
    rows = [_row(decision, move) for move in moves if not isinstance(move, Withdraw)]
    decision.session.add_all(rows)
    decision.session.flush()
    known.steps.extend(rows)
    for row in rows:
        if row.state == "skipped":
            _note_end(decision, row)
    return [_of_step(decision, plan.step(row.step_id), row) for row in rows if row.state == "open"]


def _row(decision: Decision, move: Open | Reopen | Skip) -> StepRow:
    skipped = isinstance(move, Skip)
    return StepRow(
        incident_id=decision.incident_id,
        case_ref=move.key.case or "",
        step_id=move.key.step_id,
        round=move.key.round,
        state="skipped" if skipped else "open",
        why=move.why if isinstance(move, Skip) else "",
        opened_at=None if skipped else decision.now,
        ended_at=decision.now if skipped else None,
    )


def _take_back(decision: Decision, known: Known, moves: list[Withdraw]) -> None:
    why = {move.key: move.why for move in moves}
    for row in known.steps:
        if (key := key_of(row)) in why:
            row.state, row.why, row.ended_at = "withdrawn", why[key], decision.now
            close_questions(decision, row)
            _note_end(decision, row)


def _note_end(decision: Decision, row: StepRow) -> None:
    said = {"step": row.step_id, "why": row.why}
    note(decision, f"step_{row.state}", "system", said, case_ref=row.case_ref)


def _of_step(decision: Decision, step: Step, row: StepRow) -> Question:
    return new_question(decision, row, QUESTION_OF[step.kind], step.role, step.title, target=step.target)


def _put(decision: Decision, questions: list[Question]) -> None:
    """Write open questions down, let them warn in time, and tell the timeline."""
    decision.session.add_all(questions)
    decision.session.flush()
    schedule_overdue(decision, questions)
    note_all(decision, [_asked(decision, question) for question in questions])


def _asked(decision: Decision, question: Question) -> Event:
    said = {"question": question.ref, "kind": question.kind, "title": question.title, "role": question.role}
    return Event("question_opened", "system", decision.now, said, question.case_ref)


def close_question(decision: Decision, question: Question, state: str) -> None:
    """Close a question as answered or withdrawn; its warnings fall silent, its run ends at its next look."""
    question.state, question.closed_at = state, decision.now
    decision.session.add(question)
    silence(decision.session, f"question:{question.id}")


def close_questions(decision: Decision, row: StepRow | None) -> None:
    """Withdraw the open questions of a step, or of the whole incident."""
    query = select(Question).where(
        Question.incident_id == decision.incident_id, col(Question.state) == "open"
    )
    if row is not None:
        query = query.where(Question.step_row_id == row.id)
    for question in decision.session.exec(query).all():
        close_question(decision, question, "withdrawn")

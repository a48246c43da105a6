"""Questions: put, told of, described and closed."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from sqlmodel import col, select

from flows.circle import is_guarded
from flows.deciding import Decision, note_all, say
from flows.gathering import phase_name
from flows.law.scheduling import (
    reminder_of,
    schedule_overdue,
    schedule_reminders,
    silence,
    watch_anew,
)
from flows.roster.duty import asked_people, people_said
from store.outbox_edits import renew
from store.tables import Question, StepRow
from store.timeline import Event

PATIENCE = timedelta(minutes=15)
"""How long whoever is named next has before the one after them is named."""


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
    put(decision, [question])
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


def put(decision: Decision, questions: Sequence[Question]) -> None:
    """Write open questions down, let them warn in time, and tell the timeline."""
    decision.session.add_all(questions)
    decision.session.flush()
    schedule_overdue(decision, questions)
    schedule_reminders(decision, questions)
    note_all(decision, [_asked(decision, question) for question in questions])


def announce(decision: Decision, questions: Sequence[Question]) -> None:
    """Tell the responders of the questions that became open."""
    for question in questions:
        if question.kind != "action":
            say(decision, "question_opened", _key_of(question), **described(decision, question))


def described(decision: Decision, question: Question) -> dict[str, Any]:
    """A question as messages speak of it."""
    row = decision.session.get(StepRow, question.step_row_id) if question.step_row_id else None
    return {"phase": phase_name(decision.incident, row), **asked_of(decision, question)}


def asked_of(decision: Decision, question: Question) -> dict[str, Any]:
    """What a question asks of whom until when, and where it is answered."""
    asked = asked_people(decision.session, decision.incident, question, decision.now)
    people = people_said(decision.session, decision.incident, asked)
    return {
        "title": question.title,
        "role": question.assignee or question.role,
        "due_at": question.due_at.isoformat() if question.due_at else None,
        "link": f"{decision.house.settings.desk_url}/q/{question.ref}",
        **({"on_duty": people} if people else {}),
        "question": question.ref,
    }


def give_anew(decision: Decision, question: Question) -> None:
    """Let a question that changes hands be put by a new run, and escalate from the first rung again."""
    to = "" if is_guarded(decision.session, decision.incident) else question.assignee
    tell_became(decision, question, "given to", to or question.role)
    question.generation, question.run_id, question.escalations = question.generation + 1, None, 0
    decision.session.add(question)
    watch_anew(decision, question, PATIENCE)


def close_question(decision: Decision, question: Question, state: str, by: str = "") -> None:
    """Close a question as answered or withdrawn; its warnings fall silent, its run ends at its next look.

    Where it was told of, it is no longer asked: what was said of it says what became of it, and `by` whom.
    """
    if question.kind != "action" and (question.state == "open" or by):
        named = by if by and not is_guarded(decision.session, decision.incident) else ""
        tell_became(decision, question, f"{state} by" if named else state, named)
    question.state, question.closed_at = state, decision.now
    decision.session.add(question)
    silence(decision.session, f"question:{question.id}")
    silence(decision.session, reminder_of(question))


def tell_became(decision: Decision, question: Question, became: str, by: str = "") -> None:
    """Let every message about a question say what became of it, without its buttons."""
    keys = [f"{decision.incident.ref}/{key}" for key in _keys_of(question)]
    told = {"became": became, "by": by or None}

    def change(fields: Mapping[str, Any]) -> Mapping[str, Any]:
        if "questions" not in fields:
            return {**fields, **told}
        listed = [
            {**one, **told} if one.get("question") == question.ref else one for one in fields["questions"]
        ]
        return {**fields, "questions": listed}

    renew(decision.session, keys, change, at=decision.wall)


def tell_taken(decision: Decision, question: Question) -> None:
    """Let every message that asks a question say whose it is now; of a circle's members none is named."""
    if is_guarded(decision.session, decision.incident):
        return
    keys = [f"{decision.incident.ref}/{key}" for key in _keys_of(question)]

    def change(fields: Mapping[str, Any]) -> Mapping[str, Any]:
        if "questions" not in fields:
            return {**fields, "role": question.assignee}
        listed = [
            {**one, "role": question.assignee} if one.get("question") == question.ref else one
            for one in fields["questions"]
        ]
        return {**fields, "questions": listed}

    renew(decision.session, keys, change, at=decision.wall)


def close_questions(decision: Decision, row: StepRow | None) -> None:
    """Withdraw the open questions of a step, or of the whole incident."""
    query = select(Question).where(
        Question.incident_id == decision.incident_id, col(Question.state) == "open"
    )
    if row is not None:
        query = query.where(Question.step_row_id == row.id)
    for question in decision.session.exec(query).all():
        close_question(decision, question, "withdrawn")


def visible(text: str) -> str:
    """Text as a step may hold it: what cannot be seen is a space."""
    return "".join(char if char.isprintable() or char == "\n" else " " for char in text).strip()


def _keys_of(question: Question) -> list[str]:
    """The keys of every message that may ask it: its own, and where it was listed or put as a candidate."""
    own = f"question/{question.ref}"
    given = [f"{own}/given/{generation}" for generation in range(1, question.generation + 1)]
    return ["opened", "candidate", own, *given]


def _key_of(question: Question) -> str:
    """The same question is told once to each whom it is given to: giving it anew gives it a generation."""
    again = f"/given/{question.generation}" if question.generation else ""
    return f"question/{question.ref}{again}"


def _asked(decision: Decision, question: Question) -> Event:
    said = {"question": question.ref, "kind": question.kind, "title": question.title, "role": question.role}
    return Event("question_opened", "system", decision.now, said, question.case_ref)

"""Asking anew where nobody could answer: a form lists its responders as they were when it was put."""

from __future__ import annotations

from collections.abc import Collection

from sqlmodel import Session, col, select

from store.tables import Question


def ask_anew(session: Session, roles: Collection[str]) -> int:
    """Give the open questions of these roles a new form, in the caller's transaction; returns how many."""
    questions = session.exec(
        select(Question).where(Question.state == "open", col(Question.role).in_(sorted(roles)))
    ).all()
    for question in questions:
        question.generation, question.run_id, question.rescued_at = question.generation + 1, None, None
        session.add(question)
    return len(questions)

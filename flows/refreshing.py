"""Asking anew where nobody could answer: a form lists its responders as they were when it was put."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from sqlmodel import Session, col, select

from flows.circle import kept_out
from store.tables import Question


def ask_anew(session: Session, roles: Collection[str], holders: Mapping[str, set[str]]) -> int:
    """Give a new form to the open questions of these roles that none of their holders so far could answer.

    Works in the caller's transaction; returns how many.
    """
    asked = session.exec(
        select(Question).where(Question.state == "open", col(Question.role).in_(sorted(roles)))
    ).all()
    questions = [one for one in asked if holders.get(one.role, set()) <= _unable(session, one)]
    for question in questions:
        question.generation, question.run_id, question.rescued_at = question.generation + 1, None, None
        session.add(question)
    return len(questions)


def _unable(session: Session, question: Question) -> frozenset[str]:
    """Who may not answer a question, whatever role they hold."""
    return kept_out(session, question.incident_id) | frozenset(question.excluded)

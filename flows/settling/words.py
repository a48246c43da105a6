"""Asking for a second person's word: once at a time, bound to what is known, with what was refused before."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from sqlmodel import col, select

from flows.circle import outward
from flows.deciding import Decision
from flows.forms import Given
from flows.questions import ask
from flows.settling.standing import known_for
from playbooks.errors import Refused
from store.tables import Answer, Approval, Question, StepRow

APPROVAL_TARGET = timedelta(hours=1)
_SUBJECTS = ("fact", "question", "handle")
"""What a word is about, beside duties: a fact, a step, a person."""
_SAME_ACT = {"silence": "waiver"}
"""To decide not to notify and to waive are one act: nobody is told."""


def ask_approval(
    decision: Decision,
    row: StepRow | None,
    role: str,
    *,
    title: str,
    by: str,
    words: str,
    digest: str,
    what: str = "step",
    **more: Any,
) -> Question:
    """Ask a second person; whoever asked is excluded, and time running out approves nothing."""
    if what != "step":
        _refuse_second(decision, what, more)
    about = {"by": by, "words": words, "digest": digest, "what": what, **more}
    about["known"] = known_for(decision, what, more.get("duties", ()))
    about["refusals"] = refusals(decision, row, what, more)
    return ask(
        decision,
        kind="approval",
        role=role,
        title=title[:160],
        row=row,
        target=APPROVAL_TARGET,
        subject=about,
        excluded=[by],
    )


def ask_word(
    decision: Decision, given: Given, what: str, title: str, *, words: str = "", **subject: Any
) -> Question:
    """Ask an approver for a second word on what a responder wants, bound to exactly that."""
    return ask_approval(
        decision,
        None,
        "approver",
        title=title,
        by=given.handle,
        words=words or f"{given.handle} asks for it.",
        digest=hashlib.sha256(f"{what}/{given.reason}/{subject}".encode()).hexdigest(),
        what=what,
        reason=given.reason,
        **subject,
    )


def refusals(
    decision: Decision, row: StepRow | None, what: str, about: Mapping[str, Any]
) -> list[dict[str, str]]:
    """Who refused the same before, and why: it is put before whoever is asked next."""
    query = (
        select(Question, Answer)
        .join(Approval, col(Approval.question_id) == col(Question.id))
        .join(Answer, col(Answer.question_id) == col(Question.id))
        .where(Question.incident_id == decision.incident_id, col(Approval.granted).is_(False))
        .where(Answer.verdict == "accepted")
        .order_by(col(Answer.id))
    )
    same = []
    for question, answer in decision.session.exec(query):
        is_of_step = row is not None and question.step_row_id == row.id
        if is_of_step or (what != "step" and _is_same(question, what, about)):
            same.append(
                {"by": answer.handle, "reason": outward(decision.session, decision.incident, _why(answer))}
            )
    return same


def _why(answer: Answer) -> str:
    """What somebody who refused said of it."""
    said = (str(answer.fields.get(name, "")) for name in ("reason", "words"))
    return "; ".join(part for part in said if part.strip())


def _refuse_second(decision: Decision, what: str, about: Mapping[str, Any]) -> None:
    """Raise Refused while the same is asked of somebody already."""
    query = select(Question).where(
        Question.incident_id == decision.incident_id,
        Question.kind == "approval",
        col(Question.state) == "open",
    )
    for question in decision.session.exec(query):
        if _is_same(question, what, about):
            mend = f"it was asked by {question.subject['by']}: wait for the answer to {question.ref[:8]}"
            raise Refused("this is asked already", which=question.title, mend=mend)


def _is_same(question: Question, what: str, about: Mapping[str, Any]) -> bool:
    """Whether a question asks for the same act about one of the same duties, or the same subject."""
    subject = question.subject
    is_act = _act(str(subject.get("what", ""))) == _act(what)
    shares = not about.get("duties") or not set(about["duties"]).isdisjoint(subject.get("duties", ()))
    return is_act and shares and all(subject.get(name) == about.get(name) for name in _SUBJECTS)


def _act(what: str) -> str:
    return _SAME_ACT.get(what, what)

"""The course of the response: its steps, the words that were given, what was refused, what was repaired."""

from __future__ import annotations

from collections.abc import Iterator

from flows.review.lateness import is_late
from flows.review.material import ACCEPTED, Material
from notify.report_view import DecisionLine, RefusedLine, RepairLine, StepLine
from store.tables import Answer, Approval, Question, StepRow

WITH_A_WORD = ("approval", "counsel", "release")
ORDINARY = frozenset({"done", "draft", "accepted"})
"""Decisions that are the plain answer to a question; every other one is a decision to be told."""

WITHHELD = "not shown in a report for one client"


def step_lines(material: Material) -> tuple[StepLine, ...]:
    """Every step that the plan reached, phase by phase."""
    order = [str(phase.id) for phase in material.plan.phases]
    rows = sorted(material.steps, key=lambda row: (_place(order, material.phase(row)), row.id or 0))
    return tuple(_step(material, row) for row in rows)


def decision_lines(material: Material) -> tuple[DecisionLine, ...]:
    """Approvals and refusals with the digest they are bound to, commands, and steps held not to apply."""
    words = {approval.question_id: approval for approval in material.approvals}
    questions = {question.id: question for question in material.questions}
    found = [
        _decision(material, questions[answer.question_id], answer, words.get(answer.question_id))
        for answer in material.answers
        if answer.verdict == ACCEPTED and answer.decision not in ORDINARY
    ]
    return tuple(sorted(found, key=lambda line: line.at))


def refused_lines(material: Material) -> tuple[RefusedLine, ...]:
    """Every answer that did not count, and what was wrong with it."""
    questions = {question.id: question for question in material.questions}
    return tuple(
        RefusedLine(
            at=answer.answered_at,
            by=answer.handle or "nobody",
            what=material.title(questions[answer.question_id]),
            client=material.client(questions[answer.question_id].case_ref),
            verdict=answer.verdict.replace("_", " "),
            fault=answer.fault if material.may_quote(questions[answer.question_id].case_ref) else WITHHELD,
        )
        for answer in material.answers
        if answer.verdict != ACCEPTED
    )


def repair_lines(material: Material) -> tuple[RepairLine, ...]:
    """The runs that were lost and asked anew, as the timeline tells."""
    titles = {question.ref: material.title(question) for question in material.questions}
    return tuple(
        RepairLine(
            at=entry.at,
            what=titles.get(str((entry.payload or {}).get("question", "")), "A question"),
            client=material.client(entry.case_ref),
            why=str((entry.payload or {}).get("why", "")),
        )
        for entry in material.entries_of("run_repaired")
    )


def _place(order: list[str], phase: str) -> int:
    return order.index(phase) if phase in order else len(order)


def _step(material: Material, row: StepRow) -> StepLine:
    questions = [q for q in material.questions_of(row) if q.kind not in WITH_A_WORD]
    first = questions[0] if questions else None
    return StepLine(
        phase=material.phase(row),
        title=material.step_title(row),
        client=material.client(row.case_ref),
        state=row.state,
        by=", ".join(dict.fromkeys(_handles(material, questions))),
        opened_at=row.opened_at,
        due_at=first.due_at if first else None,
        ended_at=row.ended_at,
        is_late=any(is_late(material, question) for question in questions),
        why=row.why if material.may_quote(row.case_ref) or row.state == "skipped" else "",
    )


def _handles(material: Material, questions: list[Question]) -> Iterator[str]:
    for question in questions:
        answer = material.accepted(question)
        if answer is not None:
            yield answer.handle
        elif question.kind == "action" and question.state == "answered":
            yield "system"


def _decision(material: Material, question: Question, answer: Answer, word: Approval | None) -> DecisionLine:
    reason = str(answer.fields.get("reason") or question.subject.get("reason") or "")
    return DecisionLine(
        at=word.at if word else answer.answered_at,
        what=material.title(question),
        client=material.client(question.case_ref),
        decision=answer.decision.replace("_", " "),
        by=answer.handle,
        asked_by=str(question.subject.get("by", "")),
        reason=reason if material.may_quote(question.case_ref) else "",
        digest=word.subject if word else "",
    )

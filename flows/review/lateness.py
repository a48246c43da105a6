"""What was late, by how much, and why as far as anybody said; and the warnings that were sent."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from flows.review.material import Material
from notify.report_clocks import LateLine, WarningLine
from store.tables import Obligation, Question

NO_REASON = "no reason was recorded"
RUNNING = ("presumed", "owed")


def late_lines(material: Material) -> tuple[LateLine, ...]:
    """Every duty, question and action item past its time: the duties first, each kind by its date."""
    found = (*_late_duties(material), *_late_questions(material), *_late_actions(material))
    order = {"duty": 0, "question": 1, "action item": 2}
    return tuple(sorted(found, key=lambda line: (order[line.kind], line.due_at)))


def warning_lines(material: Material) -> tuple[WarningLine, ...]:
    """The warnings that went out, in their order, each with what it was about."""
    about: dict[str, tuple[str, str]] = {}
    for duty in material.duties:
        about[f"obligation:{duty.id}"] = (duty.title, duty.case_ref)
    for question in material.questions:
        about[f"question:{question.id}"] = (material.title(question), question.case_ref)
    for item in material.actions:
        about[f"action:{item.id}"] = (f"Action item {item.ref}", "")
    return tuple(
        WarningLine(
            what=about[warning.subject][0],
            client=material.client(about[warning.subject][1]),
            threshold=warning.threshold,
            due_at=warning.due_at,
            fired_at=warning.fired_at,
        )
        for warning in sorted(material.warnings, key=lambda one: (one.due_at, one.id or 0))
        if warning.subject in about and warning.fired_at is not None
    )


def answered_at(material: Material, question: Question) -> datetime | None:
    """When a question was settled: when its answer was given, not when somebody came to read it."""
    answer = material.accepted(question)
    return answer.answered_at if answer is not None else question.closed_at


def is_late(material: Material, question: Question) -> bool:
    """Whether a question was settled after its time, or is still open past it."""
    done_at = answered_at(material, question) or material.until
    return question.due_at is not None and done_at > question.due_at


def reasons_for(material: Material, duty: Obligation) -> tuple[str, ...]:
    """The reasons for a delay as the duty holds them, and as the drafts of its notices gave them."""
    steps = {notice.step_row_id for notice in material.notices if duty.id in notice.obligations}
    drafts = [q for q in material.questions if q.kind == "draft" and q.step_row_id in steps]
    told = [answer.fields.get("late_reasons") for q in drafts if (answer := material.accepted(q))]
    found = [duty.late_reason, *(str(one) for one in told if one)]
    return tuple(dict.fromkeys(one.strip() for one in found if one.strip()))


def _late_duties(material: Material) -> Iterator[LateLine]:
    for duty in material.duties:
        done_at = duty.met_at or material.until
        if duty.state not in (*RUNNING, "met") or duty.due_at is None or done_at <= duty.due_at:
            continue
        yield LateLine(
            kind="duty",
            what=f"{duty.title} ({duty.citation})",
            client=material.client(duty.case_ref),
            who=f"to the {duty.recipient.replace('_', ' ')}",
            due_at=duty.due_at,
            done_at=duty.met_at,
            over=done_at - duty.due_at,
            why=reasons_for(material, duty) or (NO_REASON,),
        )


def _late_questions(material: Material) -> Iterator[LateLine]:
    for question in material.questions:
        if question.due_at is None or not is_late(material, question):
            continue
        answer = material.accepted(question)
        done_at = answered_at(material, question)
        yield LateLine(
            kind="question",
            what=material.title(question),
            client=material.client(question.case_ref),
            who=answer.handle if answer else question.assignee or question.role,
            due_at=question.due_at,
            done_at=done_at,
            over=(done_at or material.until) - question.due_at,
            why=tuple(_why(material, question)),
        )


def _why(material: Material, question: Question) -> Iterator[str]:
    answer = material.accepted(question)
    reason = str(answer.fields.get("reason") or "").strip() if answer else ""
    yield reason if reason and material.may_quote(question.case_ref) else NO_REASON
    if question.escalations:
        yield f"escalated {_times(question.escalations)}"
    if refused := [one for one in material.answers_to(question) if one.verdict != "accepted"]:
        yield f"answered and refused {_times(len(refused))}"
    if question.generation:
        yield f"asked anew or reassigned {_times(question.generation)}"


def _late_actions(material: Material) -> Iterator[LateLine]:
    for item in material.actions:
        done_at = item.closed_at or material.mending_at
        if done_at > item.due_at:
            yield LateLine(
                kind="action item",
                what=item.title if material.may_quote("") else item.ref,
                client="",
                who=item.owner,
                due_at=item.due_at,
                done_at=item.closed_at,
                over=done_at - item.due_at,
                why=(NO_REASON,),
            )


def _times(count: int) -> str:
    return {1: "once", 2: "twice"}.get(count, f"{count} times")

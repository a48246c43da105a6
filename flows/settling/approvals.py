"""A second person's word: granted, it lets the thing asked for happen; refused, it goes back."""

from __future__ import annotations

from collections.abc import Callable

from sqlmodel import col, select

from flows.advancing import close_question
from flows.deciding import Decision, note
from flows.duties import duties_of, silence
from flows.forms import Filled, Given
from flows.rounds import OPEN_DUTY
from flows.settling.closing import close_as
from flows.settling.ending import ask_again, finish, row_of
from flows.settling.steps import state_facts
from playbooks.facts import from_json
from store.tables import Approval, Obligation, Question


def settle_approval(decision: Decision, question: Question, given: Given, filled: Filled) -> list[Question]:  # noqa: ARG001
    """Record the word bound to its subject, and carry out what it was about."""
    granted = given.decision == "approve"
    record_word(decision, question, given, granted=granted)
    what = str(question.subject.get("what", "step"))
    return (_GRANTED if granted else _REFUSED)[what](decision, question, given)


def record_word(decision: Decision, question: Question, given: Given, *, granted: bool) -> None:
    """Keep the approval with the digest of what it was about."""
    assert question.id is not None
    digest = str(question.subject["digest"])
    decision.session.add(
        Approval(
            question_id=question.id, subject=digest, handle=given.handle, granted=granted, at=decision.now
        )
    )
    said = {"title": question.title, "digest": digest, "reason": given.reason}
    note(decision, "approved" if granted else "refused", given.handle, said, case_ref=question.case_ref)


def end_duties(decision: Decision, duties: list[Obligation], why: str) -> None:
    """End duties without telling anybody, on a reason that two people stand for; what was met stays met."""
    for duty in (one for one in duties if one.state in OPEN_DUTY):
        duty.state, duty.why = "waived", why[:1000]
        decision.session.add(duty)
        silence(decision.session, f"obligation:{duty.id}")
        note(decision, "duty_waived", "system", {"rule": duty.rule_id, "why": why}, case_ref=duty.case_ref)


def _step_granted(decision: Decision, question: Question, given: Given) -> list[Question]:
    close_question(decision, question, "answered")
    others = decision.session.exec(
        select(Question).where(
            Question.step_row_id == question.step_row_id,
            Question.kind == "approval",
            col(Question.state) == "open",
        )
    ).all()
    for other in others:  # two approvals are two people's words, also where one person holds both roles
        other.excluded = [*other.excluded, given.handle]
        decision.session.add(other)
    if not others:
        row, subject = row_of(decision, question), question.subject
        facts = {name: from_json(name, value) for name, value in subject.get("facts", {}).items()}
        state_facts(decision, row, str(subject.get("question", "")), str(subject["by"]), facts)
        finish(decision, row, given.handle, str(subject.get("why", "")))
    return []


def _step_refused(decision: Decision, question: Question, given: Given) -> list[Question]:
    return [ask_again(decision, row_of(decision, question), "step", f"refused: {given.reason}")]


def _silence_granted(decision: Decision, question: Question, given: Given) -> list[Question]:
    ids = question.subject["duties"]
    duties = [duty for duty in duties_of(decision.session, decision.incident_id) if duty.id in ids]
    why = (
        f"decided not to notify by {question.subject['by']} and {given.handle}: {question.subject['reason']}"
    )
    end_duties(decision, duties, why)
    finish(decision, row_of(decision, question), given.handle, why)
    return []


def _silence_refused(decision: Decision, question: Question, given: Given) -> list[Question]:
    return [ask_again(decision, row_of(decision, question), "draft", f"refused: {given.reason}")]


def _waiver_granted(decision: Decision, question: Question, given: Given) -> list[Question]:
    ids = question.subject["duties"]
    duties = [duty for duty in duties_of(decision.session, decision.incident_id) if duty.id in ids]
    end_duties(
        decision,
        duties,
        f"waived by {question.subject['by']} and {given.handle}: {question.subject['reason']}",
    )
    return []


def _nothing_more(decision: Decision, question: Question, given: Given) -> list[Question]:  # noqa: ARG001
    return []


def _false_positive_granted(decision: Decision, question: Question, given: Given) -> list[Question]:
    why = f"false positive, by {question.subject['by']} and {given.handle}: {question.subject['reason']}"
    end_duties(
        decision,
        duties_of(decision.session, decision.incident_id),
        why,
    )
    close_as(decision, "false_positive", given.handle, why)
    return []


_Outcome = Callable[[Decision, Question, Given], list[Question]]
_GRANTED: dict[str, _Outcome] = {
    "step": _step_granted,
    "silence": _silence_granted,
    "waiver": _waiver_granted,
    "false_positive": _false_positive_granted,
}
_REFUSED: dict[str, _Outcome] = {
    "step": _step_refused,
    "silence": _silence_refused,
    "waiver": _nothing_more,
    "false_positive": _nothing_more,
}

"""A second person's word: granted, it lets the thing asked for happen; refused, it goes back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from sqlmodel import col, select

from flows.deciding import Decision, note
from flows.forms import Filled, Given
from flows.gathering import step_of, steps_of
from flows.law.duties import duties_of
from flows.law.ending import delay_duties, meet_duties, waive_duties
from flows.law.stages import running
from flows.questions import close_question
from flows.rounds import duties_met_by
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
    return [ask_again(decision, row_of(decision, question), f"refused: {given.reason}")]


def _silence_granted(decision: Decision, question: Question, given: Given) -> list[Question]:
    by = _both(question, given)
    why = f"decided not to notify by {by[0]} and {by[1]}: {question.subject['reason']}"
    waive_duties(decision, _duties(decision, question), by, why)
    finish(decision, row_of(decision, question), given.handle, why)
    return []


def _silence_refused(decision: Decision, question: Question, given: Given) -> list[Question]:
    return [ask_again(decision, row_of(decision, question), f"refused: {given.reason}")]


def _waiver_granted(decision: Decision, question: Question, given: Given) -> list[Question]:
    by = _both(question, given)
    why = f"waived by {by[0]} and {by[1]}: {question.subject['reason']}"
    waive_duties(decision, _duties(decision, question), by, why)
    return []


def _meeting_granted(decision: Decision, question: Question, given: Given) -> list[Question]:
    """Believe that a duty was met elsewhere; a notice round that has nothing else to meet is over."""
    by, duties = _both(question, given), _duties(decision, question)
    at, proof = datetime.fromisoformat(str(question.subject["at"])), str(question.subject["proof"])
    for duty in (one for one in running(duties) if one.due_at is not None and at > one.due_at):
        duty.late_reason = str(question.subject["reason"])[:500]
    meet_duties(decision, duties, at, by[0], f"{proof} (stated by {by[0]}, agreed by {by[1]})")
    told = {(duty.case_ref, duty.recipient) for duty in duties}
    for row in steps_of(decision.session, decision.incident_id):
        step = step_of(decision.incident, row)
        is_about = step.kind == "notice" and (row.case_ref, step.recipient) in told
        if is_about and row.state in ("open", "approving") and not duties_met_by(decision, step, row):
            finish(decision, row, given.handle, "met elsewhere")
    return []


def _delay_granted(decision: Decision, question: Question, given: Given) -> list[Question]:
    until = datetime.fromisoformat(str(question.subject["until"]))
    basis = str(question.subject["basis"])
    delay_duties(decision, _duties(decision, question), until, _both(question, given), basis)
    return []


def _nothing_more(decision: Decision, question: Question, given: Given) -> list[Question]:  # noqa: ARG001
    return []


def _false_positive_granted(decision: Decision, question: Question, given: Given) -> list[Question]:
    by = _both(question, given)
    why = f"false positive, by {by[0]} and {by[1]}: {question.subject['reason']}"
    waive_duties(decision, duties_of(decision.session, decision.incident_id), by, why)
    close_as(decision, "false_positive", given.handle, why)
    return []


def _duties(decision: Decision, question: Question) -> list[Obligation]:
    """The duties that the word was asked about."""
    ids = question.subject["duties"]
    return [duty for duty in duties_of(decision.session, decision.incident_id) if duty.id in ids]


def _both(question: Question, given: Given) -> tuple[str, str]:
    """Who asked, and who agreed."""
    return str(question.subject["by"]), given.handle


_Outcome = Callable[[Decision, Question, Given], list[Question]]
_GRANTED: dict[str, _Outcome] = {
    "step": _step_granted,
    "silence": _silence_granted,
    "waiver": _waiver_granted,
    "meeting": _meeting_granted,
    "delay": _delay_granted,
    "false_positive": _false_positive_granted,
}
_REFUSED: dict[str, _Outcome] = {
    "step": _step_refused,
    "silence": _silence_refused,
    "waiver": _nothing_more,
    "meeting": _nothing_more,
    "delay": _nothing_more,
    "false_positive": _nothing_more,
}

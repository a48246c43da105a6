"""A second person's word: granted, it lets the thing asked for happen; refused, it goes back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from sqlmodel import col, select

from flows.circle import outward
from flows.deciding import Decision, note
from flows.forms import Filled, Given
from flows.gathering import find_question, key_of, open_questions, step_of, steps_of
from flows.law.duties import duties_of
from flows.law.ending import delay_duties, meet_duties, waive_duties
from flows.law.stages import running
from flows.questions import close_question
from flows.rounds import duties_met_by, states_with_released
from flows.settling.circling import lift
from flows.settling.closing import close_as
from flows.settling.ending import ask_again, finish, row_of
from flows.settling.skipping import pass_by, pointless
from flows.settling.standing import changed, known_for, void_word
from flows.settling.stating import put_down
from flows.settling.steps import state_facts
from playbooks.facts import from_json
from store.tables import Approval, Obligation, Question


def settle_approval(decision: Decision, question: Question, given: Given, filled: Filled) -> list[Question]:  # noqa: ARG001
    """Record the word bound to its subject, and carry out what it was about."""
    what = str(question.subject["what"])
    if given.decision != "approve":
        record_word(decision, question, given, granted=False)
        return _back(
            decision, question, f"refused: {outward(decision.session, decision.incident, given.reason)}"
        )
    if fault := _void(decision, question, what):
        void_word(decision, question, given.handle, fault)
        return _back(decision, question, fault)
    record_word(decision, question, given, granted=True)
    return _GRANTED[what](decision, question, given)


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


def _statement_granted(decision: Decision, question: Question, given: Given) -> list[Question]:
    subject = question.subject
    value = from_json(str(subject["name"]), subject["value"])
    basis = f"{subject['reason']} (agreed by {given.handle})"
    put_down(decision, str(subject["case"]), str(subject["name"]), value, str(subject["by"]), basis)
    return []


def _void(decision: Decision, question: Question, what: str) -> str:
    """Why a word that is granted does not count: it was asked on other facts, or its time is over."""
    subject = question.subject
    now = known_for(decision, what, subject.get("duties", ()))
    if fault := changed(subject.get("known", {}), now):
        return fault
    if what == "delay" and datetime.fromisoformat(str(subject["until"])) <= decision.now:
        return "the delay would be over already"
    if what == "skip":
        return pointless(decision, str(subject["question"]))
    if what == "meeting" and not str(subject["reason"]).strip() and _late(decision, question):
        return "it was late: the reasons for the delay are needed"
    return ""


def _back(decision: Decision, question: Question, why: str) -> list[Question]:
    """Give what was asked back to whoever asked: the step is asked again, the commander's form says why."""
    if question.step_row_id is not None:
        return [ask_again(decision, row_of(decision, question), why)]
    for one in open_questions(decision.session, decision.incident_id):
        if one.kind == "command":
            one.fault = f"{question.title}: {why}"[:300]
            decision.session.add(one)
    return []


def _step_granted(decision: Decision, question: Question, given: Given) -> list[Question]:
    close_question(decision, question, "answered", given.handle)
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


def _silence_granted(decision: Decision, question: Question, given: Given) -> list[Question]:
    by = _both(question, given)
    why = f"decided not to notify by {by[0]} and {by[1]}: {question.subject['reason']}"
    waive_duties(decision, _duties(decision, question), by, why)
    finish(decision, row_of(decision, question), given.handle, why)
    return []


def _waiver_granted(decision: Decision, question: Question, given: Given) -> list[Question]:
    by = _both(question, given)
    why = f"waived by {by[0]} and {by[1]}: {question.subject['reason']}"
    waive_duties(decision, _duties(decision, question), by, why)
    return []


def _meeting_granted(decision: Decision, question: Question, given: Given) -> list[Question]:
    """Believe that a duty was met elsewhere; a notice round that has nothing else to meet is over.

    One already released is on its way, and stays until its receipt is recorded.
    """
    by, duties = _both(question, given), _duties(decision, question)
    at, proof = datetime.fromisoformat(str(question.subject["at"])), str(question.subject["proof"])
    for duty in _late(decision, question):
        duty.late_reason = duty.late_reason or str(question.subject["reason"])[:500]
    meet_duties(decision, duties, at, by[0], f"{proof} (stated by {by[0]}, agreed by {by[1]})")
    told = {(duty.case_ref, duty.recipient) for duty in duties}
    rows = steps_of(decision.session, decision.incident_id)
    states = states_with_released(decision.session, rows)
    for row in rows:
        step = step_of(decision.incident, row)
        is_about = step.kind == "notice" and (row.case_ref, step.recipient) in told
        is_live = states[key_of(row)] in ("open", "approving")
        if is_about and is_live and not duties_met_by(decision, step, row):
            finish(decision, row, given.handle, "met elsewhere")
    return []


def _delay_granted(decision: Decision, question: Question, given: Given) -> list[Question]:
    until = datetime.fromisoformat(str(question.subject["until"]))
    basis = str(question.subject["basis"])
    delay_duties(decision, _duties(decision, question), until, _both(question, given), basis)
    return []


def _skip_granted(decision: Decision, question: Question, given: Given) -> list[Question]:
    by, asked = _both(question, given), find_question(decision.session, str(question.subject["question"]))
    assert asked is not None
    why = f"skipped by {by[0]}, agreed by {by[1]}: {question.subject['reason']}"
    pass_by(decision, row_of(decision, asked), given.handle, why)
    return []


def _readmission_granted(decision: Decision, question: Question, given: Given) -> list[Question]:
    lift(decision, str(question.subject["handle"]), _both(question, given), str(question.subject["reason"]))
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


def _late(decision: Decision, question: Question) -> list[Obligation]:
    """Those of them that were met after their deadline, and say no reasons for it yet."""
    at = datetime.fromisoformat(str(question.subject["at"]))
    duties = running(_duties(decision, question))
    return [duty for duty in duties if duty.due_at is not None and at > duty.due_at and not duty.late_reason]


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
    "statement": _statement_granted,
    "skip": _skip_granted,
    "readmission": _readmission_granted,
    "false_positive": _false_positive_granted,
}

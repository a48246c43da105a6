"""Taking an answer: judged, counted or refused, and carried out, in one transaction under the lock."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from flows.advancing import advance
from flows.circle import is_guarded, kept_out
from flows.clock import segments_of
from flows.deciding import Decision, deciding, note, say
from flows.exercise.absent import away_until
from flows.exercise.sinks import stop_for
from flows.exercise.standing import STOPPED
from flows.exercise.supporting import playing_elsewhere
from flows.forbidden import Cleared, clear, refuse_forbidden
from flows.forms import Filled, Given, read_fields
from flows.gate import Asked, Claimant, Proof, fault_of, is_identity_fault
from flows.gathering import find_question
from flows.house import House
from flows.identity import CODE_PERIOD, matching_counter, spend
from flows.questions import announce, close_question
from flows.settling.approvals import settle_approval
from flows.settling.candidates import settle_candidate
from flows.settling.commands import settle_command
from flows.settling.counsel import settle_counsel
from flows.settling.ending import finish, row_of
from flows.settling.notices import settle_draft, settle_release
from flows.settling.proofs import settle_proof
from flows.settling.steps import settle_step
from flows.specs import spec_of
from playbooks.errors import ChooseAgain, Mend, RealRecipient, Refused
from playbooks.sensitive import without_numbers
from playbooks.timebase import incident_time
from store.tables import Answer, Case, Client, CodeUse, Exercise, Question, Responder

SETTLE: Mapping[str, Callable[[Decision, Question, Given, Filled], list[Question]]] = {
    "command": settle_command,
    "candidate": settle_candidate,
    "step": settle_step,
    "approval": settle_approval,
    "draft": settle_draft,
    "counsel": settle_counsel,
    "release": settle_release,
    "proof": settle_proof,
}


@dataclass(frozen=True, slots=True)
class Claim:
    """The very question an answer belongs to: a later attempt or generation is another."""

    incident: str
    question: str
    generation: int
    attempt: int


def take_answer(house: House, claim: Claim, given: Given, form_fault: str = "") -> None:
    """Judge an answer and carry it out; a replay of one already taken changes nothing.

    Numbers that no answer may hold are taken out first: what is written of a refused one holds them nowhere.
    """
    try:
        _take(house, claim, clear(given), without_numbers(form_fault))
    except RealRecipient as leak:  # nothing of the answer happened
        stop_for(house, claim.incident, leak)


def _take(house: House, claim: Claim, cleared: Cleared, form_fault: str) -> None:
    given = cleared.given
    with deciding(house, claim.incident) as decision:
        question = _current(decision.session, claim)
        if question is None:
            return
        responder = decision.session.exec(select(Responder).where(Responder.handle == given.handle)).first()
        fault, verdict = _judge(decision, question, responder, given, form_fault)
        if not fault:
            fault, opened = _try_settling(decision, question, cleared)
            verdict = "refused" if fault else "accepted"
        _record(decision, question, given, verdict, fault)
        if fault:
            _return(decision, question, given, fault)
        else:
            announce(decision, [*opened, *advance(decision)] if decision.incident.state == "open" else [])


def put_anew(house: House, claim: Claim) -> None:
    """Let a question be put under its next key, where this one is spent and brought no answer."""
    with deciding(house, claim.incident) as decision:
        question = _current(decision.session, claim)
        if question is not None:
            question.attempt += 1
            decision.session.add(question)


def settle_action(
    house: House, claim: Claim, prepare: Callable[[House, str], Callable[[Decision], Mapping[str, object]]]
) -> None:
    """Prepare an automated step's action, run it inside the deciding transaction, and end the step."""
    with house.store.reading() as session:
        if _current(session, claim) is None:
            return
    act = prepare(house, claim.question)
    with deciding(house, claim.incident) as decision:
        question = _current(decision.session, claim)
        if question is None:
            return
        outcome = act(decision)
        close_question(decision, question, "answered")
        note(decision, "action_run", "system", {"title": question.title, "outcome": dict(outcome)})
        finish(decision, row_of(decision, question), "system")
        announce(decision, advance(decision))


def _current(session: Session, claim: Claim) -> Question | None:
    """The question, if it still waits for this very answer."""
    question = find_question(session, claim.question)
    if question is None or question.state != "open":
        return None
    is_this = (question.generation, question.attempt) == (claim.generation, claim.attempt)
    return question if is_this else None


def _judge(
    decision: Decision, question: Question, responder: Responder | None, given: Given, form_fault: str
) -> tuple[str, str]:
    """What is wrong with the answer (empty: nothing) and how it is to be recorded; spends a right code."""
    claimant, proof = _claimant(responder), _proof(decision, question, responder, given)
    refused_at = _wrong_codes(decision, given.handle)
    fault = form_fault or fault_of(
        _asked(decision, question), claimant, proof, refused_at, given.submitted_at
    )
    wrong_code = is_identity_fault(claimant, proof) and not form_fault
    if not fault and responder is not None and proof.counter is not None:
        try:
            spend(decision.session, responder, proof.counter, _use(question), decision.wall)
        except Refused as spent:
            fault = str(spent)
    return fault or "", "wrong_code" if wrong_code else "refused"


def _try_settling(decision: Decision, question: Question, cleared: Cleared) -> tuple[str, list[Question]]:
    """Carry the answer out, wholly or not at all; what is wrong with it comes back in words."""
    given = cleared.given
    try:
        with decision.session.begin_nested():
            spec = spec_of(decision.session, decision.incident, question)
            refuse_forbidden(spec, cleared.kinds)
            filled = read_fields(spec, given, _at(decision, given))
            opened = SETTLE[question.kind](decision, question, given, filled)
            if question.kind != "command":
                close_question(decision, question, "answered", given.handle)
            return "", opened
    except (ChooseAgain, Mend) as refused:
        decision.session.refresh(question)
        return str(refused), []


def _record(decision: Decision, question: Question, given: Given, verdict: str, fault: str) -> None:
    assert question.id is not None
    decision.session.add(
        Answer(
            question_id=question.id,
            attempt=question.attempt,
            handle=given.handle[:32],
            decision=given.decision[:24],
            fields={"reason": given.reason, **given.values},
            verdict=verdict,
            fault=fault[:300],
            submitted_at=given.submitted_at,
            answered_at=_at(decision, given),
            recorded_at=decision.wall,
        )
    )
    said = {"question": question.ref, "title": question.title, "decision": given.decision, "fault": fault}
    said |= {"reason": given.reason} if verdict == "accepted" else {}
    note(decision, f"answer_{verdict}", given.handle or "nobody", said, case_ref=question.case_ref)
    question.attempt, question.fault = question.attempt + 1, ""
    decision.session.add(question)


def _return(decision: Decision, question: Question, given: Given, fault: str) -> None:
    """Let the form come back saying what was wrong, and tell the commander; a circle's members go unnamed."""
    question.fault = fault[:300]
    by = None if is_guarded(decision.session, decision.incident) else given.handle
    key = f"question/{question.ref}/refused/{question.attempt}"
    link = f"{decision.house.settings.desk_url}/q/{question.ref}"
    say(decision, "answer_refused", key, title=question.title, why=fault, by=by, link=link)


def _at(decision: Decision, given: Given) -> datetime:
    """The answer's instant in incident time: when it was stored, not when a worker came to it."""
    return incident_time(segments_of(decision.session, decision.incident.exercise_id), given.submitted_at)


def _use(question: Question) -> str:
    return f"question:{question.ref}:{question.attempt}"


def _asked(decision: Decision, question: Question) -> Asked:
    concerned = (
        select(Client.ref)
        .join(Case, col(Case.client_id) == col(Client.id))
        .where(Case.incident_id == decision.incident_id)
    )
    if question.case_ref:
        concerned = concerned.where(Case.ref == question.case_ref)
    return Asked(
        role=question.role,
        assignee=question.assignee,
        excluded=frozenset(question.excluded),
        clients=frozenset(decision.session.exec(concerned)),  # the incident's own are about all of them
        is_exercise=decision.incident.exercise_id is not None,
        kept_out=kept_out(decision.session, decision.incident_id),
        **_rehearsed(decision),
    )


def _rehearsed(decision: Decision) -> dict[str, Any]:
    """What an exercise alone knows of who may answer; nothing of a real incident."""
    session, exercise_id = decision.session, decision.incident.exercise_id
    if exercise_id is None:
        return {}
    return {
        "away": frozenset(away_until(session, exercise_id, decision.now)),
        "elsewhere": playing_elsewhere(session, exercise_id),
        "is_stopped": session.get_one(Exercise, exercise_id).state == STOPPED,
    }


def _claimant(responder: Responder | None) -> Claimant | None:
    if responder is None:
        return None
    return Claimant(
        handle=responder.handle,
        roles=frozenset(responder.roles),
        clients=frozenset(responder.clients),
        disabled=responder.disabled_at is not None,
        short_code=responder.code_period < CODE_PERIOD,
    )


def _proof(decision: Decision, question: Question, responder: Responder | None, given: Given) -> Proof:
    if responder is None:
        return Proof(counter=None, spent=False)
    counter = matching_counter(responder.secret, responder.code_period, given.code, given.submitted_at)
    used_for = decision.session.exec(
        select(CodeUse.used_for).where(CodeUse.responder_id == responder.id, CodeUse.counter == counter)
    ).first()
    return Proof(counter=counter, spent=used_for not in (None, _use(question)))


def _wrong_codes(decision: Decision, handle: str) -> list[datetime]:
    """The instants of a responder's wrong codes on this incident since their last right one."""
    rows = decision.session.exec(
        select(Answer)
        .join(Question, col(Question.id) == col(Answer.question_id))
        .where(Question.incident_id == decision.incident_id, Answer.handle == handle)
        .order_by(col(Answer.id))
    )
    wrong: list[datetime] = []
    for row in rows:
        wrong = [*wrong, row.submitted_at] if row.verdict == "wrong_code" else wrong
        wrong = [] if row.verdict == "accepted" else wrong
    return wrong

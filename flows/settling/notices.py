"""A round of notices settled: drafted, and released by a second person."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import timedelta

from flows.approving import wanted_of, words_given
from flows.circle import outward
from flows.deciding import Decision, note
from flows.delivery.proving import accept, end_round
from flows.delivery.queueing import queue
from flows.delivery.recipients import SINK
from flows.forbidden import refuse_in_notice
from flows.forms import Filled, Given
from flows.gathering import step_of
from flows.law.stages import staged
from flows.leaks import refuse_leaks
from flows.notice_checks import findings_for, refuse_blocking
from flows.notice_documents import hashes_of
from flows.notice_forms import form_of
from flows.notice_phases import FIELD as PHASE
from flows.notice_telling import named
from flows.questions import ask
from flows.rounds import digest_of, draft_notice, duties_fixed_by, duties_met_by, notices_of
from flows.settling.approvals import record_word
from flows.settling.counsel import ask_counsel
from flows.settling.ending import ask_again, row_of
from flows.settling.proofs import give_reasons
from flows.settling.releases import ANEW, ask_more, ask_release, void_all, why_void
from flows.settling.standing import known_in_notice
from flows.settling.words import ask_approval, refusals
from flows.specs import spec_of
from flows.text_proof import FIELD, refuse_unread
from playbooks.errors import Refused
from playbooks.models import Step
from playbooks.notices.findings import blocking
from playbooks.notices.shown import shown_by
from playbooks.notices.unknowns import says_nothing
from store.tables import Notice, Question, StepRow

PROOF_TARGET = timedelta(hours=1)


def settle_draft(decision: Decision, question: Question, given: Given, filled: Filled) -> list[Question]:
    """Write the notice and ask a second person to release it, or to agree that nobody is told."""
    row = row_of(decision, question)
    step = step_of(decision.incident, row)
    if given.decision == "do_not_notify":
        return [_ask_silence(decision, row, given)]
    if filled.details.get(PHASE) == "withdrawal":
        _refuse_without_reason(given)
    else:
        _refuse_unexplained_lateness(decision, step, row, filled)
    notice = draft_notice(decision, step, row, filled.details, given.handle, privileged=step.privileged)
    _refuse_unsayable(decision, notice, _by_label(decision, question, filled))
    _check(decision, notice)
    row.state = "approving"
    _note_draft(decision, notice, given)
    shows = shown_by(form_of(decision.house, step, duties_fixed_by(decision, [notice])))
    subject = {
        "by": given.handle,
        "shows": shows,
        "known": known_in_notice(decision, row, shows),
        "refusals": refusals(decision, row, "step", {}),
    }
    if wanted_of(decision.session, decision.incident_id, step, row).counsel:
        return ask_counsel(decision, row, [notice], subject, author=given.handle)
    return ask_release(decision, row, [notice], subject, excluded=[given.handle])


def settle_release(decision: Decision, question: Question, given: Given, filled: Filled) -> list[Question]:
    """Take one word on exactly the texts that were drafted; with the last that it takes they are released."""
    row = row_of(decision, question)
    notices = notices_of(decision.session, row)
    granted = given.decision == "approve"
    if granted:  # a no to what was changed behind everybody's back sends it back, as any no does
        if digest_of(decision.session, notices) != question.subject["digest"]:
            raise Refused("the notice has changed since it was put to you", mend=ANEW)
        refuse_unread(notices, str(filled.details.get(FIELD, "")))
    fault = _fault_now(decision, row, question, notices) if granted else ""
    if fault:
        void_all(decision, question, notices, given.handle, fault)
        return [ask_again(decision, row, fault)]
    record_word(decision, question, given, granted=granted)
    if not granted:
        return [
            ask_again(decision, row, f"refused: {outward(decision.session, decision.incident, given.reason)}")
        ]
    if (others := ask_more(decision, row, question, notices, given.handle)) is not None:
        return others
    for notice in notices:
        by = [word.handle for word in words_given(decision.session, notice)]
        notice.state, notice.approved_by = "approved", ", ".join(by or [given.handle])
        decision.session.add(notice)
    if all(notice.channel == SINK for notice in notices):
        _send_to_sink(decision, row, notices, given.reason)
        return []
    awaited = queue(decision, notices, given.handle)
    step = step_of(decision.incident, row)
    told = staged(step.title, duties_fixed_by(decision, notices))
    what = "Send the notice and record its receipt" if awaited is None else "Record the notice's receipt"
    target = PROOF_TARGET + (awaited or timedelta(0))
    return [ask(decision, kind="proof", role=step.role, title=f"{what}: {told}", row=row, target=target)]


def _fault_now(decision: Decision, row: StepRow, question: Question, notices: list[Notice]) -> str:
    """Why a word that releases these texts does not count now; raises Refused for what none may tell."""
    if fault := why_void(decision, row, question, notices):
        return fault
    for notice in notices:  # clients may have been imported since it was written
        _refuse_unsayable(decision, notice, {})
    return _stopped(decision, notices)


def _check(decision: Decision, notice: Notice) -> None:
    """Keep what the content check finds; a draft that may not go out so is refused."""
    found = findings_for(decision.house, decision.session, decision.incident, notice, decision.now)
    refuse_blocking(found)
    notice.findings = [one.as_json() for one in found]
    decision.session.add(notice)


def _stopped(decision: Decision, notices: list[Notice]) -> str:
    """What stops notices that could be drafted, as the facts stand now; empty where nothing does."""
    told: dict[str, None] = {}
    for notice in notices:
        found = findings_for(decision.house, decision.session, decision.incident, notice, decision.now)
        notice.findings = [one.as_json() for one in found]
        decision.session.add(notice)
        told |= dict.fromkeys(named(one) for one in blocking(found))
    return f"the content check stops it now: {'; '.join(told)}" if told else ""


def _note_draft(decision: Decision, notice: Notice, given: Given) -> None:
    """Tell the timeline what was drafted, by the hashes of the text and of its documents."""
    said = {
        "version": notice.version,
        "phase": notice.phase,
        "follows": notice.previous_id,
        "sha256": notice.sha256,
        "documents": hashes_of(decision.session, notice),
        "template": notice.template,
        "unknown": notice.unknown,
    }
    if notice.phase == "withdrawal":
        said["why"] = given.reason
    note(decision, "notice_drafted", given.handle, said, case_ref=notice.case_ref)


def _refuse_without_reason(given: Given) -> None:
    if says_nothing(given.reason):
        mend = "write below why it was no breach, or sent in error; the letter says it under what happened"
        raise Refused("a withdrawal needs its reason", mend=mend)


def _refuse_unexplained_lateness(decision: Decision, step: Step, row: StepRow, filled: Filled) -> None:
    """A late notice gives its reasons (GDPR art. 33(1)); being late never ends the duty."""
    late = [d for d in duties_met_by(decision, step, row) if d.due_at is not None and d.due_at < decision.now]
    written = str(filled.details.get("late_reasons", ""))
    reasons = "" if says_nothing(written) else written
    if late and not reasons:
        raise Refused("it is late: the reasons for the delay are needed", which=late[0].rule_id)
    for duty in late:
        duty.late_reason = reasons[:500]
        decision.session.add(duty)


def _refuse_unsayable(decision: Decision, notice: Notice, words: Mapping[str, str]) -> None:
    """Refuse a text that tells one client of another, or a number that no notice may tell."""
    refuse_in_notice(notice.text)
    refuse_leaks(decision, notice, words)


def _by_label(decision: Decision, question: Question, filled: Filled) -> dict[str, str]:
    """What a responder wrote, by the labels of the form's fields."""
    fields = spec_of(decision.session, decision.incident, question).fields
    return {one.label: str(filled.details[one.name]) for one in fields if one.name in filled.details}


def _ask_silence(decision: Decision, row: StepRow, given: Given) -> Question:
    step = step_of(decision.incident, row)
    duties = duties_met_by(decision, step, row)
    row.state = "approving"
    decision.session.add(row)
    digest = hashlib.sha256(f"{[duty.rule_id for duty in duties]}/{given.reason}".encode()).hexdigest()
    return ask_approval(
        decision,
        row,
        "approver",
        title=f"Agree not to notify: {staged(step.title, duties)}",
        by=given.handle,
        words=f"{given.handle} holds that nobody has to be told.",
        digest=digest,
        what="silence",
        duties=[duty.id for duty in duties],
        reason=given.reason,
    )


def _send_to_sink(decision: Decision, row: StepRow, notices: list[Notice], reason: str) -> None:
    for notice in notices:
        accept(decision, notice, decision.now, decision.now, "taken by the exercise's sink", "exercise sink")
    give_reasons(decision, notices, reason)
    end_round(decision, row, "exercise sink")

"""A round of notices: one draft, one release bound to the hashes, each notice sent and proved by itself."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from flows.deciding import Decision
from flows.delivery.recipients import case_of, refuse_malformed, ways_for, ways_now
from flows.gathering import key_of, plan_of, states_of, view_of
from flows.law.duties import duties_of, terms_of
from flows.law.stages import Telling, Told, is_held, running, telling_of
from flows.notice_documents import digests_of, keep_documents
from flows.notice_forms import COUNTS, form_of, language_of, said_in, template_of, values_of
from flows.notice_phases import phase_now, told_last
from notify.notices.layouts import as_text
from notify.notices.letter import Earlier, Envelope, write_letter
from playbooks.fact_types import UNKNOWN, FactValue
from playbooks.models import Step
from playbooks.notices.models import Form, Language, Phase
from playbooks.notices.phases import carried, in_phase
from playbooks.notices.shown import FACTS
from playbooks.notices.unknowns import unknown_in
from playbooks.plan import StepKey, StepState
from playbooks.wording import marking
from store.tables import Approval, Incident, Notice, Obligation, Question, StepRow

PRIVILEGED = "PRIVILEGED AND CONFIDENTIAL"
"""The mark of a notice that counsel holds to be privileged."""
REPLACED = ("superseded", "withdrawn")
"""The states of texts that count no more."""


@dataclass(frozen=True, slots=True)
class _Written:
    """What a notice says, before it is laid out, and the duties that it meets."""

    phase: Phase
    form: Form
    language: Language
    said: dict[str, Any]
    values: dict[str, object]
    met: Sequence[Obligation]
    last: Notice | None


def notices_of(session: Session, row: StepRow) -> list[Notice]:
    """The notices of a round as they stand, without the versions that another replaced."""
    return list(
        session.exec(
            select(Notice)
            .where(Notice.step_row_id == row.id, col(Notice.state).not_in(REPLACED))
            .order_by(col(Notice.version))
        )
    )


def states_with_released(session: Session, rows: Sequence[StepRow]) -> dict[StepKey, StepState]:
    """The states of steps as the plan takes them: a notice released stays until its receipt is recorded."""
    waiting = select(Question.step_row_id).where(
        col(Question.step_row_id).in_([row.id for row in rows]),
        Question.kind == "proof",
        col(Question.state) == "open",
    )
    released = set(session.exec(waiting))
    return {**states_of(list(rows)), **{key_of(row): "released" for row in rows if row.id in released}}


def duties_met_by(decision: Decision, step: Step, row: StepRow) -> list[Obligation]:
    """The duties that a notice of this step, written now, meets: one stage of one recipient in one case."""
    return telling(decision).met_by(step, row)


def telling(decision: Decision) -> Telling:
    """Whom the duties of the incident want told now."""
    duties = duties_of(decision.session, decision.incident_id)
    return telling_of(decision.house, duties, decision.now)


def duties_fixed_by(decision: Decision, notices: list[Notice]) -> list[Obligation]:
    """The running duties that these notices were written to meet: none that appeared later, none held."""
    fixed = {number for notice in notices for number in notice.obligations}
    duties = running(duties_of(decision.session, decision.incident_id))
    return [duty for duty in duties if duty.id in fixed and not is_held(duty, decision.now)]


def draft_notice(
    decision: Decision,
    step: Step,
    row: StepRow,
    words: Mapping[str, Any],
    by: str,
    *,
    privileged: bool = False,
    written_at: datetime | None = None,
) -> Notice:
    """Write the notice of this round from a responder's words; an earlier version is superseded.

    Written anew only to change its mark, it keeps the instant at which it was written.
    """
    assert row.id is not None
    told = _begin(decision, step, row)
    ways = ways_for(decision, step, row)
    refuse_malformed(ways)
    written = _written(decision, step, row, told, words)
    at = written_at or decision.now
    marks = _marks(decision, step, written.form, privileged=privileged)
    envelope = _envelope(decision, row, written, ways[0]["name"], at, marks)
    letter = write_letter(written.form, written.language, envelope, written.values)
    text = as_text(letter)
    notice = Notice(
        incident_id=decision.incident_id,
        step_row_id=row.id,
        obligations=[duty.id for duty in written.met if duty.id],
        case_ref=row.case_ref,
        version=_next_version(decision.session, row),
        phase=written.phase,
        previous_id=written.last.id if written.last else None,
        template=template_of(written.form, written.language),
        text=text,
        sha256=hashlib.sha256(text.encode()).hexdigest(),
        words=written.said,
        unknown=list(unknown_in(written.form, written.values)),
        is_privileged=privileged,
        recipient=ways[0]["name"],
        ways=ways,
        channel=ways[0]["channel"],
        state="drafted",
        drafted_by=by,
        receipt="",
        drafted_at=at,
    )
    decision.session.add(notice)
    decision.session.flush()
    keep_documents(decision.session, notice, letter)
    return notice


def digest_of(session: Session, notices: Sequence[Notice]) -> str:
    """What a release is bound to: texts and documents as they stand now, and whom each reaches how."""
    bound = [
        [
            one.sha256,
            hashlib.sha256(one.text.encode()).hexdigest(),
            one.ways,
            digests_of(session, one),
        ]
        for one in notices
    ]
    return hashlib.sha256(json.dumps(bound, sort_keys=True).encode()).hexdigest()


def is_as_released(session: Session, notice: Notice) -> bool:
    """Whether texts and documents of a notice's round are still those that were released."""
    row = session.get_one(StepRow, notice.step_row_id)
    asked = select(Question.id).where(Question.step_row_id == row.id, Question.kind == "release")
    words = select(Approval.subject).where(
        col(Approval.question_id).in_(asked), col(Approval.granted).is_(True)
    )
    return digest_of(session, notices_of(session, row)) in set(session.exec(words))


def _begin(decision: Decision, step: Step, row: StepRow) -> Told:
    """Whom the round tells from here on; what was written in it before counts no more."""
    for earlier in notices_of(decision.session, row):
        earlier.state = "superseded"
        decision.session.add(earlier)
    told = telling(decision).told_in(step, row)
    row.addressee = told[2]
    decision.session.add(row)
    return told


def _written(decision: Decision, step: Step, row: StepRow, told: Told, words: Mapping[str, Any]) -> _Written:
    """What the notice says, from a responder's words, the facts of its case and what was told last."""
    last = told_last(decision.session, decision.incident, told)
    duties = duties_met_by(decision, step, row)
    phase = phase_now(duties, last, words)
    form = in_phase(form_of(decision.house, step, duties), phase)
    kept = last.words if last and last.phase != "withdrawal" else None  # why that was is not what happened
    said = said_in(form, words, carried(phase, kept or {}))
    return _Written(
        phase=phase,
        form=form,
        language=language_of(form, words, last.template if last else ""),
        said=said,
        values=values_of(form, said, facts_of(decision.session, decision.incident, row.case_ref)),
        met=[]
        if phase == "withdrawal"
        else duties,  # what takes a notice back tells nothing that a law wants
        last=last,
    )


def has_moved(decision: Decision, notice: Notice) -> bool:
    """Whether a notice would reach somebody else by now, or by another way, than when it was written."""
    return notice.ways is not None and notice.ways != ways_now(decision, notice)


def without_privilege(text: str) -> str:
    """The text of a notice without its mark of privilege."""
    return "\n".join(line for line in text.split("\n") if line != PRIVILEGED)


def _next_version(session: Session, row: StepRow) -> int:
    versions = session.exec(select(Notice.version).where(Notice.step_row_id == row.id))
    return max(versions, default=0) + 1


def _envelope(
    decision: Decision,
    row: StepRow,
    written: _Written,
    recipient: str,
    written_at: datetime,
    marks: tuple[str, ...],
) -> Envelope:
    """Who writes to whom about what: from the facts of this one case, and what was told last."""
    case = case_of(decision, row)
    term = terms_of(decision.session, [case]).get(case.ref) if case else None
    aware_at = facts_of(decision.session, decision.incident, row.case_ref).get("aware_at")
    return Envelope(
        ref=decision.incident.ref,
        exercise=decision.incident.exercise_id is not None,
        sender=decision.house.settings.organisation,
        recipient=recipient,
        prepared_at=written_at,
        aware_at=aware_at if isinstance(aware_at, datetime) else None,
        contract_reference=term.citation if term and not term.assumed else None,
        duties=tuple(f"{duty.title} ({duty.citation})" for duty in written.met),
        marks=marks,
        phase=written.phase,
        follows=Earlier(decision.incident.ref, written.last.drafted_at) if written.last else None,
    )


def _marks(decision: Decision, step: Step, form: Form, *, privileged: bool) -> tuple[str, ...]:
    """How it may be handed on, and whether it is privileged; people are told neither."""
    if form.audience == "people":
        return ()
    tlp = marking(step.tlp or plan_of(decision.incident).tlp)
    return (tlp, PRIVILEGED) if privileged else (tlp,)


def facts_of(session: Session, incident: Incident, case_ref: str) -> Mapping[str, FactValue]:
    """What is known of one case, or of the incident as a whole, as its notices tell it."""
    assert incident.id is not None
    view = view_of(session, incident.id)
    facts = dict(view.for_case(case_ref or None))
    if case_ref and len(view.cases) > 1:  # the incident's numbers are those of all clients together
        facts |= {FACTS[name]: view.cases[case_ref].get(FACTS[name], UNKNOWN) for name in COUNTS}
    return facts

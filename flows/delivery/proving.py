"""A notice proved: its duties met at the instant that their rule counts, and the plan brought on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlmodel import col, select

from flows.advancing import advance
from flows.deciding import Decision, note, say
from flows.gathering import step_of
from flows.law.ending import meet_duties
from flows.law.stages import rule_of
from flows.questions import announce, close_question, give_anew
from flows.rounds import duties_fixed_by, notices_of
from flows.settling.ending import finish
from store.tables import Notice, Obligation, Question, StepRow

LATE = "it was accepted late: give the reasons for the delay, everything else is filled in"


def accept(
    decision: Decision,
    notice: Notice,
    sent_at: datetime,
    accepted_at: datetime,
    receipt: str,
    by: str,
    proof: Mapping[str, Any] | None = None,
) -> None:
    """Write that the recipient has a notice; what the other side proved itself before stands."""
    if notice.accepted_at is not None:
        return
    notice.state, notice.sent_at, notice.accepted_at = "accepted", sent_at, accepted_at
    notice.receipt = receipt
    decision.session.add(notice)
    said = {"sha256": notice.sha256, "sent_at": sent_at.isoformat(), "accepted_at": accepted_at.isoformat()}
    said |= {"receipt": receipt} | dict(proof or {})
    note(decision, "notice_accepted", by, said, case_ref=notice.case_ref)


def end_round(decision: Decision, row: StepRow, by: str) -> None:
    """Meet the duties of a round that is proved, and end its step."""
    step = step_of(decision.incident, row)
    notices = notices_of(decision.session, row)
    for duty in duties_fixed_by(decision, notices):
        meet_duties(decision, [duty], counted_at(decision, duty, notices), by, _proof_of(duty, notices))
    last = max(notice.accepted_at for notice in notices if notice.accepted_at is not None)
    recipient = (step.recipient or "").replace("_", " ")
    say(decision, "notice_accepted", f"notice/{row.id}", recipient=recipient, at=last.isoformat())
    finish(decision, row, by)


def settle_by_itself(decision: Decision, notice: Notice, by: str) -> None:
    """Go on as after an answer, where proof came by itself; what is late still asks for its reasons."""
    row = decision.session.get_one(StepRow, notice.step_row_id)
    question = proof_question(decision, row)
    notices = notices_of(decision.session, row)
    if question is None or notice not in notices or any(one.accepted_at is None for one in notices):
        return
    if unexplained(decision, notices):
        _ask_for_reasons(decision, question, notice)
        return
    end_round(decision, row, by)
    close_question(decision, question, "answered")
    announce(decision, advance(decision) if decision.incident.state == "open" else [])


def proof_question(decision: Decision, row: StepRow) -> Question | None:
    """The open question by which a person proves the notices of a round."""
    return decision.session.exec(
        select(Question).where(
            Question.step_row_id == row.id, Question.kind == "proof", col(Question.state) == "open"
        )
    ).first()


def unexplained(decision: Decision, notices: Sequence[Notice]) -> list[Obligation]:
    """The duties that these notices met late while nobody has given the reasons."""
    return [
        duty
        for duty in duties_fixed_by(decision, list(notices))
        if not duty.late_reason
        and duty.due_at is not None
        and counted_at(decision, duty, notices) > duty.due_at
    ]


def counted_at(decision: Decision, duty: Obligation, notices: Sequence[Notice]) -> datetime:
    """The instant that meets a duty: its last notice accepted, or sent where its rule counts that."""
    rule = rule_of(decision.house, duty)
    mine = [one for one in notices if duty.id in one.obligations]
    counts_sent = rule is not None and rule.counts == "sent"
    instants = [one.sent_at if counts_sent else one.accepted_at for one in mine]
    return max((at for at in instants if at is not None), default=decision.now)


def _proof_of(duty: Obligation, notices: Sequence[Notice]) -> str:
    """What proves it, as it stands with the duty for years: which text, and by which receipt."""
    mine = [one for one in notices if duty.id in one.obligations]
    return "; ".join(f"notice {one.id} (SHA-256 {one.sha256[:8]}), {one.receipt}" for one in mine)


def _ask_for_reasons(decision: Decision, question: Question, notice: Notice) -> None:
    assert notice.sent_at is not None
    assert notice.accepted_at is not None
    reached = {
        "sent_at": f"{notice.sent_at:%Y-%m-%dT%H:%M:%SZ}",
        "accepted_at": f"{notice.accepted_at:%Y-%m-%dT%H:%M:%SZ}",
        "receipt": notice.receipt,
    }
    question.subject, question.fault = {**question.subject, "reached": reached}, LATE
    give_anew(decision, question)
    announce(decision, [question])

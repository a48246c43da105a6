"""Duties and their clocks: what the pure rules decide, written down as rows, ledger entries and warnings."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlmodel import Session, col, func, select

from flows.deciding import Decision, note
from flows.gathering import cases_of, view_of
from playbooks import clocks
from playbooks.law import ContractTermView
from playbooks.obligations import Change, ObligationView, State, decide_obligations
from store.tables import (
    ActionItem,
    Case,
    Client,
    ClockEntry,
    ClockWarning,
    ContractTerm,
    FactRow,
    Obligation,
    Question,
)

REMINDER = timedelta(days=1)


def duties_of(session: Session, incident_id: int) -> list[Obligation]:
    """The incident's obligations, in the order they appeared."""
    return list(
        session.exec(
            select(Obligation).where(Obligation.incident_id == incident_id).order_by(col(Obligation.id))
        )
    )


def refresh_duties(decision: Decision) -> None:
    """Bring obligations, clocks and warnings to what facts, contracts and law now say."""
    session, incident_id = decision.session, decision.incident_id
    cases = cases_of(session, incident_id)
    rows = {(row.case_ref or None, row.rule_id): row for row in duties_of(session, incident_id)}
    changes = decide_obligations(
        decision.house.rules.values(),
        terms_of(session, cases),
        view_of(session, incident_id),
        [case.ref for case in cases],
        [_view(row) for row in rows.values()],
        decision.now,
        authors=_authors(session, incident_id, cases),
        zones=_zones(session, cases),
    )
    for change in changes:
        _apply(decision, rows.get((change.case, change.rule_id)), change)


def terms_of(session: Session, cases: list[Case]) -> dict[str, ContractTermView]:
    """What each case's client has in its contract today."""
    found = session.exec(
        select(ContractTerm, Client)
        .join(Client, col(Client.id) == col(ContractTerm.client_id))
        .where(col(ContractTerm.superseded_at).is_(None))
        .where(col(Client.id).in_([case.client_id for case in cases]))
    )
    by_client = {
        client.id: ContractTermView(client.ref, term.hours, term.starts, term.citation, str(term.version))
        for term, client in found
    }
    return {case.ref: by_client[case.client_id] for case in cases if case.client_id in by_client}


def meet_duties(decision: Decision, duties: list[Obligation], at: datetime, author: str) -> None:
    """Write that the recipient has been told, at an instant of incident time; warnings then fall silent."""
    for duty in duties:
        if duty.state in (State.PRESUMED, State.OWED):
            duty.state, duty.met_at = State.MET, at
            decision.session.add(duty)
            silence(decision.session, f"obligation:{duty.id}")
            late = duty.due_at is not None and at > duty.due_at
            payload = {
                "rule": duty.rule_id,
                "citation": duty.citation,
                "met_at": at.isoformat(),
                "late": late,
            }
            note(decision, "duty_met", author, payload, case_ref=duty.case_ref)


def schedule_overdue(decision: Decision, question: Question) -> None:
    """Let a question with a time target warn, and escalate, when that time has run out."""
    if question.due_at is not None:
        _warn(decision, f"question:{question.id}", 1, "overdue", question.due_at)


def reschedule_overdue(decision: Decision, question: Question, seq: int, at: datetime) -> None:
    """Let a question that was escalated be looked at again."""
    _warn(decision, f"question:{question.id}", seq, "overdue", at)


def schedule_action(decision: Decision, item: ActionItem) -> None:
    """Let an action item remind its owner a day before its date, and warn when it is overdue."""
    subject = f"action:{item.id}"
    _warn(decision, subject, 1, "90", max(decision.now, item.due_at - REMINDER))
    _warn(decision, subject, 1, "overdue", item.due_at)


def silence(session: Session, subject: str) -> None:
    """Let the waiting warnings of a subject pass unsent."""
    waiting = session.exec(
        select(ClockWarning).where(ClockWarning.subject == subject, ClockWarning.state == "waiting")
    )
    for warning in waiting:
        warning.state = "passed"
        session.add(warning)


def _view(row: Obligation) -> ObligationView:
    return ObligationView(
        case=row.case_ref or None,
        rule_id=row.rule_id,
        rule_version=row.rule_version,
        title=row.title,
        citation=row.citation,
        recipient=row.recipient,
        state=State(row.state),
        policy=row.policy,
        anchor_at=row.anchor_at,
        due_at=row.due_at,
        legal_due_at=row.legal_due_at,
    )


def _authors(session: Session, incident_id: int, cases: list[Case]) -> dict[tuple[str | None, str], str]:
    refs = {case.id: case.ref for case in cases}
    rows = session.exec(select(FactRow).where(FactRow.incident_id == incident_id).order_by(col(FactRow.id)))
    return {(refs.get(row.case_id), row.name): row.author for row in rows}


def _zones(session: Session, cases: list[Case]) -> dict[str | None, str]:
    clients = {case.ref: session.get(Client, case.client_id) for case in cases}
    return {ref: client.zone for ref, client in clients.items() if client}


def _apply(decision: Decision, row: Obligation | None, change: Change) -> None:
    row = row or Obligation(
        incident_id=decision.incident_id,
        case_ref=change.case or "",
        rule_id=change.rule_id,
        rule_version=change.rule_version,
        title=change.title,
        citation=change.citation,
        recipient=change.recipient,
        state=change.state,
        opened_at=decision.now,
    )
    row.rule_version, row.title, row.citation = change.rule_version, change.title, change.citation
    row.state, row.policy, row.why = change.state, change.policy, "; ".join(change.why)[:1000]
    row.anchor_at, row.due_at, row.legal_due_at = change.anchor_at, change.due_at, change.legal_due_at
    decision.session.add(row)
    decision.session.flush()
    seq = _enter(decision, row, change)
    _warn_anew(decision, row, change, seq)
    note(decision, f"duty_{change.kind}", "system", _told(change), case_ref=row.case_ref)


def _told(change: Change) -> dict[str, object]:
    return {
        "rule": change.rule_id,
        "state": str(change.state),
        "due_at": change.due_at.isoformat() if change.due_at else "",
        "explanation": change.explanation,
        "why": list(change.why),
    }


def _enter(decision: Decision, row: Obligation, change: Change) -> int:
    """Write the ledger entry of a change; returns its number in the obligation's ledger."""
    entries = decision.session.exec(
        select(func.count()).select_from(ClockEntry).where(ClockEntry.obligation_id == row.id)
    ).one()
    assert row.id is not None
    decision.session.add(
        ClockEntry(
            obligation_id=row.id,
            seq=entries + 1,
            anchor_at=change.anchor_at,
            author=change.anchor_author[:64],
            due_at=change.due_at,
            legal_due_at=change.legal_due_at,
            explanation=change.explanation[:1000],
            rule_version=change.rule_version,
            tzdata=change.tzdata_version,
            holidays=change.holidays_version,
            at=decision.now,
            recorded_at=decision.wall,
        )
    )
    return entries + 1


def _warn_anew(decision: Decision, row: Obligation, change: Change, seq: int) -> None:
    running = change.state in (State.PRESUMED, State.OWED)
    if running and not change.moves_clock and change.kind != "reopened":
        return
    subject = f"obligation:{row.id}"
    silence(decision.session, subject)
    if running and change.anchor_at and change.due_at:
        for warn in clocks.schedule(change.anchor_at, change.due_at, decision.now):
            state = "passed" if warn.passed else "waiting"
            _warn(decision, subject, seq, warn.threshold, warn.at, state)


def _warn(
    decision: Decision, subject: str, seq: int, threshold: str, at: datetime, state: str = "waiting"
) -> None:
    decision.session.add(
        ClockWarning(
            incident_id=decision.incident_id,
            subject=subject,
            seq=seq,
            threshold=threshold,
            due_at=at,
            state=state,
        )
    )

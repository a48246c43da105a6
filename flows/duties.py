"""Duties and their clocks: what the pure rules decide, written down as rows, ledger entries and warnings."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import String, cast
from sqlmodel import Session, col, func, or_, select

from flows.clients import term_views
from flows.deciding import Decision, note, note_all
from flows.gathering import Known
from flows.house import House
from playbooks import clocks
from playbooks.contracts import ContractTermView
from playbooks.obligations import Change, ObligationView, State, decide_obligations
from playbooks.places import UTC_PLACE, Place, place, place_of_zone
from store.adding import add_rows
from store.tables import (
    ActionItem,
    Case,
    Client,
    ClockEntry,
    ClockWarning,
    Obligation,
    Question,
)
from store.timeline import Event

REMINDER = timedelta(days=1)


def duties_of(session: Session, incident_id: int) -> list[Obligation]:
    """The incident's obligations, in the order they appeared."""
    return list(
        session.exec(
            select(Obligation).where(Obligation.incident_id == incident_id).order_by(col(Obligation.id))
        )
    )


def refresh_duties(decision: Decision, known: Known) -> None:
    """Bring obligations, clocks and warnings to what facts, contracts and law now say."""
    session, cases = decision.session, known.cases
    rows = {(row.case_ref or None, row.rule_id): row for row in duties_of(session, decision.incident_id)}
    changes = decide_obligations(
        decision.house.rules.values(),
        terms_of(session, cases),
        known.view,
        [case.ref for case in cases],
        [view_of_duty(row) for row in rows.values()],
        decision.now,
        authors=known.authors,
        places=places_of(decision.house, session, cases),
        footprint=footprint(session),
    )
    _carry_out(decision, rows, changes)


def terms_of(session: Session, cases: list[Case]) -> dict[str, ContractTermView]:
    """What each case's client has in its contract today, or the strictest default where it says nothing."""
    by_client = term_views(session, [case.client_id for case in cases])
    return {case.ref: by_client[case.client_id] for case in cases if case.client_id in by_client}


def places_of(house: House, session: Session, cases: list[Case]) -> dict[str | None, Place]:
    """Whose clock and calendar count: for each case its client's authority, for the incident our own."""
    ids = [case.client_id for case in cases]
    rows = session.exec(select(Client).where(or_(col(Client.id).in_(ids), col(Client.own)))).all()
    clients = {client.id: place_of_client(client) for client in rows}
    own = next((clients[client.id] for client in rows if client.own), place(house.settings.place))
    return {None: own} | {case.ref: clients[case.client_id] for case in cases}


def place_of_client(client: Client) -> Place:
    """The place of the authority a client answers to: as its record says, else the country of its zone."""
    if client.place:
        return place(client.place)
    return UTC_PLACE if client.zone == "UTC" else place_of_zone(client.zone)


def footprint(session: Session) -> frozenset[str] | None:
    """Every jurisdiction in which a client has people; None while no record says so."""
    said = session.exec(select(cast(Client.jurisdictions, String)).distinct())
    return frozenset(code for text in said for code in json.loads(text)) or None


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


def schedule_overdue(decision: Decision, questions: Sequence[Question]) -> None:
    """Let questions with a time target warn, and escalate, when that time has run out."""
    rows = [
        _warning(decision, f"question:{question.id}", 1, "overdue", question.due_at)
        for question in questions
        if question.due_at is not None
    ]
    add_rows(decision.session, ClockWarning, rows)


def reschedule_overdue(decision: Decision, question: Question, seq: int, at: datetime) -> None:
    """Let a question that was escalated be looked at again."""
    row = _warning(decision, f"question:{question.id}", seq, "overdue", at)
    add_rows(decision.session, ClockWarning, [row])


def watch_anew(decision: Decision, question: Question, patience: timedelta) -> None:
    """Let a question with a time target escalate from the first rung again, and not at once."""
    if question.due_at is None:
        return
    subject = f"question:{question.id}"
    silence(decision.session, subject)
    last = decision.session.exec(
        select(func.max(ClockWarning.seq)).where(ClockWarning.subject == subject)
    ).one()
    reschedule_overdue(decision, question, (last or 0) + 1, max(question.due_at, decision.now + patience))


def schedule_action(decision: Decision, item: ActionItem) -> None:
    """Let an action item remind its owner a day before its date, and warn when it is overdue."""
    subject = f"action:{item.id}"
    reminder = _warning(decision, subject, 1, "90", max(decision.now, item.due_at - REMINDER))
    overdue = _warning(decision, subject, 1, "overdue", item.due_at)
    add_rows(decision.session, ClockWarning, [reminder, overdue])


def silence(session: Session, subject: str) -> None:
    """Let the waiting warnings of a subject pass unsent."""
    waiting = session.exec(
        select(ClockWarning).where(ClockWarning.subject == subject, ClockWarning.state == "waiting")
    )
    for warning in waiting:
        warning.state = "passed"
        session.add(warning)


def view_of_duty(row: Obligation) -> ObligationView:
    """A row as the pure functions take it."""
    return ObligationView(
        case=row.case_ref or None,
        rule_id=row.rule_id,
        rule_version=row.rule_version,
        title=row.title,
        citation=row.citation,
        recipient=row.recipient,
        stage=row.stage,
        state=State(row.state),
        policy=row.policy,
        anchor_at=row.anchor_at,
        due_at=row.due_at,
        legal_due_at=row.legal_due_at,
        met_at=row.met_at,
        delayed_until=row.delayed_until,
        rests_on=row.rests_on["facts"] if row.rests_on else None,
    )


def _carry_out(
    decision: Decision, rows: Mapping[tuple[str | None, str], Obligation], changes: Sequence[Change]
) -> None:
    """Write the changes down together: the duties, their ledgers, their warnings, then the timeline."""
    changed = [(_changed(decision, rows.get((one.case, one.rule_id)), one), one) for one in changes]
    entered = _entered(decision.session, [row for row, _ in changed if row.id is not None])
    decision.session.add_all([row for row, _ in changed])
    decision.session.flush()
    entries = [_entry(decision, row, one, entered.get(row.id, 0) + 1) for row, one in changed]
    add_rows(decision.session, ClockEntry, entries)
    _warn_anew(decision, changed, entered)
    note_all(decision, [_told(decision, row, one) for row, one in changed])


def _changed(decision: Decision, row: Obligation | None, change: Change) -> Obligation:
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
    row.recipient, row.stage = change.recipient, change.stage
    row.state, row.policy, row.why = change.state, change.policy, "; ".join(change.why)[:1000]
    if change.rests_on is None:
        row.rests_on = None
    row.anchor_at, row.due_at, row.legal_due_at = change.anchor_at, change.due_at, change.legal_due_at
    return row


def _told(decision: Decision, row: Obligation, change: Change) -> Event:
    said = {
        "rule": change.rule_id,
        "state": str(change.state),
        "due_at": change.due_at.isoformat() if change.due_at else "",
        "explanation": change.explanation,
        "why": list(change.why),
    }
    return Event(f"duty_{change.kind}", "system", decision.now, said, row.case_ref)


def _entered(session: Session, rows: Sequence[Obligation]) -> dict[int | None, int]:
    """How many entries the ledger of each of these obligations has."""
    if not rows:
        return {}
    of = col(ClockEntry.obligation_id)
    counted = select(of, func.count()).where(of.in_([row.id for row in rows])).group_by(of)
    return dict(session.exec(counted).all())


def _entry(decision: Decision, row: Obligation, change: Change, seq: int) -> dict[str, Any]:
    return {
        "obligation_id": row.id,
        "seq": seq,
        "kind": str(change.kind),
        "state": str(change.state),
        "counting": change.counting,
        "place": change.place,
        "anchor_at": change.anchor_at,
        "author": change.anchor_author[:64],
        "due_at": change.due_at,
        "legal_due_at": change.legal_due_at,
        "explanation": change.explanation[:1000],
        "rule_version": change.rule_version,
        "tzdata": change.tzdata_version,
        "holidays": change.holidays_version,
        "at": decision.now,
        "recorded_at": decision.wall,
    }


def _warn_anew(
    decision: Decision, changed: Sequence[tuple[Obligation, Change]], entered: Mapping[int | None, int]
) -> None:
    """Silence the warnings of clocks that moved or stopped, and schedule those of clocks that run."""
    warnings: list[dict[str, Any]] = []
    for row, change in changed:
        runs = change.state in (State.PRESUMED, State.OWED)
        if runs and not change.moves_clock and change.kind != "reopened":
            continue
        subject = f"obligation:{row.id}"
        if row.id in entered:
            silence(decision.session, subject)
        if runs and change.anchor_at and change.due_at:
            for warn in clocks.schedule(change.anchor_at, change.due_at, decision.now):
                state = "passed" if warn.passed else "waiting"
                seq = entered.get(row.id, 0) + 1
                warnings.append(_warning(decision, subject, seq, warn.threshold, warn.at, state))
    add_rows(decision.session, ClockWarning, warnings)


def _warning(
    decision: Decision, subject: str, seq: int, threshold: str, at: datetime, state: str = "waiting"
) -> dict[str, Any]:
    return {
        "incident_id": decision.incident_id,
        "subject": subject,
        "seq": seq,
        "threshold": threshold,
        "due_at": at,
        "state": state,
    }

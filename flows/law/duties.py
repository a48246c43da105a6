"""Duties and their clocks: what the pure rules decide, written down as rows, ledger entries and warnings."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from sqlalchemy import String, cast
from sqlmodel import Session, col, or_, select

from flows.clients.reading import term_views
from flows.deciding import Decision, note_all, say
from flows.gathering import Known
from flows.house import House
from flows.law.ledger import enter_changes, entered
from flows.law.scheduling import schedule_clock, silence
from playbooks.contracts import ContractTermView
from playbooks.duties import RUNNING
from playbooks.obligations import Change, ObligationView, State, decide_obligations
from playbooks.places import Place, place, place_of_zone
from store.adding import add_rows
from store.tables import Case, Client, ClockWarning, Obligation
from store.timeline import Event

Changed = Sequence[tuple[Obligation, Change]]


def duties_of(session: Session, incident_id: int) -> list[Obligation]:
    """The incident's obligations, in the order they appeared."""
    return list(
        session.exec(
            select(Obligation).where(Obligation.incident_id == incident_id).order_by(col(Obligation.id))
        )
    )


def refresh_duties(decision: Decision, known: Known) -> list[Obligation]:
    """Bring obligations, clocks and warnings to what facts, contracts and law now say; returns them all."""
    rows = {
        (row.case_ref or None, row.rule_id): row for row in duties_of(decision.session, decision.incident_id)
    }
    changed = _carry_out(decision, rows, changes_of(decision, known))
    return [*rows.values(), *(row for key, row in changed.items() if key not in rows)]


def changes_of(decision: Decision, known: Known) -> tuple[Change, ...]:
    """What would change in the duties of the incident if this were known; nothing is written."""
    session, cases = decision.session, known.cases
    return decide_obligations(
        decision.house.rules.values(),
        terms_of(session, cases),
        known.view,
        [case.ref for case in cases],
        [view_of_duty(row) for row in duties_of(session, decision.incident_id)],
        decision.now,
        authors=known.authors,
        places=places_of(decision.house, session, cases),
        footprint=footprint(session),
        calendars=decision.house.calendars,
    )


def terms_of(session: Session, cases: list[Case]) -> dict[str, ContractTermView]:
    """What each case's client has in its contract today, or the strictest default where it says nothing."""
    by_client = term_views(session, [case.client_id for case in cases])
    return {case.ref: by_client[case.client_id] for case in cases if case.client_id in by_client}


def places_of(house: House, session: Session, cases: list[Case]) -> dict[str | None, Place]:
    """Whose clock and calendar count: for each case its client's authority, for the incident our own."""
    ids = [case.client_id for case in cases]
    rows = session.exec(select(Client).where(or_(col(Client.id).in_(ids), col(Client.own)))).all()
    home = place(house.settings.place)
    clients = {client.id: place_of_client(client, home) for client in rows}
    own = next((clients[client.id] for client in rows if client.own), home)
    return {None: own} | {case.ref: clients[case.client_id] for case in cases}


def place_of_client(client: Client, home: Place) -> Place:
    """The place of a client's authority: as its record says, else the country of its zone, else `home`."""
    if client.place:
        return place(client.place)
    return home if client.zone == "UTC" else place_of_zone(client.zone)


def footprint(session: Session) -> frozenset[str] | None:
    """Every jurisdiction in which a client has people; None while no record says so."""
    said = session.exec(select(cast(Client.jurisdictions, String)).distinct())
    return frozenset(code for text in said for code in json.loads(text)) or None


def view_of_duty(row: Obligation) -> ObligationView:
    """A row as the pure functions take it."""
    return ObligationView(
        case=row.case_ref or None,
        rule_id=row.rule_id,
        rule_version=row.rule_version,
        title=row.title,
        citation=row.citation,
        recipient=row.recipient,
        addressee=row.addressee,
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
) -> dict[tuple[str | None, str], Obligation]:
    """Write the changes down together: the duties, their ledgers, their warnings, then what is told."""
    changed = [(_changed(decision, rows.get((one.case, one.rule_id)), one), one) for one in changes]
    before = entered(decision.session, [row for row, _ in changed if row.id is not None])
    decision.session.add_all([row for row, _ in changed])
    decision.session.flush()
    enter_changes(decision, changed, before)
    _warn_anew(decision, changed, before)
    note_all(decision, [_told(decision, row, one) for row, one in changed])
    for row, change in changed:
        if change.before is not None and change.before.state is State.WAIVED and change.runs:
            key = f"duty/{row.id}/reopened/{before.get(row.id, 0) + 1}"
            say(decision, "duty_reopened", key, recipient=row.recipient.replace("_", " "), rule=row.rule_id)
    return {(change.case, change.rule_id): row for row, change in changed}


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
    row.recipient, row.addressee, row.stage = change.recipient, change.addressee, change.stage
    row.policy = change.policy
    if change.state not in (State.MET, State.WAIVED):  # there, why says who ended it
        row.why = "; ".join(change.why)[:1000]
    row.state, row.delayed_until = change.state, change.delayed_until
    row.delay_basis = row.delay_basis if change.delayed_until else ""
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


def _warn_anew(decision: Decision, changed: Changed, before: Mapping[int | None, int]) -> None:
    """Silence the warnings of clocks that moved or stopped, and schedule those of clocks that run."""
    warnings = []
    for row, change in changed:
        runs = change.state in RUNNING
        if runs and not change.moves_clock and change.kind != "reopened":
            continue
        if row.id in before:
            silence(decision.session, f"obligation:{row.id}")
        if runs:
            warnings += schedule_clock(decision, row, before.get(row.id, 0) + 1)
    add_rows(decision.session, ClockWarning, warnings)

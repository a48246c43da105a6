"""One incident on the terminal."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session

from flows.cli.shown import columns, say, when
from flows.clock import incident_now, wall_now
from flows.duties import duties_of
from flows.gathering import cases_of, open_questions, steps_of
from notify.text import terminal
from playbooks.clocks import standing
from store.tables import Client, Incident


def show_incident(session: Session, incident: Incident) -> None:
    """Show what the incident is, whom it concerns, how far it has come and which clocks run."""
    assert incident.id is not None
    now = incident_now(session, incident, wall_now())
    say(f"{incident.ref}  {terminal(incident.title)}")
    kind = f"{incident.kind}, {incident.state}, severity {incident.severity}, playbook {incident.playbook}"
    say(f"{kind}; opened {when(incident.opened_at)}, now {when(now)}")
    _cases(session, incident.id)
    _steps(session, incident.id)
    _questions(session, incident.id)
    _clocks(session, incident.id, now)


def _cases(session: Session, incident_id: int) -> None:
    cases = cases_of(session, incident_id)
    refs = {case.ref: session.get_one(Client, case.client_id).ref for case in cases}
    say()
    columns(("case", "client"), list(refs.items()), none="no client's case yet")


def _steps(session: Session, incident_id: int) -> None:
    rows = [
        (row.step_id, row.case_ref, row.round, row.state, row.opened_at, row.ended_at)
        for row in steps_of(session, incident_id)
    ]
    say()
    columns(("step", "case", "round", "state", "opened", "ended"), rows, none="no step yet")


def _questions(session: Session, incident_id: int) -> None:
    rows = [
        (question.ref, question.title, question.case_ref, question.assignee or question.role, question.due_at)
        for question in open_questions(session, incident_id)
    ]
    say()
    columns(("question", "title", "case", "for", "due"), rows, none="no open question")


def _clocks(session: Session, incident_id: int, now: datetime) -> None:
    rows = [
        (
            duty.citation,
            duty.case_ref,
            duty.recipient,
            duty.state,
            duty.due_at,
            standing(duty.due_at, duty.met_at, now),
        )
        for duty in duties_of(session, incident_id)
    ]
    say()
    columns(("duty", "case", "recipient", "state", "due", "standing"), rows, none="no duty yet")

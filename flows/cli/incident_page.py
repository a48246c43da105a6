"""One incident on the terminal."""

from __future__ import annotations

from sqlmodel import Session

from flows.cli.shown import columns, say, when
from flows.clock import incident_now, wall_now
from flows.gathering import cases_of, open_questions, steps_of
from flows.house import House
from flows.merging.kin import kin_of
from flows.review.alerts import alert_lines, count_alerts
from flows.wall.rows import wall_of
from notify.text import terminal
from notify.wall_view import Wall
from store.tables import Client, Incident

ALERTS = 20
"""Alerts that are shown, the latest."""


def show_incident(house: House, session: Session, incident: Incident) -> None:
    """Show what the incident is, whom it concerns, how far it has come and which clocks run."""
    assert incident.id is not None
    now = incident_now(session, incident, wall_now())
    say(f"{incident.ref}  {terminal(incident.title)}")
    kind = f"{incident.kind}, {incident.state}, severity {incident.severity}, playbook {incident.playbook}"
    say(f"{kind}; opened {when(incident.opened_at)}, now {when(now)}")
    for words, other in kin_of(session, incident):
        say(f"{words} {other.ref}")
    _cases(session, incident.id)
    _alerts(session, incident)
    _steps(session, incident.id)
    _questions(session, incident.id)
    _clocks(wall_of(house, session, incident, now, with_clients=False))


def _cases(session: Session, incident_id: int) -> None:
    cases = cases_of(session, incident_id)
    refs = {case.ref: session.get_one(Client, case.client_id).ref for case in cases}
    say()
    columns(("case", "client"), list(refs.items()), none="no client's case yet")


def _alerts(session: Session, incident: Incident) -> None:
    rows = [
        (
            one.number,
            one.source,
            one.kind,
            one.severity,
            one.status,
            one.occurrences,
            one.last_seen_at,
            one.title,
        )
        for one in alert_lines(session, incident, ALERTS)
    ]
    more = count_alerts(session, incident) - len(rows)
    say()
    columns(
        ("alert", "source", "kind", "severity", "status", "seen", "last", "title"),
        rows,
        none="no alert of a tool",
    )
    if more:
        say(f"and {more} earlier ones, which the report lists")


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


def _clocks(wall: Wall) -> None:
    rows = [
        (row.rule, row.case_ref, row.recipient, row.state, row.due_at, row.headline)
        for row in (*wall.owed, *wall.presumed, *wall.unnumbered, *wall.done)
    ]
    say()
    columns(("duty", "case", "recipient", "state", "due", "stands"), rows, none="no duty yet")

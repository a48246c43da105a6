"""Candidates: what a rule, or an announced test, leaves to a person. Its clocks run from its arrival."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta
from typing import Final

from sqlmodel import Session, col, func, select

from flows.advancing import advance
from flows.asserting import add_cases, follow_records
from flows.deciding import Decision, note, say
from flows.gathering import plan_of
from flows.intake.readings import refs_in
from flows.questions import asked_of, new_question
from store.tables import Alert, AlertWindow, Message, Question

TITLE: Final = "Decide whether it is an incident"
TARGET: Final = timedelta(hours=1)
_SHOWN: Final = 10


def open_candidate(
    decision: Decision, clients: Collection[str] = (), author: str = "system"
) -> list[Question]:
    """Give a recorded candidate its cases, its clocks and one question, and tell; returns the question."""
    incident = decision.incident
    incident.pending = ""
    decision.session.add(incident)
    add_cases(decision, tuple(clients), author)
    follow_records(decision)
    question = new_question(decision, None, "candidate", "commander", TITLE, target=TARGET)
    opened = advance(decision, [question])
    note(decision, "candidate_opened", author, {"question": question.ref, "severity": incident.severity})
    playbook = plan_of(incident).neutral_title
    asked = asked_of(decision, question)
    say(decision, "candidate_opened", "candidate", playbook=playbook, severity=incident.severity, **asked)
    tell_tests(decision)
    return opened


def tell_tests(decision: Decision) -> None:
    """Note and tell, once each, the announced tests that alerts of the incident matched."""
    for window in tests_of(decision.session, decision.incident_id):
        key = f"test/{window.id}"
        told = select(Message.id).where(Message.key == f"{decision.incident.ref}/{key}")
        if decision.session.exec(told).first() is None:
            said = {"window": window.id, "until": window.until.isoformat(), "by": window.by}
            note(decision, "test_matched", "system", said | {"contact": window.contact})
            say(decision, "test_matched", key, window=window.id, until=window.until.isoformat())


def tests_of(session: Session, incident_id: int) -> list[AlertWindow]:
    """The announced tests that alerts of an incident matched, the oldest first."""
    matched = select(Alert.window_id).where(Alert.incident_id == incident_id)
    query = select(AlertWindow).where(col(AlertWindow.id).in_(matched), AlertWindow.kind == "test")
    return list(session.exec(query.order_by(col(AlertWindow.id))))


def clients_of_alerts(session: Session, incident_id: int) -> tuple[str, ...]:
    """The references of the clients that alerts of an incident are about."""
    named = session.exec(select(Alert.clients).where(Alert.incident_id == incident_id).distinct())
    return tuple(dict.fromkeys(ref for column in named for ref in refs_in(column)))


def alert_lines(session: Session, incident_id: int) -> list[str]:
    """The alerts of an incident by number, kind and severity: no words of a tool's own."""
    of_it = Alert.incident_id == incident_id
    lines = [
        f"{row.id}: {row.kind}, {row.severity}, {row.status}, {row.occurrences} times"
        if row.occurrences > 1
        else f"{row.id}: {row.kind}, {row.severity}, {row.status}"
        for row in session.exec(select(Alert).where(of_it).order_by(col(Alert.id)).limit(_SHOWN))
    ]
    count = session.exec(select(func.count()).select_from(Alert).where(of_it)).one()
    return [*lines, f"and {count - _SHOWN} more"] if count > _SHOWN else lines

"""Opening an incident: alert, provisional anchor, plan, clocks and first message in one transaction."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlmodel import Session

from flows.advancing import advance
from flows.asserting import add_cases, assert_facts, follow_records
from flows.clock import incident_now
from flows.deciding import Decision, note, say
from flows.gathering import plan_of
from flows.house import House
from flows.plan_proof import plan_digest
from flows.questions import asked_of, new_question
from flows.trusting import Chosen
from playbooks.models import Playbook
from store.counters import next_ref
from store.tables import Incident, Question


@dataclass(frozen=True, slots=True)
class Opening:
    """What an incident is opened from: a tool's alert or a person's report."""

    author: str
    playbook: str
    title: str
    severity: str = "medium"
    clients: tuple[str, ...] = ()
    exercise_id: int | None = None
    previous_id: int | None = None
    channel: str = ""
    detected_at: datetime | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)


def open_incident(session: Session, house: House, opening: Opening, wall: datetime) -> Incident:
    """Open an incident within the caller's transaction; its runs are started once that is committed."""
    chosen = house.trust.for_alert(opening.playbook, wall.date())
    incident = _record(session, house, opening, chosen.playbook, wall)
    decision = Decision(house, session, incident, wall, incident.opened_at)
    what = {"playbook": chosen.playbook.ref, "title": opening.title, "severity": opening.severity}
    what["plan"] = plan_digest(incident)
    note(decision, "incident_opened", opening.author, what)
    add_cases(decision, opening.clients, opening.author)
    _anchor(decision, opening)
    follow_records(decision)
    lead = new_question(decision, None, "command", "commander", "Lead the incident")
    _tell(decision, advance(decision, [lead]))
    _doubt(decision, chosen)
    return incident


def _record(session: Session, house: House, opening: Opening, plan: Playbook, wall: datetime) -> Incident:
    incident = Incident(
        ref="",
        kind="real" if opening.exercise_id is None else "exercise",
        playbook=plan.id,
        plan=plan.pinned(),
        title=opening.title,
        severity=opening.severity,
        channel=opening.channel or house.settings.channel,
        exercise_id=opening.exercise_id,
        previous_id=opening.previous_id,
        opened_at=wall,
        recorded_at=wall,
    )
    incident.opened_at = incident_now(session, incident, wall)
    incident.ref = next_ref(session, incident.opened_at.year)
    session.add(incident)
    session.flush()
    return incident


def _anchor(decision: Decision, opening: Opening) -> None:
    """Start every clock provisionally: from now on we may be held to have been aware."""
    detected_at = min(opening.detected_at or decision.now, decision.now)
    assert_facts(decision, {"detected_at": detected_at, **opening.facts}, author=opening.author)
    assert_facts(decision, {"aware_at": decision.now}, author="system", basis="provisional, until triage")


def _doubt(decision: Decision, chosen: Chosen) -> None:
    """Say what speaks against relying on the playbook; the incident is open all the same."""
    if chosen.concerns:
        words = "; ".join(chosen.concerns)
        note(decision, "playbook_doubted", "system", {"playbook": chosen.playbook.ref, "why": words})
        told = f"About the playbook {chosen.playbook.ref}: {words}"
        if chosen.is_quiet or chosen.playbook.restricted:  # a name alone would tell
            told = "There is a doubt about its playbook: read the incident's page"
        say(decision, "note", "playbook-doubted", text=told)


def _tell(decision: Decision, questions: list[Question]) -> None:
    say(
        decision,
        "incident_opened",
        "opened",
        playbook=plan_of(decision.incident).neutral_title,
        severity=decision.incident.severity,
        questions=[asked_of(decision, question) for question in questions if question.kind != "action"],
        link=f"{decision.house.settings.desk_url}/i/{decision.incident.ref}",
    )

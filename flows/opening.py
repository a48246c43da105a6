"""Opening an incident in two halves: recorded with its provisional anchor, then begun with plan and clocks.

A tool's alert is answered after the first half; the watch begins it a moment later (docs/adr/0015). A
person's report is both in one transaction.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, Literal

from sqlmodel import Session, select

from flows.advancing import advance
from flows.asserting import add_cases, assert_facts, follow_records
from flows.clock import incident_now
from flows.deciding import Decision, note, say
from flows.exercise_channel import spoken_in, tell_players
from flows.gathering import plan_of
from flows.house import House
from flows.plan_proof import plan_digest
from flows.questions import asked_of, new_question
from playbooks.models import Playbook
from store.counters import next_ref
from store.tables import Incident, Question, TimelineEntry

_DOUBTED: Final = "playbook_doubted"


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
    split_from_id: int | None = None
    state: Literal["open", "candidate"] = "open"
    detected_at: datetime | None = None
    aware_at: datetime | None = None
    """When we may be held to have been aware: empty for now, earlier for what was split from another."""
    why: str = ""
    """Why this playbook and severity, where rules chose them."""
    facts: Mapping[str, Any] = field(default_factory=dict)


def open_incident(session: Session, house: House, opening: Opening, wall: datetime) -> Incident:
    """Record and begin an incident within the caller's transaction; its runs are started after the commit."""
    incident = record_incident(session, house, opening, wall)
    decision = Decision(house, session, incident, wall, incident.opened_at)
    begin(decision, opening.clients, opening.author)
    return incident


def record_incident(session: Session, house: House, opening: Opening, wall: datetime) -> Incident:
    """Write down an incident with its number, pinned plan and provisional anchor; it waits to be begun."""
    chosen = house.trust.for_alert(opening.playbook, wall.date())
    incident = _record(session, house, opening, chosen.playbook, wall)
    decision = Decision(house, session, incident, wall, incident.opened_at)
    what = {"playbook": chosen.playbook.ref, "title": opening.title, "severity": opening.severity}
    what["plan"] = plan_digest(incident)
    if opening.why:
        what["why"] = opening.why
    note(decision, "incident_opened", opening.author, what)
    _anchor(decision, opening)
    if chosen.concerns:
        is_quiet = chosen.is_quiet or chosen.playbook.restricted  # a name alone would tell
        doubts = {"playbook": chosen.playbook.ref, "why": "; ".join(chosen.concerns), "is_quiet": is_quiet}
        note(decision, _DOUBTED, "system", doubts)
    return incident


def begin(decision: Decision, clients: Collection[str], author: str) -> list[Question]:
    """Give a recorded incident its cases, questions, duties and clocks, and tell; returns the questions."""
    decision.incident.pending = ""
    decision.session.add(decision.incident)
    add_cases(decision, tuple(clients), author)
    follow_records(decision)
    lead = new_question(decision, None, "command", "commander", "Lead the incident")
    opened = advance(decision, [lead])
    _tell(decision, opened)
    _doubt(decision)
    tell_players(decision.session, decision.house.settings, decision.incident, decision.wall)
    return opened


def _record(session: Session, house: House, opening: Opening, plan: Playbook, wall: datetime) -> Incident:
    incident = Incident(
        ref="",
        kind="real" if opening.exercise_id is None else "exercise",
        playbook=plan.id,
        plan=plan.pinned(),
        title=opening.title,
        severity=opening.severity,
        channel=spoken_in(house.settings, opening.channel, exercise=opening.exercise_id is not None),
        exercise_id=opening.exercise_id,
        previous_id=opening.previous_id,
        split_from_id=opening.split_from_id,
        state=opening.state,
        pending="begin",
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
    aware_at = min(opening.aware_at or decision.now, decision.now)
    assert_facts(decision, {"aware_at": aware_at}, author="system", basis="provisional, until triage")


def _doubt(decision: Decision) -> None:
    """Say what speaks against relying on the playbook; the incident is open all the same."""
    noted = decision.session.exec(
        select(TimelineEntry).where(
            TimelineEntry.chain == decision.incident.ref, TimelineEntry.kind == _DOUBTED
        )
    ).first()
    if noted is None or noted.payload is None:
        return
    told = f"About the playbook {noted.payload['playbook']}: {noted.payload['why']}"
    if noted.payload["is_quiet"]:
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

"""A closed incident read for its replay: what happened when and what was chosen, and no word of anybody's."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

import yaml
from sqlmodel import Session, col

from flows.clients.reading import clients
from flows.exercise.replayed_clients import past_client
from flows.exercise.replayed_course import Source, answers, events, known
from flows.gathering import cases_of
from flows.house import House
from flows.incidents import find_incident
from playbooks.errors import Refused
from playbooks.exercises.masking import new_refs
from playbooks.exercises.past import Past, PastDuty
from playbooks.exercises.replayed import scenario_of
from playbooks.exercises.scenario import Scenario
from playbooks.facts import from_json
from playbooks.models import Playbook
from store.tables import Case, Client, FactRow, Incident, Notice, Obligation

MOST_CLIENTS: Final = 60
_WEEK = timedelta(days=7)
_MINUTE = timedelta(minutes=1)


def replay(house: House, session: Session, ref: str, wall: datetime) -> Scenario:
    """Make a scenario of a closed incident; raises NotFound, or Refused where it cannot be replayed."""
    incident = find_incident(session, ref)
    past = _past(session, incident, _playbook(house, incident), wall)
    if not past.clients:
        raise Refused("it concerned no client", which=ref, mend="choose one that did")
    if not any(one.step for one in past.answers):
        raise Refused("nothing of its plan was answered", which=ref, mend="choose an incident with a course")
    return scenario_of(past)


def written_out(scenario: Scenario) -> str:
    """The scenario as the YAML file that it is read from."""
    data = scenario.model_dump(mode="json", exclude_defaults=True)
    head = "# A past incident, played again. Put your own words where the text is general; name nobody.\n"
    return head + yaml.safe_dump(
        {"schema_version": 1, **data}, sort_keys=False, allow_unicode=True, width=110
    )


def _playbook(house: House, incident: Incident) -> Playbook:
    """The playbook as the library has it today, which the exercise will use."""
    if incident.kind != "real":
        raise Refused("it is an exercise", which=incident.ref, mend="run its scenario again")
    if incident.state != "closed" or incident.closed_at is None:
        raise Refused("only a closed incident is replayed", which=incident.ref, mend="close it first")
    return house.playbook(incident.playbook)


def _past(session: Session, incident: Incident, playbook: Playbook, wall: datetime) -> Past:
    cases = cases_of(session, incident.id or 0)
    rows = [session.get_one(Client, case.client_id) for case in cases]
    on_record = clients(session)
    own = [one for one in on_record if one.own and one.id not in {row.id for row in rows}]
    played = [*own, *rows][:MOST_CLIENTS]
    place = next((at for at, one in enumerate(played) if one.own), None)
    refs = new_refs(len(played), place, {one.ref for one in on_record})
    new = {one.ref: ref for one, ref in zip(played, refs, strict=True)}
    letters = {case.ref: new[row.ref] for case, row in zip(cases, rows, strict=True) if row.ref in new}
    source = Source(session, incident, playbook, new, letters)
    given = tuple(answers(source))
    assert incident.closed_at is not None
    return Past(
        ref=incident.ref,
        playbook=playbook,
        starts_at=_next_like(incident.opened_at, wall),
        lasted=source.after(incident.closed_at),
        detected_before=_detected_before(source),
        clients=tuple(past_client(session, one, new[one.ref]) for one in played),
        alerted=tuple(
            letters[case.ref] for case in cases if case.ref in letters and _at_first(incident, case)
        ),
        known=known(source, letters),
        answers=given,
        events=tuple(events(source, {name for one in given for name in one.values})),
        duties=tuple(_duty(one) for one in source.rows(Obligation)),
        findings=max((len(one.findings or ()) for one in source.rows(Notice)), default=0),
        left_out=len(own) + len(rows) - len(played),
    )


def _next_like(at: datetime, wall: datetime) -> datetime:
    """The next instant on the same weekday at the same hour: what depends on them stays."""
    weeks = (wall - at) // _WEEK + 1
    return (at + max(weeks, 1) * _WEEK).replace(second=0, microsecond=0)


def _at_first(incident: Incident, case: Case) -> bool:
    return case.opened_at <= incident.opened_at + _MINUTE


def _detected_before(source: Source) -> timedelta:
    """How long before the opening it was detected, by the first word on it."""
    for row in source.rows(FactRow, col(FactRow.name) == "detected_at"):
        value = from_json("detected_at", row.value["value"])
        return source.incident.opened_at - value if isinstance(value, datetime) else timedelta(0)
    return timedelta(0)


def _duty(row: Obligation) -> PastDuty:
    used = None
    if row.met_at and row.anchor_at and row.due_at and row.due_at > row.anchor_at:
        used = max((row.met_at - row.anchor_at) / (row.due_at - row.anchor_at), 0.0) * 100
    return PastDuty(row.recipient, row.state, used)

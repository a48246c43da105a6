"""What an inject does, kind by kind, within the transaction that delivers it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any, Final, get_args

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, select

from flows.advancing import advance, open_added
from flows.asserting import add_cases, assert_facts, join_jurisdictions
from flows.clock import segments_of
from flows.deciding import Decision, say
from flows.exercise.absent import away_until
from flows.exercise.losing import lose_channel
from flows.exercise_channel import spoken_in
from flows.gathering import cases_of
from flows.house import House
from flows.intake.adapters.generic import ADAPTER
from flows.intake.batch import intake_of, take
from flows.intake.claims import Understood
from flows.intake.deliveries import Delivery
from flows.intake.directory import known_source
from flows.law.steps import BY_HAND
from flows.opening import Opening, open_incident
from flows.questions import announce
from flows.roster.duty import on_duty_here
from flows.specs import holders_of
from playbooks.errors import Mend
from playbooks.exercises.filling import filled
from playbooks.facts import parse_fact
from playbooks.models import Field, Role, Step
from playbooks.timebase import incident_time
from playbooks.wording import read_period
from store.tables import Case, Client, Exercise, Incident, Inject, Source

AUTHOR: Final = "exercise"
AWAY: Final = timedelta(hours=8)
"""How long somebody is away, or a channel lost, where the scenario does not say."""
_ANSWER: Final = timedelta(hours=1)
_RESULT: Final = Field(id="result", type="text", label="What was done", help="and who was told of it")


def bring_start(
    house: House, session: Session, exercise: Exercise, inject: Inject, wall: datetime
) -> Incident:
    """Open the incident that the exercise begins with."""
    body = inject.body
    opening = Opening(
        AUTHOR,
        exercise.playbook,
        str(body["title"]),
        clients=tuple(_player(exercise, ref) for ref in body["clients"]),
        exercise_id=exercise.id,
        detected_at=datetime.fromisoformat(str(body["detected_at"])),
    )
    return open_incident(session, house, opening, wall)


def bring_alert(house: House, session: Session, exercise: Exercise, inject: Inject, wall: datetime) -> None:
    """Take a further alert in as a tool's would be: the rules say whether it opens, joins or waits."""
    body = inject.body
    client = _player(exercise, str(body["client"])) if body.get("client") else ""
    source = _source(house, session, exercise, client, wall)
    said = {
        "title": body["title"],
        "severity": "high",
        "fingerprint": f"{exercise.name}/{inject.key}",
        "labels": {"text": body.get("text", "")},
    }
    content = Understood("generic", tuple(ADAPTER.read(said)))
    at = incident_time(segments_of(session, exercise.id), wall)
    delivery = Delivery(known_source(source), None, wall, content, rehearsed_at=at)
    take(session, [delivery], intake_of(house))


def _put(decision: Decision, exercise: Exercise, inject: Inject) -> None:
    """Put what somebody asks of us to a role, as a step beside the plan; its answer handles the inject."""
    body = inject.body
    case = _case(decision, exercise, str(body.get("client", "")))
    within = body.get("handled_within")
    step = Step(
        id=f"{BY_HAND}{inject.key}"[:64].rstrip("-"),
        title=str(body["title"])[:140],
        kind="manual",
        role=_role(str(body["to"])),
        per="case" if case else "incident",
        target=read_period(within) if within else _ANSWER,
        instructions=str(body["text"]),
        fields=(_RESULT,),
    )
    question = open_added(decision, step, case_ref=case.ref if case else "")
    inject.step_row_id = question.step_row_id
    announce(decision, [question])


def _state(decision: Decision, exercise: Exercise, inject: Inject) -> None:
    """Let something become known: of the incident, or of the client's case."""
    body, said = inject.body, dict(inject.body["facts"])
    named = said.pop("clients", ())
    named = [one.strip() for one in named.split(",")] if isinstance(named, str) else named
    refs = tuple(_player(exercise, str(ref)) for ref in named)
    add_cases(decision, refs, AUTHOR)
    case = _case(decision, exercise, str(body.get("client", "")))
    stated = filled(said, decision.now, exercise.began_at or decision.now)
    values = {name: parse_fact(name, value, now=decision.now) for name, value in stated.items()}
    assert_facts(decision, values, author=AUTHOR, basis=f"inject {inject.key}", case=case)
    join_jurisdictions(decision, AUTHOR)
    _tell(decision, inject)
    announce(decision, advance(decision))


def _send_away(decision: Decision, exercise: Exercise, inject: Inject) -> None:
    """Take whoever is on duty for a role out of the exercise for a while."""
    role = str(inject.body["role"])
    scripted = exercise.scripted.get(role)
    there = (
        *((str(scripted),) if scripted else ()),
        *on_duty_here(decision.session, decision.incident, role, decision.now),
        *holders_of(decision.session, role, exercise_id=exercise.id),
    )
    inject.until = decision.now + _span(inject)
    away = away_until(decision.session, exercise.id, decision.now)
    inject.body = inject.body | {"away": next((one for one in there if one not in away), "")}
    _tell(decision, inject, role=role)


def _lose(decision: Decision, exercise: Exercise, inject: Inject) -> None:
    """Take the exercise's channel away for a while, where no real incident speaks in it."""
    inject.until = decision.now + _span(inject)
    _tell(decision, inject)
    lose_channel(decision, exercise)


def _tell(decision: Decision, inject: Inject, **more: Any) -> None:
    body = inject.body
    key = f"inject/{inject.exercise_id}/{inject.key}"
    say(decision, "inject", key, title=str(body["title"]), text=str(body["text"]), **more)


def _span(inject: Inject) -> timedelta:
    lasts = inject.body.get("lasts")
    return read_period(lasts) if lasts else AWAY


def _player(exercise: Exercise, ref: str) -> str:
    """The client on record that plays a client of the scenario; raises Mend for one that does not play."""
    if ref not in exercise.clients:
        mend = f"use {', '.join(exercise.clients) or 'none: it has no clients'}"
        raise Mend("no client of this exercise", which=ref[:64], mend=mend)
    return str(exercise.clients[ref])


def _case(decision: Decision, exercise: Exercise, ref: str) -> Case | None:
    """The case of a client of the scenario, if the incident has one."""
    if not ref:
        return None
    client = decision.session.exec(select(Client).where(Client.ref == _player(exercise, ref))).first()
    cases = cases_of(decision.session, decision.incident_id)
    return next((one for one in cases if client is not None and one.client_id == client.id), None)


def _source(house: House, session: Session, exercise: Exercise, client: str, wall: datetime) -> Source:
    """The exercise's own source about a client; it has no key, so that nobody posts to it from outside.

    What it opens is spoken of where exercises are, or in our own channel: never in a client's.
    """
    row = session.exec(select(Client).where(Client.ref == client)).first() if client else None
    name = f"{exercise.name.lower()}-{row.id if row else 0}"
    named = select(Source).where(Source.name == name)
    if (found := session.exec(named).first()) is not None:
        return found
    made = Source(
        name=name,
        kind="generic",
        auth="hmac",
        playbook=exercise.playbook,
        client_id=row.id if row else None,
        exercise_id=exercise.id,
        channel=spoken_in(house.settings, "", exercise=True),
        added_at=wall,
    )
    try:
        with session.begin_nested():
            session.add(made)
    except IntegrityError:  # another alert of the exercise came first
        return session.exec(named).one()
    return made


def _role(name: str) -> Role:
    return next(role for role in get_args(Role) if role == name)


BRING: Final[Mapping[str, Callable[[Decision, Exercise, Inject], None]]] = MappingProxyType(
    {
        "client_message": _put,
        "press_question": _put,
        "regulator_call": _put,
        "new_fact": _state,
        "person_unavailable": _send_away,
        "channel_lost": _lose,
    }
)

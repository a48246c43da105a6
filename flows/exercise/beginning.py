"""Beginning an exercise: scenario pinned, clock set, absent roles cast, alert raised, injects laid out."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Literal, TypeAlias

from sqlmodel import Session, col, select

from flows.clients.reading import wishes_of
from flows.exercise.bringing import bring_start
from flows.exercise.standing import ALIVE
from flows.exercise.stepping import begin_exercise
from flows.exercise.supporting import enrol_scripted
from flows.house import House
from flows.vouching import note_house
from playbooks.errors import Mend, NotFound, Refused
from playbooks.escalation import LADDER
from playbooks.exercises.scenario import Alert, Scenario
from playbooks.exercises.scenario import Inject as Planned
from playbooks.exercises.teams import GOOD, shipped_teams
from store.counters import next_number
from store.tables import Client, Exercise, Inject

Pace: TypeAlias = Literal["step", "speed", "real"]
_FASTEST: Final = 3600.0
_YEARS: Final = range(2000, 2099)
"""The years that a fact may name, with room for what falls due later."""
START: Final = "start"
"""The key and kind of the first inject: the alert that the exercise begins with."""


@dataclass(frozen=True, slots=True)
class Wish:
    """How an exercise is to run."""

    facilitator: str
    pace: Pace = "step"
    speed: float = 1.0
    """Incident seconds in a second of wall time, at pace `speed`."""
    scripted: tuple[str, ...] = ()
    """The roles that nobody plays in person."""
    team: str = GOOD
    clients: Mapping[str, str] = field(default_factory=dict)
    """The client on record that plays each client of the scenario; who is not named plays itself."""
    at: datetime | None = None
    """Incident time of the start; none is the scenario's own."""

    @property
    def rate(self) -> float:
        """Incident seconds in a second of wall time while the exercise runs."""
        return {"step": 0.0, "speed": self.speed, "real": 1.0}[self.pace]


def begin(house: House, scenario: Scenario, wish: Wish, wall: datetime) -> Exercise:
    """Begin a scenario, and raise its alert; raises Mend, NotFound or Refused, and then nothing was begun."""
    with house.store.writing() as session:
        return lay_out(session, house, scenario, wish, wall)


def lay_out(session: Session, house: House, scenario: Scenario, wish: Wish, wall: datetime) -> Exercise:
    """Begin a scenario with its incident in the caller's transaction; raises as `begin` does."""
    _refuse_impossible(scenario, wish)
    chosen = house.trust.for_person(scenario.playbook, wall.date())  # an alert would fall back on another
    name = (
        f"EX-{wall.year}-{next_number(session, f'exercise/{wall.year}'):04d}"  # locks: of two, one is second
    )
    _refuse_second(session, scenario)
    played_by = _played_by(session, scenario, wish.clients)
    at = wish.at or scenario.begins_at
    exercise = begin_exercise(session, name, at, wall, rate=wish.rate)
    exercise.scenario, exercise.pinned = scenario.id, scenario.model_dump_json()
    exercise.playbook = scenario.playbook
    exercise.playbook_version = chosen.playbook.version
    exercise.pace, exercise.speed = wish.pace, wish.rate
    exercise.facilitator, exercise.team = wish.facilitator, wish.team
    approvers = _approvers(session, played_by.values())
    exercise.scripted = enrol_scripted(
        session, name, wish.scripted, wish.facilitator, wall, approvers=approvers
    )
    exercise.clients = played_by
    exercise.began_at, exercise.ends_at = at, at + scenario.lasts
    session.add(exercise)
    session.flush()
    assert exercise.id is not None
    first = _first(exercise.id, scenario.alert, at)
    session.add(first)
    bring_start(house, session, exercise, first, wall)
    session.add_all(_laid_out(exercise.id, one, at) for one in scenario.injects)
    said = {"exercise": name, "scenario": f"{scenario.id}@{scenario.version}", "pace": wish.pace}
    note_house(session, "exercise_begun", wish.facilitator, said, wall)
    return exercise


def _first(exercise_id: int, alert: Alert, at: datetime) -> Inject:
    body = {
        "title": alert.title,
        "text": alert.text or "",
        "clients": list(alert.clients),
        "detected_at": (at - alert.detected_before).isoformat(),
    }
    return Inject(
        exercise_id=exercise_id,
        key=START,
        kind=START,
        state="delivered",
        due_at=at,
        delivered_at=at,
        body=body,
        why="it begins with it",
    )


def _laid_out(exercise_id: int, one: Planned, at: datetime) -> Inject:
    body = one.model_dump(mode="json", exclude_none=True)
    return Inject(exercise_id=exercise_id, key=one.id, kind=one.kind, due_at=at + one.at, body=body)


def _refuse_impossible(scenario: Scenario, wish: Wish) -> None:
    if unknown := sorted(set(wish.scripted) - set(LADDER)):
        raise Mend("no such role can be scripted", which=", ".join(unknown), mend=f"use {', '.join(LADDER)}")
    if wish.pace == "speed" and not 0 < wish.speed <= _FASTEST:
        raise Mend("no such speed", which=f"{wish.speed:g}", mend=f"more than 0, at most {_FASTEST:g}")
    if (wish.at or scenario.begins_at).year not in _YEARS:
        mend = f"a year from {_YEARS[0]} to {_YEARS[-1]}"
        raise Mend("no exercise can begin then", which=f"{wish.at or scenario.starts_at}", mend=mend)
    if wish.pace == "step" and not wish.scripted:
        mend = "give --scripted, or let the clock run: --speed 60 or --real-time"
        raise Mend("a stepped clock needs scripted roles: nobody else moves it", mend=mend)
    shipped_teams().named(wish.team)
    if any(one.id == START for one in scenario.injects):
        raise Mend("an inject is called start", which=scenario.id, mend="give it another id")


def _refuse_second(session: Session, scenario: Scenario) -> None:
    """Raise Refused while the same scenario is being played."""
    running = select(Exercise.name).where(Exercise.scenario == scenario.id, col(Exercise.state).in_(ALIVE))
    if name := session.exec(running).first():
        mend = f"go on with it (`exercise run --continue {name}`) or end it (`exercise end {name}`)"
        raise Refused("this scenario is being played already", which=name, mend=mend)


def _played_by(session: Session, scenario: Scenario, given: Mapping[str, str]) -> dict[str, str]:
    """Who on record plays each client of the scenario; raises NotFound where somebody is missing."""
    theirs = {str(one["ref"]): bool(one.get("own")) for one in scenario.clients if "ref" in one}
    if unknown := sorted(set(given) - set(theirs)):
        raise NotFound("the scenario has no such client", which=", ".join(unknown), mend=_listed(theirs))
    own = session.exec(select(Client.ref).where(col(Client.own))).first()
    chosen = {ref: given.get(ref) or (own if is_own and own else ref) for ref, is_own in theirs.items()}
    known = dict(
        session.exec(select(Client.ref, Client.own).where(col(Client.ref).in_(chosen.values()))).all()
    )
    if missing := sorted(ref for ref, player in chosen.items() if player not in known):
        mend = "say who plays each: --client " + " --client ".join(f"{ref}=…" for ref in missing)
        raise NotFound("no client on record plays these", which=", ".join(missing), mend=mend)
    if mistaken := sorted(ref for ref, player in chosen.items() if known[player] != theirs[ref]):
        mend = "let a client play a client; we play ourselves"
        raise Mend("our own organisation is no client", which=", ".join(mistaken), mend=mend)
    if len(set(chosen.values())) < len(chosen):
        raise Mend("one client plays two", which=", ".join(sorted(chosen.values())), mend="name another")
    return chosen


def _approvers(session: Session, refs: Collection[str]) -> int:
    """How many people must release a notice, by the contract of these clients that wants the most."""
    ids = session.exec(select(Client.id).where(col(Client.ref).in_(refs)))
    return max((wishes_of(session, one).approvals for one in ids if one), default=1)


def _listed(refs: Collection[str] | Sequence[str]) -> str:
    return f"use {', '.join(sorted(refs))}"

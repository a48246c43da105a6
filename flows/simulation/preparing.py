"""What a simulation starts from, gathered: plan, facts, law, people, durations, each with its source."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from sqlmodel import Session

from flows.house import open_house
from flows.settings import Settings
from flows.simulation.learning import Learned, learned_durations
from flows.simulation.staffing import Crew, crew_of_file, crew_of_store, usual_crew
from playbooks.calendars import load_calendars
from playbooks.documents import LARGEST_FILE, read_document
from playbooks.errors import Fault, FileFaults
from playbooks.fact_file import FactFile, fact_file_of
from playbooks.library import load_playbooks
from playbooks.models import Playbook
from playbooks.places import Place, place
from playbooks.roster.models import read_roster_file
from playbooks.rulebook import load_rules
from playbooks.simulation.duration_file import read_durations
from playbooks.simulation.durations import Empirical
from playbooks.simulation.model import Paces, Simulation, Story
from playbooks.simulation.parts import names_of
from playbooks.simulation.storm import storm_of
from playbooks.simulation.usual import Premise, premise
from playbooks.zones import zone
from store.seal import KeyMissing

USUAL: Final = "usual"
"""The word for the usual team, in place of a roster file."""
_WEEK: Final = timedelta(days=7)
_A_DAY: Final = Empirical((timedelta(), timedelta(days=1)))
"""Any moment of a day: over which several incidents of one run open."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody asks of a simulation; None and empty: the usual."""

    playbook: str
    facts: Path | None = None
    roster: str = ""
    durations: Path | None = None
    runs: int = 10_000
    seed: int = 1
    incidents: int = 1
    storm: int = 0
    """Over how many clients an alert storm goes; 0: none."""
    opens_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Prepared:
    """A simulation made ready, and in words what it takes to be so."""

    simulation: Simulation
    plan: Playbook
    premise: Premise
    crew: Crew
    learned: tuple[Learned, ...]
    facts_file: str
    durations_file: str
    zone_name: str
    looked_back: bool
    """Whether there is a store whose past incidents could be looked at."""
    storm: int = 0


def prepare(wish: Wish, settings: Settings, now: datetime) -> Prepared:
    """Gather everything a simulation starts from; raises FileFaults and NotFound for what cannot be used."""
    calendars = load_calendars(settings.calendar_folders)
    rules = load_rules(settings.law_folders, calendars).values()
    plan = _plan(wish.playbook, settings, now)
    where = place(settings.place)
    given = _facts(wish.facts)
    so = premise(plan, rules, given, where=where, calendars=calendars)
    with _house_session(settings) as session:
        crew = _crew(wish.roster, session, where)
        past = learned_durations(session, plan.id) if session is not None else ()
        looked_back = session is not None
    paces, learned = paces_of(_durations(wish.durations, plan), past)
    story = Story(plan.id, plan, so.truth, so.law, count=wish.incidents)
    if wish.incidents > 1:
        story = replace(story, after=_A_DAY)
    if wish.storm:
        story = storm_of(story, wish.storm, where)
    simulation = Simulation(
        (story,),
        crew.staff,
        wish.opens_at or _monday(now, where),
        paces,
        _WEEK,
        runs=wish.runs,
        seed=wish.seed,
    )
    return Prepared(
        simulation, plan, so, crew, learned, str(wish.facts or ""), str(wish.durations or ""),
        where.zone_name, looked_back, wish.storm,
    )  # fmt: skip


def _plan(name: str, settings: Settings, now: datetime) -> Playbook:
    library = load_playbooks(settings.playbook_folders)
    return library.named(name) if "@" in name else library.in_force(name, now.date())


def _facts(file: Path | None) -> FactFile | None:
    return None if file is None else fact_file_of(read_document(read_bytes(file), str(file)))


def read_bytes(file: Path) -> bytes:
    """A file's bytes, one more than any file of ours may have at most; FileFaults where it cannot be read."""
    try:
        with file.open("rb") as stream:
            return stream.read(LARGEST_FILE + 1)
    except OSError as error:
        fault = Fault(str(file), 1, f"cannot be read: {error.strerror}", "check its name and permissions")
        raise FileFaults((fault,)) from error


@contextmanager
def _house_session(settings: Settings) -> Iterator[Session | None]:
    """A view of the store; None where there is no installation, since a simulation needs none."""
    try:
        house = open_house(settings)
    except KeyMissing:
        if settings.key_file.exists() or os.environ.get("SEVENTYTWO_KEY"):
            raise  # there is one, and its key is not as it must be
        yield None
        return
    try:
        with house.store.reading() as session:
            yield session
    finally:
        house.store.close()


def _crew(roster: str, session: Session | None, where: Place) -> Crew:
    if roster and roster != USUAL:
        file = Path(roster)
        return crew_of_file(read_roster_file(read_bytes(file), str(file)).roster, file.name)
    if roster == USUAL or session is None:
        return usual_crew(where.zone_name)
    return crew_of_store(session, where.zone_name)


def _durations(file: Path | None, plan: Playbook) -> Paces:
    return read_durations(read_bytes(file), str(file), plan) if file else Paces()


def paces_of(given: Paces, past: tuple[Learned, ...]) -> tuple[Paces, tuple[Learned, ...]]:
    """What a file says, else what was learned, else shares of the targets; what was learned and counts.

    What a file says of a step, or of a part of all steps, goes before what was learned of that part there.
    """
    learned = tuple(one for one in past if given.by_name.keys().isdisjoint(_names(one)))
    return replace(given, by_name={**{one.name: one.duration for one in learned}, **given.by_name}), learned


def _names(one: Learned) -> tuple[str, ...]:
    """The names by which a file may speak of what was learned."""
    return names_of(one.step, one.part) if one.step else (one.part,)


def _monday(now: datetime, where: Place) -> datetime:
    """The last Monday, 00:00 by the house's clock, in UTC."""
    local = now.astimezone(zone(where.zone_name))
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
    return (midnight - timedelta(days=local.weekday())).astimezone(UTC)

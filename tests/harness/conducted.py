"""Live exercises of a test's own, as a facilitator conducts them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from datetime import timedelta
from pathlib import Path

from sqlmodel import Session, col, select

from flows.clock import wall_now
from flows.exercise.alone import import_scenario_clients
from flows.exercise.beginning import Wish, begin
from flows.exercise.bringing import BRING
from flows.exercise.ending import end, pause, sweep
from flows.exercise.injecting import arrive, call
from flows.exercise.shifting import go_to, plan_shift
from flows.exercise.stepping import exercise_now, jump, locked
from flows.house import House
from flows.people import Newcomer, enrol
from playbooks.escalation import LADDER
from playbooks.exercises.scenario import Inject as Told
from store.database import Store
from store.tables import Exercise, Incident, Inject
from tests.harness.desks import house_on
from tests.harness.rehearsals import scenario
from tests.harness.stocks import shipped, stock

HOURS = timedelta(hours=1)
DRILLS = "#drills"
PRESS = {"id": "press", "kind": "press_question", "at": "2h", "to": "commander"}
NEWS = {"id": "news", "kind": "new_fact", "at": "1h", "facts": {"people_affected": "400-500"}}
AGAIN = {"id": "again", "kind": "alert", "at": "1h", "client": "example-retail"}
LOST = {"id": "lost", "kind": "channel_lost", "at": "1h", "lasts": "9h"}
UNLESS = {
    "id": "unless", "kind": "client_message", "at": "2h", "to": "commander", "unless_done": "triage",
    "client": "example-retail",
}  # fmt: skip


def drilled(store: Store, folder: Path, **said: str) -> House:
    """A house with the scenario's clients, a channel for exercises, and somebody who conducts them."""
    env = {"SEVENTYTWO_CHANNEL": "#house", "SEVENTYTWO_EXERCISE_CHANNEL": DRILLS} | said
    found = stock(house_on(store, folder, **env), shipped())
    import_scenario_clients(found, scenario(), wall_now())
    with store.writing() as session:
        enrol(session, Newcomer("commander-1", "One", ("commander", "facilitator")), (), wall_now())
    return found


def running(
    house: House,
    *injects: Mapping[str, object],
    called: str = "lost-letter",
    scripted: Collection[str] = tuple(LADDER),
) -> Exercise:
    """The tests' scenario begun with these injects, every role scripted; of two, one is called otherwise."""
    rows = (Told.model_validate({"text": "Words.", "title": f"About {one['id']}", **one}) for one in injects)
    told = scenario().model_copy(update={"injects": tuple(rows), "id": called})
    return begin(house, told, Wish("commander-1", scripted=tuple(scripted)), wall_now())


def after(house: House, exercise: Exercise, span: timedelta) -> None:
    """Let the exercise's time pass, and nothing happen yet."""
    jump(house, exercise.id or 0, exercise_now(house, exercise.id or 0) + span)


def broken_by(fault: Exception) -> dict[str, Callable[..., None]]:
    """What injects do, but for new facts, of which each meets this fault."""

    def broken(*_: object) -> None:
        raise fault

    return {**BRING, "new_fact": broken}


def halt(house: House, exercise: Exercise) -> None:
    """Let its facilitator pause it."""
    with house.store.writing() as session:
        pause(session, locked(session, exercise.id or 0), "commander-1", wall_now())


def as_it_stands(house: House, exercise: Exercise) -> Exercise:
    """The exercise as the store has it now."""
    with house.store.reading() as session:
        return session.get_one(Exercise, exercise.id)


def inject_of(house: House, exercise: Exercise, key: str) -> Inject:
    """An inject as the store has it now."""
    with house.store.reading() as session:
        return session.exec(select(Inject).where(Inject.exercise_id == exercise.id, Inject.key == key)).one()


def first(session: Session, exercise: Exercise) -> Incident:
    """The incident that the exercise began with."""
    found = select(Incident).where(Incident.exercise_id == exercise.id).order_by(col(Incident.id))
    return session.exec(found.limit(1)).one()


def numbered(session: Session, name: str) -> Exercise:
    """The exercise of that name, locked."""
    return locked(session, session.exec(select(Exercise.id).where(Exercise.name == name)).one() or 0)


def shift(house: House, name: str, span: timedelta, by: str) -> None:
    """Move an exercise's clock ahead, as its facilitator's command does."""
    with house.store.writing() as session:
        exercise = numbered(session, name)
        until = plan_shift(session, exercise, span, by, wall_now())
    go_to(house, exercise.id or 0, until)


def bring(house: House, name: str, key: str, by: str) -> None:
    """Call a waiting inject and let it happen, as its facilitator's command does."""
    with house.store.writing() as session:
        exercise = numbered(session, name)
        call(session, exercise, key, by, wall_now())
    arrive(house, exercise.id or 0, key)


def end_exercise(house: House, name: str, by: str, why: str) -> None:
    """End an exercise and everything of it, as its facilitator's command does."""
    with house.store.writing() as session:
        end(session, numbered(session, name), by, why, wall_now())
    sweep(house)

"""Exercises of a test's own, played without Prefect."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import TypeVar

from sqlmodel import Session, SQLModel, col, select

from flows.exercise.alone import Rehearsal, begin_alone
from flows.exercise.casting import read_cast
from flows.exercise.direct import Direct
from flows.exercise.recording import find_exercise, incidents_of
from flows.house import House
from playbooks.exercises.reading import read_scenario
from playbooks.exercises.scenario import Answer, Scenario
from store import timeline
from store.database import Store
from store.tables import Answer as AnswerRow
from store.tables import Exercise, Question, TimelineEntry
from store.timeline import Verified
from tests.harness.desks import house_on
from tests.harness.stocks import shipped, stock

Row = TypeVar("Row", bound=SQLModel)
FOLDER = Path(__file__).parent / "scenarios"


@cache
def scenario(name: str = "lost-letter") -> Scenario:
    """A scenario of the tests' own, as its file says it."""
    file = FOLDER / f"{name}.yaml"
    return read_scenario(file.read_bytes(), str(file))


def with_answers(told: Scenario, **answers: Answer) -> Scenario:
    """A scenario in which some steps are answered otherwise."""
    said = {name.replace("_", "-"): answer for name, answer in answers.items()}
    return told.model_copy(update={"answers": {**told.answers, **said}})


def rehearse(store: Store, folder: Path, told: Scenario, team: str = "good") -> Rehearsal:
    """Begin a scenario in a store of the test's own."""
    return begin_alone(stock(house_on(store, folder), shipped()), told, team)


def anew(rehearsal: Rehearsal) -> Rehearsal:
    """The same exercise as a process sees it that has just come by and remembers nothing."""
    house, player = rehearsal.house, rehearsal.player
    cast = read_cast(house, list(player.cast.secrets))
    engine = Direct(house, rehearsal.exercise_id, cast)
    return replace(rehearsal, player=replace(player, cast=cast, engine=engine))


def history(rehearsal: Rehearsal) -> list[tuple[str, str, datetime]]:
    """What the timelines tell, without what chance names: kind, author and instant of every entry."""
    with rehearsal.house.store.reading() as session:
        rows = session.exec(
            select(TimelineEntry).where(TimelineEntry.chain == rehearsal.ref).order_by(col(TimelineEntry.seq))
        )
        return [(row.kind, row.author, row.at) for row in rows]


def rows_of(rehearsal: Rehearsal, table: type[Row]) -> list[Row]:
    """Every row of a table, in the order they came."""
    with rehearsal.house.store.reading() as session:
        return list(session.exec(select(table)))


def decided(house: House, name: str) -> list[tuple[str, str, str]]:
    """What was decided in an exercise: by whom, about what, how; sorted."""
    with house.store.reading() as session:
        return sorted(_decided(session, find_exercise(session, name)))


def _decided(session: Session, exercise: Exercise) -> Iterator[tuple[str, str, str]]:
    for incident in incidents_of(session, exercise):
        rows = session.exec(
            select(AnswerRow, Question.title)
            .join(Question, col(Question.id) == col(AnswerRow.question_id))
            .where(Question.incident_id == incident.id, AnswerRow.verdict == "accepted")
        )
        yield from ((answer.handle, title, answer.decision) for answer, title in rows)


def assert_ended_well(house: House, name: str) -> None:
    """The first incident closed, every other too or merged into it, and every chain whole."""
    with house.store.reading() as session:
        incidents = incidents_of(session, find_exercise(session, name))
        first, *others = [one.state for one in incidents]
        assert first == "closed"
        assert set(others) <= {"closed", "merged"}
        for chain in (*(one.ref for one in incidents), timeline.HOUSE):
            assert isinstance(timeline.verify(session, chain), Verified)

"""Exercises through the real engine: the same decisions as without it, whatever dies meanwhile."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

import pytest
from sqlmodel import Session, col, select

from flows.exercise.alone import begin_alone, begin_scripted
from flows.exercise.conductor import conduct
from flows.exercise.recording import find_exercise, incidents_of
from flows.house import House
from playbooks.exercises.library import load_scenarios
from playbooks.exercises.scenario import Scenario
from store import timeline
from store.database import Store
from store.tables import Answer, Exercise, Question
from store.timeline import Verified
from tests.harness.desks import house_on
from tests.harness.installations import Installed, installed
from tests.harness.rehearsals import scenario
from tests.harness.stocks import shipped, stock

pytestmark = pytest.mark.prefect


@pytest.fixture
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installed]:
    """An installation of the test's own."""
    with installed(tmp_path_factory.mktemp("data")) as found:
        yield found


def told() -> Scenario:
    """A scenario as shipped."""
    return load_scenarios().named("misdirected-file-to-competitor")


def decided(house: House, name: str) -> list[tuple[str, str, str]]:
    """What was decided in an exercise: by whom, about what, how; in the order in which it was asked."""
    with house.store.reading() as session:
        return sorted(_decided(session, find_exercise(session, name)))


def _decided(session: Session, exercise: Exercise) -> Iterator[tuple[str, str, str]]:
    for incident in incidents_of(session, exercise):
        rows = session.exec(
            select(Answer, Question.title)
            .join(Question, col(Question.id) == col(Answer.question_id))
            .where(Question.incident_id == incident.id, Answer.verdict == "accepted")
        )
        yield from ((answer.handle, title, answer.decision) for answer, title in rows)


def assert_ended_well(house: House, name: str) -> None:
    """Every incident closed and every chain whole."""
    with house.store.reading() as session:
        incidents = incidents_of(session, find_exercise(session, name))
        assert {one.state for one in incidents} == {"closed"}
        for chain in (*(one.ref for one in incidents), timeline.HOUSE):
            assert isinstance(timeline.verify(session, chain), Verified)


def test_a_scenario_runs_through_the_engine_with_the_decisions_that_it_takes_without(
    running: Installed, sqlite_store: Store, tmp_path_factory: pytest.TempPathFactory
) -> None:
    direct = begin_alone(stock(house_on(sqlite_store, tmp_path_factory.mktemp("direct")), shipped()), told())
    direct.player.play()
    name = begin_scripted(running.house, told())
    conduct(running.house, name)
    assert_ended_well(running.house, name)
    assert decided(running.house, name) == decided(direct.house, direct.name)


def test_an_exercise_goes_on_where_worker_and_conductor_were_killed(
    running: Installed, sqlite_store: Store, tmp_path_factory: pytest.TempPathFactory
) -> None:
    direct = begin_alone(
        stock(house_on(sqlite_store, tmp_path_factory.mktemp("direct")), shipped()), scenario()
    )
    direct.player.play()
    name = begin_scripted(running.house, scenario())
    with running.conductor(name) as first:
        assert first.stdout is not None
        moves = list(islice(first.stdout, 5))
        running.kill("worker")
        moves += list(islice(first.stdout, 5))
    assert len(moves) == 10, "the first conductor went on without the worker that was killed"
    conduct(running.house, name)
    assert_ended_well(running.house, name)
    assert decided(running.house, name) == decided(direct.house, direct.name)

"""Exercises through the real engine: the same decisions as without it, whatever dies meanwhile."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

import pytest

from flows.exercise.alone import begin_alone, begin_scripted
from flows.exercise.conductor import conduct
from flows.prefect_views import REHEARSED
from playbooks.errors import Refused
from playbooks.exercises.library import load_scenarios
from playbooks.exercises.scenario import Scenario
from store.database import Store
from tests.harness.desks import house_on
from tests.harness.installations import Installed, installed
from tests.harness.rehearsals import assert_ended_well, decided, scenario
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
    app = running.enrol("lead-1", "facilitator")
    name = begin_scripted(running.house, scenario())
    with running.command(
        "exercise", "run", "--continue", name, "--as", "lead-1", "--code", app.now()
    ) as first:
        assert first.stdout is not None
        said = list(islice(first.stdout, 5))
        with pytest.raises(Refused, match="conducts this exercise already"):
            conduct(running.house, name)
        running.kill("worker")
        said += list(islice(first.stdout, 4))
    assert name in said[0]
    assert running.house.api.suspended_runs(tags=[REHEARSED])
    assert len(said) == 9, "the first conductor went on without the worker that was killed"
    conduct(running.house, name)
    assert_ended_well(running.house, name)
    assert decided(running.house, name) == decided(direct.house, direct.name)

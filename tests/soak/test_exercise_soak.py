"""Every scenario as shipped, through the real engine, by the good team: `make soak`."""

from __future__ import annotations

from pathlib import Path

import pytest

from flows.exercise.alone import begin_alone, begin_scripted
from flows.exercise.conductor import conduct
from playbooks.exercises.library import load_scenarios
from store.database import Store
from tests.harness.desks import house_on
from tests.harness.installations import installed
from tests.harness.rehearsals import assert_ended_well, decided
from tests.harness.stocks import shipped, stock

pytestmark = [pytest.mark.prefect, pytest.mark.soak]


@pytest.mark.parametrize("name", load_scenarios())
def test_a_scenario_runs_through_the_engine_as_it_does_without(
    name: str, sqlite_store: Store, tmp_path: Path
) -> None:
    told = load_scenarios().named(name)
    direct = begin_alone(stock(house_on(sqlite_store, tmp_path), shipped()), told)
    direct.player.play()
    with installed(tmp_path / "data") as running:
        exercise = begin_scripted(running.house, told)
        conduct(running.house, exercise)
        assert_ended_well(running.house, exercise)
        assert decided(running.house, exercise) == decided(direct.house, direct.name)

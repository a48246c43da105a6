"""Every scenario as shipped, through the real engine, by the good team: `make soak`."""

from __future__ import annotations

import signal
from itertools import islice
from pathlib import Path

import pytest

from flows.exercise.alone import begin_alone, begin_scripted
from flows.exercise.conductor import conduct
from playbooks.exercises.library import load_scenarios
from store.database import Store
from tests.harness.desks import house_on
from tests.harness.installations import installed
from tests.harness.rehearsals import assert_ended_well, decided, scenario
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


def test_the_scripted_roles_wait_for_prefect_and_are_told_how_to_go_on_when_they_are_stopped(
    tmp_path: Path,
) -> None:
    with installed(tmp_path / "data") as running:
        app = running.enrol("lead-1", "facilitator")
        name = begin_scripted(running.house, scenario())
        go_on = ("exercise", "run", "--continue", name)
        with running.command(*go_on, "--as", "lead-1", "--code", app.now()) as command:
            assert command.stdout is not None
            assert len(list(islice(command.stdout, 4))) == 4
            running.kill("server")
            assert any("the scripted roles wait: Prefect" in line for line in command.stdout)
            assert any(line == "Prefect answers again\n" for line in command.stdout)
            command.send_signal(signal.SIGINT)
            said = command.stdout.readlines()
            assert command.wait(30) == 130
        assert said[-1].endswith(f"go on with: seventytwo {' '.join(go_on)}\n")
        conduct(running.house, name)
        assert_ended_well(running.house, name)

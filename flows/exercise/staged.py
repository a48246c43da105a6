"""A scenario run by scripted teams on an installation of its own, brought up for it and taken down again."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from flows.clock import wall_now
from flows.exercise.after_action import score_of, write_after_action
from flows.exercise.alone import import_scenario_clients, own_env
from flows.exercise.beginning import Wish, begin
from flows.exercise.conductor import conduct
from flows.exercise.own_installation import own_installation
from flows.exercise.playing import Hear
from flows.starting import start_unstarted
from playbooks.exercises.scenario import Scenario
from playbooks.exercises.score import Score


def run_staged(
    scenario: Scenario, wish: Wish, env: Mapping[str, str], hear: Hear, out: Path | None
) -> tuple[str, Score, tuple[Path, ...]]:
    """Run a scenario to its end through the real engine, on fresh ports and an empty store.

    Returns the exercise's name, its score, and the files of its report, where `out` says where.
    """
    with own_installation(own_env(env), "exercise", hear) as installation:
        house = installation.house()
        import_scenario_clients(house, scenario, wall_now())
        name = begin(house, scenario, wish, wall_now()).name
        start_unstarted(house)
        conduct(house, name, hear)
        return name, score_of(house, name)[2], tuple(write_after_action(house, name, out)) if out else ()

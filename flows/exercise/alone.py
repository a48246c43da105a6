"""A scenario rehearsed by a scripted team alone, in a store of its own, without Prefect."""

from __future__ import annotations

import base64
import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from flows.clients.importing import import_clients
from flows.clock import wall_now
from flows.exercise.after_action import score_of, write_after_action
from flows.exercise.beginning import Wish, begin
from flows.exercise.conductor import player_of
from flows.exercise.direct import Direct
from flows.exercise.ending import end_what_is_over
from flows.exercise.playing import Player
from flows.exercise.recording import find_exercise, incidents_of
from flows.exercise.scenario_checks import scenario_clients
from flows.house import House
from flows.settings import Settings
from playbooks.escalation import LADDER
from playbooks.exercises.scenario import Scenario
from playbooks.exercises.score import Score
from playbooks.exercises.teams import GOOD
from store.database import Store
from store.seal import VARIABLE, Keyring

KEPT: Final = frozenset(
    f"SEVENTYTWO_{name}"
    for name in (
        *("ORGANISATION", "PLACE", "PLAYBOOKS", "LAW", "CALENDARS"),
        *("EXPIRED_PLAYBOOKS", "UNSIGNED_PLAYBOOKS", "PLAYBOOK_SIGNERS"),
    )
)
"""What of the environment says which plans and laws count."""


@dataclass(frozen=True, slots=True)
class Tried:
    """How a team did: its exercise's name, how it ended in words, its score, the files of its report."""

    name: str
    how: str
    score: Score
    report: tuple[Path, ...]


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """An exercise that a scripted team plays by itself."""

    house: House
    exercise_id: int
    name: str
    ref: str
    """The incident that it began with."""
    player: Player


def own_env(env: Mapping[str, str]) -> dict[str, str]:
    """An environment without what names a real store, key, channel, address or token."""
    return {name: value for name, value in env.items() if name in KEPT or not name.startswith("SEVENTYTWO_")}


@contextmanager
def own_house(env: Mapping[str, str]) -> Iterator[House]:
    """A house with an empty store in a folder of its own, removed afterwards; our own playbooks and laws."""
    with tempfile.TemporaryDirectory(prefix="seventytwo-try-") as folder:
        settings = Settings.from_env({**own_env(env), "SEVENTYTWO_DATA": folder})
        keyring = Keyring.from_env_or_file(
            settings.key_file, {VARIABLE: base64.b64encode(os.urandom(32)).decode()}
        )
        store = Store.open(settings.database_url, keyring)
        try:
            store.migrate()
            yield House(settings, store)
        finally:
            store.close()


def tried(house: House, scenario: Scenario, team: str, out: Path | None = None) -> Tried:
    """Let a team play a scenario in an otherwise empty store, to its score and, where `out` is, its report.

    Raises TellHuman where the scenario does not go on, SetupFault where the report cannot be written.
    """
    rehearsal = begin_alone(house, scenario, team)
    rehearsal.player.play()
    end_what_is_over(house)
    exercise, _, score = score_of(house, rehearsal.name)
    how = f"{exercise.why}, at {rehearsal.player.now:%d %b %H:%M} UTC"
    report = write_after_action(house, rehearsal.name, out) if out else ()
    return Tried(rehearsal.name, how, score, report)


def begin_alone(house: House, scenario: Scenario, team: str = GOOD) -> Rehearsal:
    """Begin a scenario in an otherwise empty store; its clients are imported, every role is scripted."""
    name = begin_scripted(house, scenario, team)
    with house.store.reading() as session:
        exercise = find_exercise(session, name)
        ref = incidents_of(session, exercise)[0].ref
    return Rehearsal(house, exercise.id or 0, name, ref, player_of(house, name, Direct))


def begin_scripted(house: House, scenario: Scenario, team: str = GOOD) -> str:
    """The same, whoever is to play it; returns the exercise's name."""
    wall = wall_now()
    import_scenario_clients(house, scenario, wall)
    return begin(house, scenario, Wish("exercise", scripted=tuple(LADDER), team=team), wall).name


def import_scenario_clients(house: House, scenario: Scenario, wall: datetime) -> None:
    """Bring the made-up clients of a scenario into a store that has no others."""
    with house.store.writing() as session:
        import_clients(session, scenario_clients(scenario), "exercise", wall)

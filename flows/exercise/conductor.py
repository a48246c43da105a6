"""Conducting a running exercise: its scripted roles answered, its stepped clock moved, until it is over.

A conductor remembers nothing: one that was killed is continued by whoever comes by.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager

from flows.exercise.casting import Cast, read_cast
from flows.exercise.ending import end_what_is_over
from flows.exercise.playing import Engine, Hear, Player
from flows.exercise.recording import find_exercise, scenario_of
from flows.exercise.through_prefect import ThroughPrefect
from flows.house import House
from flows.starting import DEPLOYMENT_OF
from flows.supervisor import held
from playbooks.errors import NotFound, Refused, SetupFault
from playbooks.escalation import LADDER
from playbooks.exercises.part import part_of
from playbooks.exercises.teams import GOOD


def conduct(house: House, name: str, hear: Hear = lambda _: None) -> None:
    """Play what is scripted of a running exercise until it is over; `hear` is told every move.

    Raises NotFound where there is no such exercise, Refused where somebody plays it on this data folder,
    TellHuman where nothing moves any more or it was stopped.
    """
    with alone(house, name):
        player = player_of(house, name, ThroughPrefect)
        if isinstance(player.engine, ThroughPrefect):
            player.engine.waits_until_said, player.engine.hear = player.waits_until_said, hear
        player.play(hear)
    end_what_is_over(house)


def alone(house: House, name: str) -> AbstractContextManager[None]:
    """Conduct an exercise alone on this data folder; raises Refused where somebody does."""
    mend = "one is enough: two would give every answer twice"
    taken = Refused("somebody conducts this exercise already", which=name, mend=mend)
    return held(house.settings.data / f"{name}.lock", taken)


def is_conducted(house: House, name: str) -> bool:
    """Whether somebody plays the scripted roles of an exercise on this data folder at this moment."""
    try:
        with alone(house, name):
            return False
    except Refused:
        return True


def require_engine(house: House) -> None:
    """Raise Unreachable or SetupFault where no question could be asked: to be known before a beginning."""
    try:
        for deployment in sorted(set(DEPLOYMENT_OF.values())):
            house.api.deployment_id(deployment)
    except NotFound as gone:
        raise SetupFault(
            "Prefect has not all deployments", which=gone.which, mend="seventytwo deploy"
        ) from gone


def player_of(house: House, name: str, engine: Callable[[House, int, Cast], Engine]) -> Player:
    """The scripted responders of an exercise as the store has them, who play it through this engine."""
    with house.store.reading() as session:
        exercise = find_exercise(session, name)
        scenario = scenario_of(exercise)
    exercise_id, began_at = exercise.id, exercise.began_at
    assert exercise_id is not None
    assert began_at is not None
    cast = read_cast(house, list(exercise.scripted.values()))
    return Player(
        house,
        exercise_id,
        part_of(scenario, began_at, exercise.team or GOOD, exercise.clients),
        cast,
        engine(house, exercise_id, cast),
        is_stepped=exercise.pace == "step",
        has_people=not LADDER.keys() <= exercise.scripted.keys(),
    )

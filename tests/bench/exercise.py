"""A whole exercise by scripted responders through the real engine, from its alert to the last closing."""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from flows.exercise.alone import begin_scripted
from flows.exercise.conductor import conduct
from flows.exercise.recording import find_exercise, incidents_of
from flows.house import House
from flows.installation import prepare, supervise
from flows.supervisor import free_port
from playbooks.exercises.library import load_scenarios
from tests.bench.installed import processor_of
from tests.bench.results import Figure, Section, markdown

SCENARIO = "agent-photographs-screens"
TARGET = 60.0  # seconds
PLAYED = timedelta(hours=72)

HOW = f"""The scenario `{SCENARIO}` as shipped, every role scripted (team `good`), on the stepped
clock, through a whole installation as `seventytwo up` runs it (Prefect server, desk, watch, warm worker;
SQLite), fresh in each round. Measured is from the beginning of the exercise, its alert, to its end: every
form put by Prefect and answered there with a one-time code, every inject and warning fired at its own
instant. Not measured is the start of the four processes; what they load at the first question is."""


@dataclass(frozen=True, slots=True)
class Played:
    """One round: wall seconds, incident time from alert to last closing, moves, processor seconds of each."""

    took: float
    lasted: timedelta
    answers: int
    steps: int
    processor: Mapping[str, float]


def exercise(*, quick: bool, say: Callable[[str], None]) -> Section:
    """Play the scenario in a fresh installation, several times."""
    rounds = 1 if quick else 3
    played = []
    for at in range(rounds):
        say(f"exercise: round {at + 1} of {rounds}")
        played.append(_round())
    took = statistics.median(one.took for one in played)
    hours = int(min(one.lasted for one in played) / timedelta(hours=1))
    assert min(one.lasted for one in played) >= PLAYED, "the scenario is shorter than what is to be measured"
    what = f"an exercise of {hours} hours of incident time through the real engine"
    figure = Figure(what, f"{took:.0f} s", f"≤ {TARGET:.0f} s for 72 hours", took <= TARGET)
    heads = ("round", "s", "answers", "steps of the clock", "processor s")
    rows = [
        (
            str(at),
            f"{one.took:.1f}",
            str(one.answers),
            str(one.steps),
            ", ".join(f"{name} {seconds:.0f}" for name, seconds in one.processor.items()),
        )
        for at, one in enumerate(played, 1)
    ]
    return Section("An exercise through the real engine", HOW, (figure,), markdown(heads, rows))


def _round() -> Played:
    with tempfile.TemporaryDirectory(prefix="seventytwo-bench-", ignore_cleanup_errors=True) as folder:
        installation = prepare(Path(folder), prefect_port=free_port(), desk_port=free_port())
        house = installation.house()
        with closing(house.api), closing(house.store), supervise(installation) as supervisor:
            before = processor_of(supervisor)
            moves: list[str] = []
            began = time.monotonic()
            name = begin_scripted(house, load_scenarios().named(SCENARIO))
            conduct(house, name, lambda moved: moved and moves.append(moved))
            took = time.monotonic() - began
            spent = {child: s - before[child] for child, s in processor_of(supervisor).items()}
            steps = sum(moved.startswith("the clock steps") for moved in moves)
            return Played(took, _lasted(house, name), len(moves) - steps, steps, spent)


def _lasted(house: House, name: str) -> timedelta:
    with house.store.reading() as session:
        found = find_exercise(session, name)
        incidents = incidents_of(session, found)
    assert found.began_at is not None
    assert {one.state for one in incidents} == {"closed"}
    return max(one.closed_at for one in incidents if one.closed_at) - found.began_at

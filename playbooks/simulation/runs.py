"""Many runs of one simulation, on as many processes as are given: the result is the same for any number."""

from __future__ import annotations

import time
from array import array
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import pairwise
from random import Random
from typing import Final, TypeAlias

from playbooks.errors import Mend
from playbooks.simulation.durations import check_duration
from playbooks.simulation.kernel import World
from playbooks.simulation.lifetime import LIVE, Lifetime, Seeded
from playbooks.simulation.model import Lifetimes, Result, Simulation
from playbooks.simulation.processes import each
from playbooks.simulation.script import Script, Work, clocks_of, script_of
from playbooks.simulation.staff import Rota
from playbooks.timebase import aware

MOST_RUNS: Final = 1_000_000
MOST_BYTES: Final = 2 << 30
"""What the lifetimes of one simulation may take in memory."""
_FEWEST: Final = 200
"""Runs for which another process is not worth its start."""
_OPENING: Final = (1 << 12) - 1


@dataclass(slots=True)
class Columns:
    """What the lifetimes of one story leave behind, row after row."""

    opened_at: array[float] = field(default_factory=lambda: array("d"))
    closed: array[float] = field(default_factory=lambda: array("d"))
    ready: array[float] = field(default_factory=lambda: array("d"))
    begun: array[float] = field(default_factory=lambda: array("d"))
    ended: array[float] = field(default_factory=lambda: array("d"))
    cause: array[int] = field(default_factory=lambda: array("i"))
    due: array[float] = field(default_factory=lambda: array("d"))
    met: array[float] = field(default_factory=lambda: array("d"))
    hand_overs: array[int] = field(default_factory=lambda: array("i"))
    redone: dict[int, float] = field(default_factory=dict)

    def take(self, life: Lifetime, until: float) -> None:
        """Write one lifetime of a run down that was simulated until then."""
        if life.redone:
            base = len(self.ready)
            self.redone.update({base + slot: at for slot, at in life.redone.items()})
        self.opened_at.append(life.opened)
        self.closed.append(life.closed)
        self.ready.extend(life.ready)
        self.begun.extend(life.begun)
        self.ended.extend(life.ended)
        self.cause.extend(life.cause)
        self.due.extend(life.deadlines(until - life.start))
        self.met.extend(life.met)
        self.hand_overs.append(life.hand_overs)

    def join(self, other: Columns) -> None:
        """Add the rows of later runs."""
        base = len(self.ready)
        self.redone.update({base + at: when for at, when in other.redone.items()})
        for name in (name for name in self.__slots__ if name != "redone"):
            getattr(self, name).extend(getattr(other, name))


Part: TypeAlias = "tuple[list[Columns], array[float]]"


class Stage:
    """A simulation made ready: its scripts, its staff, and one world to run it in."""

    def __init__(self, given: Simulation) -> None:
        check_simulation(given)
        self.given = given
        handles = dict.fromkeys(handle for people in given.staff.people.values() for handle in people)
        self.people = tuple(handles)
        roles = {role: number for number, role in enumerate(given.staff.people)}
        opens_at = aware(given.opens_at, "opens_at")
        self.scripts = [script_of(story, opens_at, given.paces, roles) for story in given.stories]
        at = {handle: number for number, handle in enumerate(self.people)}
        people = given.staff.people
        rotas = [Rota(role, people.get(role, ()), given.staff, opens_at, at) for role in roles]
        self.world = World(rotas, len(self.people), given.staff.hand_over.total_seconds())
        self._random = Random(0)  # noqa: S311 - a simulation is drawn, nothing is kept secret by it

    def run(self, number: int) -> list[Lifetime]:
        """Let one run happen."""
        minutes = int(self.given.within / timedelta(minutes=1))
        begins = 60.0 * int(self._seeded(number, _OPENING, 0)(0).random() * (minutes + 1))
        until = begins + self.given.horizon.total_seconds()
        return self.world.run(begins, until, self.opening(number))

    def opening(self, number: int) -> Iterator[tuple[Script, int, Seeded]]:
        """The incidents of a run: of which script, the how manieth, and what seeds its numbers."""
        for story, script in enumerate(self.scripts):
            for one in range(script.story.count):
                yield script, one, self._seeded(number, story, one)

    def _seeded(self, run: int, story: int, one: int) -> Seeded:
        """What seeds the rounds of one lifetime: the same whatever else happens, in whichever process."""
        base = (((self.given.seed << 40 | run) << 12 | story) << 24 | one) << 24

        def seeded(round_: int) -> Random:
            self._random.seed(base | round_)
            return self._random

        return seeded


def simulate(given: Simulation, processes: int = 1) -> Result:
    """Run a simulation; `Mend` says what is wrong with what was given."""
    began = time.perf_counter()
    stage = Stage(given)
    check_size(stage)
    shares = _shares(given.runs, processes)
    if len(shares) == 1:
        parts = [_part(stage, shares[0])]
    else:
        parts = each(_part_alone, [(given, share) for share in shares], len(shares))
    (columns, busy), *others = parts
    for more, worked in others:
        busy.extend(worked)
        for into, rows in zip(columns, more, strict=True):
            into.join(rows)
    stories = tuple(_lifetimes(script, rows) for script, rows in zip(stage.scripts, columns, strict=True))
    seconds = time.perf_counter() - began
    return Result(stories, stage.people, busy, given.runs, given.seed, seconds)


def check_simulation(given: Simulation) -> None:
    """Raise `Mend` for a simulation that cannot be run."""
    if not 0 < given.runs <= MOST_RUNS:
        raise Mend("so many runs cannot be", which=str(given.runs), mend=f"ask for 1 to {MOST_RUNS:,}")
    if not 0 <= given.seed < 1 << 64:
        raise Mend("a seed outside its bounds", which=str(given.seed), mend="use 0 or more, below 2^64")
    if not given.stories or any(story.count < 1 for story in given.stories):
        raise Mend("a simulation without an incident", mend="give at least one story with a count above 0")
    if given.staff.hand_over < timedelta():
        raise Mend("a hand-over that gains time", mend="give zero, or what it costs")
    for name, duration in given.paces.by_name.items():
        check_duration(duration, name)
    for truth in (story.truth for story in given.stories):
        stated = truth.instants.keys() | {name for one in truth.cases.values() for name in one.instants}
        if lost := sorted(truth.known_instants - stated):
            raise Mend("known at the opening, and nobody says when it was", which=lost[0], mend="state it")
    if given.within < timedelta() or given.horizon <= timedelta():
        raise Mend("time that runs backwards", mend="give a horizon above zero, and no negative `within`")


def check_size(stage: Stage) -> None:
    """Raise `Mend` for more lifetimes than memory holds."""
    each_run = sum(
        one.story.count * (28 * len(one.slots) + 16 * len(one.duties.duties)) for one in stage.scripts
    )
    if each_run * stage.given.runs > MOST_BYTES:
        mend = f"ask for at most {MOST_BYTES // each_run:,} runs, or for fewer incidents or clients"
        raise Mend("so much does not fit into memory", which=f"{stage.given.runs:,} runs", mend=mend)


def _shares(runs: int, processes: int) -> list[range]:
    wanted = max(1, min(processes, runs // _FEWEST))
    edges = [runs * number // wanted for number in range(wanted + 1)]
    return [range(first, last) for first, last in pairwise(edges)]


def _part_alone(what: tuple[Simulation, range]) -> Part:
    given, share = what
    return _part(Stage(given), share)


def _part(stage: Stage, share: range) -> Part:
    columns, busy = [Columns() for _ in stage.scripts], array("d")
    for number in share:
        lives = iter(stage.run(number))
        for script, rows in zip(stage.scripts, columns, strict=True):
            for _ in range(script.story.count):
                rows.take(next(lives), stage.world.until)
        busy.extend(stage.world.worked)
    return columns, busy


def _lifetimes(script: Script, rows: Columns) -> Lifetimes:
    return Lifetimes(
        script.story.name, tuple(script.slots), clocks_of(script), rows.opened_at, rows.closed,
        rows.ready, rows.begun, rows.ended, rows.cause, rows.due, rows.met, rows.hand_overs,
        rows.redone,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Ended:
    """One piece of work that ended, `at` seconds after the opening: which, by whom, what was open then."""

    at: float
    story: str
    number: int
    step: str
    case: str | None
    round: int
    part: str
    place: int
    person: str
    open: frozenset[tuple[str, str | None]]
    """The steps that were open, this one too, each with its case."""


def course_of(stage: Stage, number: int) -> list[Ended]:
    """What ended in one run, in order."""
    found: list[Ended] = []

    def look(at: float, life: Lifetime, work: Work, round_: int, person: int) -> None:
        nodes = life.script.plan.nodes
        node, still = nodes[work.node], (at for at, state in enumerate(life.states) if state in LIVE)
        found.append(
            Ended(
                at - life.start, life.script.story.name, life.number, node.step.id, node.case, round_,
                work.piece.part, work.piece.place, stage.people[person] if person >= 0 else "",
                frozenset((nodes[at].step.id, nodes[at].case) for at in still),
            )
        )  # fmt: skip

    stage.world.watch = look
    try:
        stage.run(number)
    finally:
        stage.world.watch = None
    return found

"""What a change would buy: the same incidents with the same luck, once as it is and once changed.

Common random numbers: as many runs with the same seed, so that each incident is compared with itself, and
what differs is the change (Law, Simulation Modeling and Analysis, 5th ed., 11.2).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from math import isnan
from typing import Final, Literal, TypeAlias

from playbooks.simulation.changes import Change, worth_trying
from playbooks.simulation.critical import Critical, Hours, critical
from playbooks.simulation.model import Lifetimes, Result, Simulation
from playbooks.simulation.results import ClockFound, Found, any_missed, binding, missed_each, of_run
from playbooks.simulation.statistics import Gain, gain_of, spread_of

RunEach: TypeAlias = Callable[[Sequence[Simulation]], Sequence[Result]]
MOST_RUNS: Final = 1_000
"""Pairs tell a change apart with far fewer runs than a share needs."""
MOST_CLOCKS: Final = 3
FEW: Final = 3
"""Of so many cases, incidents are counted that miss a deadline; of more, the deadlines."""
Of: TypeAlias = Literal["incidents", "deadlines"]


@dataclass(frozen=True, slots=True)
class OnClock:
    """What a change does to one clock: how often it is missed, and how much earlier it is met, in seconds."""

    clock: ClockFound
    missed: Gain
    earlier: float
    """By how much, in the middle of all incidents that meet it both ways; below zero: later."""


@dataclass(frozen=True, slots=True)
class Bought:
    """One change, and what it buys."""

    change: Change
    missed: Gain
    """The share of incidents that miss a deadline, or of deadlines missed, as the advice says."""
    on: tuple[OnClock, ...]

    @property
    def worth(self) -> tuple[float, float]:
        """By what changes are put in order: misses saved on all clocks looked at, then time."""
        return sum(one.missed.change for one in self.on), -sum(one.earlier for one in self.on)


@dataclass(frozen=True, slots=True)
class Advice:
    """Why the worst clocks are missed, and what each change would buy; the best comes first."""

    ways: tuple[Critical, ...]
    bought: tuple[Bought, ...]
    runs: int
    of: Of
    """What is counted over all clocks: of many clients some are always late, and each counts."""


def ways_to(simulation: Simulation, result: Result, found: Found) -> tuple[Critical, ...]:
    """The way to each of the clocks that matter most: the most often missed, else those nearest to it."""
    hours = Hours(simulation)
    by_name = {lifetimes.story: lifetimes for lifetimes in result.stories}
    return tuple(critical(simulation, by_name[one.story], one, hours) for one in _that_matter(found))


def advise(
    simulation: Simulation, ways: Sequence[Critical], run_each: RunEach, *, most_runs: int = MOST_RUNS
) -> Advice:
    """Try every change that could help on the same incidents, and say what each buys."""
    runs = min(simulation.runs, most_runs)
    fewer = replace(simulation, runs=runs)
    changes = worth_trying(fewer, ways)
    before, *after = run_each([fewer, *(change.simulation for change in changes)])
    clocks = [way.clock for way in ways]
    of: Of = "deadlines" if any(len(one.cases) > FEW for one in clocks) else "incidents"
    told = len(changes) * (len(clocks) + 1)
    bought = [
        _bought(change, clocks, (before, one), of, told) for change, one in zip(changes, after, strict=True)
    ]
    return Advice(tuple(ways), tuple(sorted(bought, key=lambda one: one.worth)), runs, of)


def _that_matter(found: Found) -> list[ClockFound]:
    """The clocks to explain: those that bind and are missed; else the nearest to it, at last any of ours."""
    binding = [one for one in found.clocks if not one.spec.policy and one.clocks]
    told = [one for one in binding if _can_be_met(one)] or [one for one in found.clocks if _can_be_met(one)]
    chosen = (told or binding or list(found.clocks))[:MOST_CLOCKS]
    return [one for one in chosen if one.missed.hits] or chosen[:1]


def _can_be_met(one: ClockFound) -> bool:
    return one.met is not None or bool(one.spec.met_by)


def _bought(
    change: Change, clocks: Sequence[ClockFound], both: tuple[Result, Result], of: Of, told: int
) -> Bought:
    """What a change does, before and after it; one of so many figures that are `told` together."""
    before, after = both
    on = tuple(_on_clock(one, both, told) for one in clocks)
    pairs: list[tuple[bool | None, bool | None]] = []
    for one, two in zip(before.stories, after.stories, strict=True):
        pairs += zip(_counted(one, of), _counted(two, of), strict=True)
    together = max(1, len(pairs) // before.runs)
    gain = gain_of([one for one, _ in pairs], [two for _, two in pairs], together, told)
    return Bought(change, gain, on)


def _counted(lifetimes: Lifetimes, of: Of) -> list[bool | None]:
    if of == "incidents":
        return any_missed(lifetimes)
    ordered = sorted(
        binding(lifetimes), key=lambda at: (lifetimes.clocks[at].rule, lifetimes.clocks[at].case or "")
    )
    return missed_each(lifetimes, ordered)


def _on_clock(clock: ClockFound, both: tuple[Result, Result], told: int) -> OnClock:
    one, two = (_story(result, clock.story) for result in both)
    there = _same(clock, one), _same(clock, two)
    together = of_run(one, both[0].runs) * len(clock.cases)
    gain = gain_of(missed_each(one, there[0]), missed_each(two, there[1]), together, told)
    return OnClock(clock, gain, _earlier(one, two, there))


def _story(result: Result, name: str) -> Lifetimes:
    return next(one for one in result.stories if one.story == name)


def _same(clock: ClockFound, lifetimes: Lifetimes) -> list[int]:
    """The numbers that the clock has in other lifetimes: a change may have put them in another order."""
    numbers = {(one.rule, one.case): at for at, one in enumerate(lifetimes.clocks)}
    return [numbers[clock.spec.rule, case] for case in clock.cases]


def _earlier(one: Lifetimes, two: Lifetimes, there: tuple[list[int], list[int]]) -> float:
    spread = spread_of(
        before - after
        for first, second in zip(*there, strict=True)
        for before, after in zip(one.clock("met", first), two.clock("met", second), strict=True)
    )
    return spread.median if spread and not isnan(spread.median) else 0.0

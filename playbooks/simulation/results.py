"""What a simulation found: how often each clock is missed, how long telling takes, what never ended."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from math import inf, isfinite, isnan, nan

from playbooks.roster.models import WEEK
from playbooks.simulation.model import ClockSpec, Lifetimes, Result, Slot
from playbooks.simulation.statistics import Share, Spread, share_of, spread_of
from playbooks.zones import zone


@dataclass(frozen=True, slots=True)
class ClockFound:
    """How one clock fared, over all cases that it is the same for; spans in seconds since the opening."""

    story: str
    spec: ClockSpec
    clocks: tuple[int, ...]
    """Its numbers in the lifetimes, one for each case."""
    cases: tuple[str | None, ...]
    began: Share
    """How many incidents have this clock at all."""
    missed: Share
    """How many miss it, each case of each incident counted by itself."""
    late_cases: float
    """For how many of the cases an incident misses it, on average."""
    never: float
    """The share of the incidents with this clock in which it was not met before the simulation ended."""
    met: Spread | None
    """When it was met, in all incidents with this clock; None where it never was."""
    due: Spread | None
    used: Spread | None
    """How much of the time until it is due was used, as a share: 1 is the last instant in time."""


@dataclass(frozen=True, slots=True)
class StepFound:
    """One piece of work: how often it came to it, how long it waited, how long it took; spans in seconds."""

    story: str
    slot: Slot
    done: Share
    wait: Spread | None
    work: Spread | None
    stands: int
    """In how many incidents it was asked and never done."""


@dataclass(frozen=True, slots=True)
class PersonFound:
    """How long one responder worked in a run, in seconds."""

    handle: str
    busy: Spread


@dataclass(frozen=True, slots=True)
class Found:
    """Everything that is told of a simulation's result, clocks by how often they are missed."""

    clocks: tuple[ClockFound, ...]
    steps: tuple[StepFound, ...]
    people: tuple[PersonFound, ...]
    closed: tuple[tuple[str, Share, Spread | None], ...]
    """For each story: how many incidents were closed, and after how long."""
    any_missed: Share
    """How many incidents miss one of the clocks that bind, targets of policy left out."""
    deadlines: float
    """How many clocks that bind an incident has on average, and (below) how many of them it misses."""
    late: float
    incidents: int
    runs: int
    seed: int
    never_began: tuple[ClockSpec, ...] = ()
    """The duties whose clock began in no incident: what starts it never happened, or nobody said when."""
    still_ran: tuple[ClockSpec, ...] = ()
    """The duties that in some incident nobody had met, nor missed, when the simulation ended: not counted."""

    def clock(self, rule: str, case: str | None = None) -> ClockFound:
        """The clock of a rule, for a case where it is not the same for all; KeyError where there is none."""
        for one in self.clocks:
            if one.spec.rule == rule and (case is None or case in one.cases):
                return one
        raise KeyError(rule)


def found_in(result: Result) -> Found:
    """What a result says: clocks with their misses and intervals, steps, people, closings."""
    clocks = [one for lifetimes in result.stories for one in _clocks(lifetimes, result.runs)]
    steps = [one for lifetimes in result.stories for one in _steps(lifetimes)]
    closed = tuple(_closed(lifetimes, result.runs) for lifetimes in result.stories)
    late = [any_missed(lifetimes) for lifetimes in result.stories]
    incidents = sum(map(len, result.stories))
    return Found(
        clocks=tuple(sorted(clocks, key=_how_bad)),
        steps=tuple(steps),
        people=tuple(_people(result)),
        closed=closed,
        any_missed=share_of(_run_by_run(late, result.runs), together=max(1, incidents // result.runs)),
        deadlines=sum(one.missed.of for one in clocks if not one.spec.policy) / incidents,
        late=sum(one.missed.hits for one in clocks if not one.spec.policy) / incidents,
        incidents=incidents,
        runs=result.runs,
        seed=result.seed,
        never_began=_those_due(result, lambda dues: all(map(isnan, dues))),
        still_ran=_those_due(result, lambda dues: inf in dues),
    )


def grouped(lifetimes: Lifetimes) -> list[tuple[int, ...]]:
    """The numbers of the clocks, those together that are one rule for several cases."""
    groups: dict[tuple[object, ...], list[int]] = {}
    for number, one in enumerate(lifetimes.clocks):
        key = (one.rule, one.title, one.recipient, one.addressee, one.stage)
        groups.setdefault(key, []).append(number)
    return [tuple(numbers) for numbers in groups.values()]


def missed_any(lifetimes: Lifetimes, clocks: Sequence[int]) -> list[bool | None]:
    """Whether each lifetime misses any of these clocks; None where none of them began."""
    columns = [list(lifetimes.missed(clock)) for clock in clocks]
    return [_any(row) for row in zip(*columns, strict=True)] if columns else [None] * len(lifetimes)


def missed_each(lifetimes: Lifetimes, clocks: Sequence[int]) -> list[bool | None]:
    """Whether each lifetime misses each of these clocks, lifetime by lifetime."""
    columns = [list(lifetimes.missed(clock)) for clock in clocks]
    return [one for row in zip(*columns, strict=True) for one in row]


def binding(lifetimes: Lifetimes) -> list[int]:
    """The numbers of the clocks that bind: of law or contract, no target of ours."""
    return [at for at, one in enumerate(lifetimes.clocks) if not one.policy]


def any_missed(lifetimes: Lifetimes) -> list[bool | None]:
    """Whether each lifetime misses one of the clocks that bind."""
    return missed_any(lifetimes, binding(lifetimes))


def by_weekday(
    lifetimes: Lifetimes, clock: ClockFound, zone_name: str, runs: int
) -> tuple[tuple[str, Share], ...]:
    """How often a clock is missed by the day, in a zone, on which the incident was opened; Monday first."""
    late, where = missed_each(lifetimes, clock.clocks), zone(zone_name)
    width = len(clock.clocks)
    opened = [datetime.fromtimestamp(at, where).weekday() for at in lifetimes.opened_at]
    together, found = of_run(lifetimes, runs) * width, []
    for day, name in enumerate(WEEK):
        # the rest stays in its place as what does not count, so that runs stay together
        share = share_of(
            (one if opened[at // width] == day else None for at, one in enumerate(late)), together
        )
        found += [(name, share)] if share.of else []
    return tuple(found)


def of_run(lifetimes: Lifetimes, runs: int) -> int:
    """How many lifetimes of this story there are in each run."""
    return max(1, len(lifetimes) // max(1, runs))


def _any(row: Sequence[bool | None]) -> bool | None:
    if any(row):
        return True
    return None if all(one is None for one in row) else False


def _run_by_run(late: Sequence[Sequence[bool | None]], runs: int) -> list[bool | None]:
    """The lifetimes of all stories, those of one run beside each other."""
    each = [len(one) // max(1, runs) for one in late]
    return [
        value
        for run in range(runs)
        for one, count in zip(late, each, strict=True)
        for value in one[run * count : (run + 1) * count]
    ]


def _clocks(lifetimes: Lifetimes, runs: int) -> Iterator[ClockFound]:
    together = of_run(lifetimes, runs)
    for numbers in grouped(lifetimes):
        late = missed_any(lifetimes, numbers)
        missed = share_of(missed_each(lifetimes, numbers), together * len(numbers))
        if not missed.of:
            continue
        dues = [due for number in numbers for due in lifetimes.clock("due", number)]
        mets = [met for number in numbers for met in lifetimes.clock("met", number)]
        ran = [isfinite(due) for due in dues]
        met = [met if runs_ else nan for met, runs_ in zip(mets, ran, strict=True)]
        never = sum(ran) - sum(not isnan(one) for one in met)
        yield ClockFound(
            story=lifetimes.story,
            spec=lifetimes.clocks[numbers[0]],
            clocks=numbers,
            cases=tuple(lifetimes.clocks[number].case for number in numbers),
            began=share_of([one is not None for one in late], together),
            missed=missed,
            late_cases=missed.hits / max(1, sum(one is not None for one in late)),
            never=never / sum(ran),
            met=spread_of(met, never),
            due=spread_of(due for due in dues if isfinite(due)),
            used=spread_of((one / due for one, due in zip(met, dues, strict=True) if due > 0), never),
        )


def _steps(lifetimes: Lifetimes) -> Iterator[StepFound]:
    for number, slot in enumerate(lifetimes.slots):
        ready, begun, ended = (lifetimes.column(of, number) for of in ("ready", "begun", "ended"))
        width, redone = len(lifetimes.slots), lifetimes.redone
        put = [redone.get(row * width + number, at) for row, at in enumerate(ready)]
        asked = [not isnan(at) for at in ready]
        taken_up = [not isnan(at) for at in begun]
        done = [not isnan(at) for at in ended]
        yield StepFound(
            story=lifetimes.story,
            slot=slot,
            done=share_of(done),
            wait=spread_of((begun[row] - put[row] for row in range(len(ready))), _without(asked, taken_up)),
            work=spread_of((ended[row] - begun[row] for row in range(len(ready))), _without(taken_up, done)),
            stands=_without(asked, done),
        )


def _without(one: Sequence[bool], other: Sequence[bool]) -> int:
    return sum(1 for had, has in zip(one, other, strict=True) if had and not has)


def _those_due(result: Result, chosen: Callable[[array[float]], bool]) -> tuple[ClockSpec, ...]:
    """The clocks whose deadlines, lifetime by lifetime, are such."""
    return tuple(
        spec
        for lifetimes in result.stories
        for number, spec in enumerate(lifetimes.clocks)
        if chosen(lifetimes.clock("due", number))
    )


def _people(result: Result) -> Iterator[PersonFound]:
    for number, handle in enumerate(result.people):
        if spread := spread_of(result.busy[number :: len(result.people)]):
            yield PersonFound(handle, spread)


def _closed(lifetimes: Lifetimes, runs: int) -> tuple[str, Share, Spread | None]:
    closed = share_of([not isnan(at) for at in lifetimes.closed], of_run(lifetimes, runs))
    return lifetimes.story, closed, spread_of(lifetimes.closed, closed.of - closed.hits)


def _how_bad(one: ClockFound) -> tuple[bool, float, float, str]:
    """What binds before what is a target of ours, and the most often missed first."""
    used = one.used.median if one.used else 0.0
    return one.spec.policy, -one.missed.value, -used, one.spec.rule

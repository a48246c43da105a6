"""What a clock waits for: the chain of work that ends with it, from the telling back to the opening.

A piece of work became ready when another ended; the time in between is made of working, of waiting while
nobody of the role is on duty, and of waiting while everybody is at something else. Exactly these add up to
the time until the clock is met.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import accumulate
from math import inf, isnan
from typing import Final, Literal, TypeAlias

from playbooks.roster.duty import Standing, spans
from playbooks.simulation.model import STAFFLESS, Lifetimes, Simulation, Slot, Staff
from playbooks.simulation.results import ClockFound
from playbooks.simulation.staff import roster_of

Of: TypeAlias = Literal["misses", "all"]
ENOUGH: Final = 20
"""So many misses tell why; with fewer, all incidents are looked at."""
_MOST: Final = 2_000
_MARGIN: Final = timedelta(days=1)
_EXACT: Final = 1e-3
"""Seconds within which two instants are one."""
_INSTANT: Final = -1
_AGAIN: Final = -2


@dataclass(frozen=True, slots=True)
class Leg:
    """One piece of work on the way to a clock; spans in seconds, averages over all incidents looked at."""

    slot: Slot
    """The first that is this work: the same of other cases and later rounds is counted with it."""
    on_path: float
    """In what share of the incidents it is on the way."""
    working: float
    off_duty: float
    """While nobody of its role was on duty, before it was begun or in the middle of it."""
    waiting: float
    """While all who were on duty were at something else, or had yet to react."""

    @property
    def total(self) -> float:
        """What it takes of the whole way, on average."""
        return self.working + self.off_duty + self.waiting


@dataclass(frozen=True, slots=True)
class Critical:
    """The way to one clock: its legs in the order of time, and what else there was."""

    clock: ClockFound
    of: Of
    looked_at: int
    legs: tuple[Leg, ...]
    until_instants: float
    """Seconds, on average, that went by until an instant came that something waited for."""
    again: float
    """Seconds, on average, in which work was done that was asked once more: a later round of a step."""
    stands_at: tuple[tuple[Slot, int], ...]
    """Where those stand that never met it: what was asked and not done, most frequent first."""

    @property
    def total(self) -> float:
        """How long the whole way takes on average, in seconds."""
        return sum(leg.total for leg in self.legs) + self.until_instants + self.again

    @property
    def by_role(self) -> tuple[tuple[str, float, float, float], ...]:
        """Each role with what it takes of the way: working, off duty, waiting; the longest first."""
        found: dict[str, list[float]] = defaultdict(lambda: [0.0, 0.0, 0.0])
        for leg in self.legs:
            role = leg.slot.role if leg.slot.part not in STAFFLESS else ""
            for at, span in enumerate((leg.working, leg.off_duty, leg.waiting)):
                found[role][at] += span
        ordered = sorted(found.items(), key=lambda pair: (-sum(pair[1]), pair[0]))
        return tuple((role, spans_[0], spans_[1], spans_[2]) for role, spans_ in ordered)


def critical(
    simulation: Simulation, lifetimes: Lifetimes, clock: ClockFound, hours: Hours | None = None
) -> Critical:
    """The way to a clock in the incidents that miss it, or in all where too few do."""
    of, chosen = _looked_at(lifetimes, clock)
    walked = _Walked(lifetimes, hours or Hours(simulation))
    for row, number in chosen:
        walked.walk(row, number)
    gaps = walked.until_instants(), walked.again()
    return Critical(clock, of, len(chosen), walked.legs(), *gaps, walked.standing())


def _looked_at(lifetimes: Lifetimes, clock: ClockFound) -> tuple[Of, list[tuple[int, int]]]:
    """The lifetimes, each with the clock's number there, that tell why: the misses, or all; thinned."""
    late: list[tuple[int, int]] = []
    in_time: list[tuple[int, int]] = []
    for number in clock.clocks:
        for row, missed in enumerate(lifetimes.missed(number)):
            if missed is not None:
                (late if missed else in_time).append((row, number))
    of: Of = "misses" if len(late) >= ENOUGH else "all"
    chosen = late if of == "misses" else sorted(late + in_time)
    return of, chosen[:: max(1, -(-len(chosen) // _MOST))]


class _Walked:
    """The ways walked so far, summed up by piece of work: of several cases together."""

    def __init__(self, lifetimes: Lifetimes, hours: Hours) -> None:
        self._of, self._hours = lifetimes, hours
        self._kinds = _kinds(lifetimes)
        self._sums: dict[int, list[float]] = defaultdict(lambda: [0.0] * 5)
        self._stands: dict[int, int] = defaultdict(int)
        self._gaps, self._count = {_INSTANT: 0.0, _AGAIN: 0.0}, 0

    def walk(self, row: int, number: int) -> None:
        last = _met_by(self._of, row, number)
        if last is None:
            for kind in {self._kinds[slot] for slot in _standing(self._of, row, number)}:
                self._stands[kind] += 1
            return
        self._count += 1
        for leg in _way(self._of, row, last):
            self._add(leg, self._of.opened_at[row])

    def _add(self, leg: tuple[int, float, float, float], opened_at: float) -> None:
        number, ready, begun, ended = leg
        if number < 0:
            self._gaps[number] += ended
            return
        slot, kind = self._of.slots[number], self._kinds[number]
        before = self._hours(slot, opened_at + ready, opened_at + begun)
        within = self._hours(slot, opened_at + begun, opened_at + ended)
        spent = (1.0, ended - begun - within, before + within, begun - ready - before, ended)
        self._sums[kind] = [one + more for one, more in zip(self._sums[kind], spent, strict=True)]

    def legs(self) -> tuple[Leg, ...]:
        """The legs by when they end on average."""
        in_time = sorted(self._sums, key=lambda kind: (self._sums[kind][4] / self._sums[kind][0], kind))
        return tuple(
            Leg(self._of.slots[kind], *(value / self._count for value in self._sums[kind][:4]))
            for kind in in_time
        )

    def until_instants(self) -> float:
        return self._gaps[_INSTANT] / max(1, self._count)

    def again(self) -> float:
        return self._gaps[_AGAIN] / max(1, self._count)

    def standing(self) -> tuple[tuple[Slot, int], ...]:
        found = sorted(self._stands.items(), key=lambda pair: (-pair[1], pair[0]))
        return tuple((self._of.slots[kind], count) for kind, count in found)


def _kinds(lifetimes: Lifetimes) -> list[int]:
    """For each slot the first that is the same work: of another case, or a later round."""
    firsts: dict[tuple[str, str, int, str], int] = {}
    return [
        firsts.setdefault((slot.step, slot.part, slot.place, slot.role), number)
        for number, slot in enumerate(lifetimes.slots)
    ]


def _met_by(lifetimes: Lifetimes, row: int, clock: int) -> int | None:
    """The slot whose end met a clock; None where nothing did."""
    met, width = lifetimes.met[row * len(lifetimes.clocks) + clock], len(lifetimes.slots)
    if isnan(met):
        return None
    ends = ((abs(lifetimes.ended[row * width + slot] - met), slot) for slot in lifetimes.clocks[clock].met_by)
    return next((slot for off, slot in sorted(ends) if off <= _EXACT), None)


def _way(lifetimes: Lifetimes, row: int, last: int) -> Iterator[tuple[int, float, float, float]]:
    """The legs that end with a slot, the last first; for what else was waited for its kind and a span.

    Work that was done anew after something had followed from it counts until then.
    """
    base, slot, until = row * len(lifetimes.slots), last, inf
    while slot >= 0:
        at = base + slot
        until = min(until, lifetimes.ended[at])
        ready, before = lifetimes.ready[at], lifetimes.cause[at]
        put = lifetimes.redone.get(at, ready)
        if ready < put < until:
            yield _AGAIN, 0.0, 0.0, put - ready
        else:
            put = ready
        yield slot, put, min(lifetimes.begun[at], until), until
        gap = ready - (lifetimes.ended[base + before] if before >= 0 else 0.0)
        if gap > _EXACT:
            yield (_AGAIN if before >= 0 else _INSTANT), 0.0, 0.0, gap
        slot, until = before, ready


def _standing(lifetimes: Lifetimes, row: int, clock: int) -> Iterator[int]:
    """What was asked and not done where a clock was never met: its own telling, else all there is."""
    base = row * len(lifetimes.slots)
    unfinished = [
        slot
        for slot in range(len(lifetimes.slots))
        if not isnan(lifetimes.ready[base + slot]) and isnan(lifetimes.ended[base + slot])
    ]
    spec = lifetimes.clocks[clock]
    own = {lifetimes.slots[slot].step for slot in spec.met_by}
    of_it = [slot for slot in unfinished if lifetimes.slots[slot].step in own]
    return iter([slot for slot in of_it if lifetimes.slots[slot].case in (None, spec.case)] or unfinished)


class Hours:
    """In which stretches of a simulation nobody of a role is on duty, read once for each."""

    def __init__(self, simulation: Simulation) -> None:
        self._staff = simulation.staff
        self._since = simulation.opens_at - _MARGIN
        self._until = simulation.opens_at + simulation.within + simulation.horizon + _MARGIN
        self._off: dict[str, Callable[[float, float], float]] = {}

    def __call__(self, slot: Slot, since: float, until: float) -> float:
        """The seconds between two instants (since 1970) in which nobody could work on a slot."""
        if slot.part in STAFFLESS or until <= since:
            return 0.0
        if slot.role not in self._off:
            self._off[slot.role] = _counted(off_duty(self._staff, slot.role, self._since, self._until))
        return self._off[slot.role](since, until)


def off_duty(staff: Staff, role: str, since: datetime, until: datetime) -> list[tuple[float, float]]:
    """The stretches without anybody of the role, since 1970; none where its people are there at any hour."""
    people = staff.people.get(role, ())
    roster = roster_of(role, people, staff)
    if roster is None:
        return []
    able = frozenset((role, handle) for handle in people)
    stretches = spans(roster, role, since, until, Standing(staff.absences, able))
    return [(one.begins_at.timestamp(), one.until.timestamp()) for one in stretches if not one.people]


def _counted(stretches: Sequence[tuple[float, float]]) -> Callable[[float, float], float]:
    """A function that says how much of a span lies in these stretches, in the time of two look-ups."""
    begins, ends = [one for one, _ in stretches], [other for _, other in stretches]
    until_now = [0.0, *accumulate(other - one for one, other in stretches)]

    def behind(at: float) -> float:
        whole = bisect_right(ends, at)
        begun = bisect_left(begins, at)
        return until_now[whole] + (at - begins[whole] if begun > whole else 0.0)

    return lambda since, until: behind(until) - behind(since)

"""One incident on its way: how far each step is, what is known, and whom the law still wants told.

Instants are seconds after the incident's opening.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from math import isnan, nan
from random import Random
from typing import Any, TypeAlias

from playbooks.simulation.compiled import (
    APPROVING,
    DONE,
    MARKS,
    OPEN,
    OPENS,
    RELEASED,
    REOPENS,
    SKIPPED,
    SKIPS,
    WITHDRAWN,
)
from playbooks.simulation.duties import NO, OWED
from playbooks.simulation.resting import FALLS
from playbooks.simulation.script import Script

Seeded: TypeAlias = Callable[[int], Random]
"""What gives the numbers of a round, counted from 0."""
LIVE = frozenset({OPEN, APPROVING, RELEASED})


class Lifetime:
    """The state of one incident; whoever moves time calls it, and reads from it what is to be put next."""

    __slots__ = (
        "asking", "before", "begun", "cause", "closed", "counts", "dirty", "ended", "fixed", "hand_overs",
        "hands", "instants", "keys", "known", "left", "live", "looks", "marks", "met", "named", "number",
        "numbers", "opened", "ready", "rests", "rounds", "script", "seeded", "sent", "stage", "start",
        "states", "tasks", "unmet", "withdrawn",
    )  # fmt: skip

    def __init__(self, script: Script, number: int, begins: float, seeded: Seeded) -> None:
        nodes, slots, duties = len(script.plan.nodes), len(script.slots), len(script.duties.duties)
        self.script, self.number, self.seeded = script, number, seeded
        self.numbers: list[list[float]] = []
        self.start = begins + script.after(self.numbers_of(1)[-1])
        self.opened = script.epoch + self.start
        self.states, self.rounds, self.before = [0] * nodes, [1] * nodes, [0] * nodes
        self.marks, self.keys, self.stage = [0] * (script.plan.naming + 1), [0] * nodes, [0] * nodes
        self.left = [0] * nodes
        self.hands: list[list[int]] = [[]] * nodes
        """Who had a hand in each step's round: none of them gives the second word."""
        self.tasks: list[Sequence[Any]] = [()] * nodes
        self.ready, self.begun, self.ended = [nan] * slots, [nan] * slots, [nan] * slots
        self.cause = [-1] * slots
        self.met = [nan] * duties
        self.dirty, self.known, self.named, self.hand_overs, self.live = 0, 0, False, 0, 0
        self.counts = [[0, 0] for _ in script.plan.groups]
        self.fixed: dict[int, list[int]] = {}
        self.sent: dict[int, float] = {}
        self.looks: dict[int, float] = {}
        self.instants = script.known_instants.copy()
        self.unmet = script.unmet[:]
        self.closed = nan
        self.asking = 0
        """The loose facts that are being asked for."""
        self.withdrawn: list[int] = []
        self.rests: dict[int, object] = {}
        """What was known when a second word was asked for, or a judgement given."""

    def numbers_of(self, round_: int) -> list[float]:
        """The numbers drawn for the pieces of work of one round."""
        while len(self.numbers) < round_:
            self.numbers.append(self.script.numbers(self.seeded(len(self.numbers))))
        return self.numbers[round_ - 1]

    def reaction(self, round_: int, number: int) -> float:
        """How long it takes until somebody who is free begins a piece of work."""
        draw, numbers = self.script.reaction, self.numbers_of(round_)
        return 0.0 if draw is None else draw(numbers[self.script.drawn + number])

    def begin(self) -> list[int]:
        """Look at every step of the plan for the first time; returns the nodes that open."""
        first = self.script.first
        if first is None:
            self.dirty = (1 << self.script.plan.asked_beside) - 1
            opened = self.settle()
            self.script.first = (self.states[:], self.marks[:], self.keys[:], self.counts, opened)
            self.counts = [one[:] for one in self.counts]
            return opened
        states, marks, keys, counts, opened = first
        self.states, self.marks, self.keys = states[:], marks[:], keys[:]
        self.counts = [one[:] for one in counts]
        return opened

    def settle(self) -> list[int]:
        """Make every move that became due, in the order of the plan; returns the nodes that open."""
        plan, opened = self.script.plan, []
        nodes, keys, states = plan.nodes, self.keys, self.states
        while self.dirty:
            lowest = self.dirty & -self.dirty
            self.dirty ^= lowest
            node = lowest.bit_length() - 1
            key = keys[node] + (((self.rounds[node] - 1) << 4) | self.before[node] << 3 | states[node])
            move = nodes[node].table.get(key)
            if move is None:
                move = plan.move(node, key)
            if not move:
                continue
            if move == OPENS:
                self.become(node, OPEN)
                opened.append(node)
            elif move == SKIPS:
                self.become(node, SKIPPED)
            elif move == REOPENS:
                self.again(node)
                opened.append(node)
            else:
                self.become(node, WITHDRAWN)
                self.withdrawn.append(node)
        return opened

    def again(self, node: int) -> None:
        """Open a node in its next round."""
        self.rounds[node] += 1
        self.before[node] |= self.marks[node] >> 2
        self.become(node, OPEN)

    def become(self, node: int, state: int) -> None:
        """Put a node into a state, and let those look again who look at it."""
        self.states[node] = state
        old = self.marks[node]
        new = MARKS[state] | (old & 4) | (4 if state == DONE else 0)
        if new != old:
            self.mark(node, new)
            for group in self.script.plan.groups_of[node]:
                self._regroup(group, old & 3, new & 3)

    def mark(self, at: int, new: int) -> None:
        """Change what others see of a node, a group or the naming of clients."""
        plan, delta = self.script.plan, new - self.marks[at]
        self.marks[at] = new
        if delta:
            keys = self.keys
            for node, weight in plan.watchers[at]:
                keys[node] += delta * weight
            self.dirty |= plan.watched_by[at]

    def name_clients(self) -> None:
        """Let the cases in that the alert did not name."""
        if not self.named:
            self.named = True
            plan = self.script.plan
            for group in range(len(plan.nodes), plan.naming):
                self._regroup(group, 0, 0)
            self.mark(plan.naming, 1)

    def _regroup(self, group: int, old: int, new: int) -> None:
        plan = self.script.plan
        counts = self.counts[group - len(plan.nodes)]
        counts[0] += bool(new) - bool(old)
        counts[1] += (new == 1) - (old == 1)
        present = len(plan.cases) if self.named else self.script.present
        is_over = present > 0 and counts[0] == present
        self.mark(group, (1 if counts[1] else 2) if is_over else 0)

    def state_facts(self, node: int, now: float) -> None:
        """Take a node's answer for known: from now on, and its instants as they are or as of now."""
        script, case = self.script, self.script.plan.nodes[node].case
        self.known |= self.asking if node == script.duties.answering else 1 << node
        truth = script.story.truth
        for name in script.instants[node]:
            if name in truth.instants:
                self.instants[name] = truth.instants[name].total_seconds()
            elif name in truth.as_answered:
                self.instants.setdefault(name if case is None else f"{case}/{name}", now)
        if script.instants[node]:
            self._meet_by_facts()

    def word_rests_on(self, node: int) -> object:
        """What a second word on a step or a notice rests on, as it is now."""
        resting = self.script.resting
        if self.script.plan.nodes[node].step.kind == "notice":
            return resting.in_notice(node, self.known, named=self.named)
        running = sum(map(isnan, self.met))
        return resting.of_all(self.known, named=self.named), running

    def judge(self, node: int) -> None:
        """Keep what a judgement rests on that was just given."""
        resting = self.script.resting
        if node in resting.judging:
            self.rests[-1 - node] = resting.of_judgement(node, self.known, named=self.named)

    def doubted(self) -> list[int]:
        """Open again the judgements that rest on what is known no more; returns their nodes."""
        resting, found = self.script.resting, []
        for node in resting.judging:
            if self.states[node] != DONE:
                continue
            now = resting.of_judgement(node, self.known, named=self.named)
            if self.rests.setdefault(-1 - node, now) != now:
                self.again(node)
                if resting.doubt(node) == FALLS:
                    self.known &= ~(1 << node)
                    self.mark(node, self.marks[node] & 3)
                found.append(node)
        return found

    def fix(self, node: int) -> None:
        """Keep the duties that a notice drafted now is to meet."""
        for at in self.script.told_by[node]:
            self.fixed[at] = self.first_stage(at)

    def meet(self, node: int, now: float) -> None:
        """Meet the duties for which a node's notice was drafted, or its assessment made."""
        for at in self.script.told_by[node]:
            for number in self.fixed.pop(at, ()):
                self.unmet[at] -= isnan(self.met[number])
                rule = self.script.duties.duties[number].rule
                self.met[number] = self.sent.get(node, now) if rule.counts == "sent" else now

    def _meet_by_facts(self) -> None:
        """Meet the duties that a stated instant meets."""
        for number, one in enumerate(self.script.duties.duties):
            if one.rule.met_by is None or not isnan(self.met[number]):
                continue
            at = self.instant(one.rule.met_by, one.spec.case)
            began = self.anchor(number)
            if at is not None and (began is None or at >= began):
                self.met[number] = at
                self.unmet[self.script.told_for[number]] -= 1

    def instant(self, name: str, case: str | None) -> float | None:
        """When something happened, as far as is known."""
        if case is not None and (own := self.instants.get(f"{case}/{name}")) is not None:
            return own
        return self.instants.get(name)

    def events(self, number: int) -> dict[str, float]:
        """What has happened of that which starts a duty, by name."""
        duties = self.script.duties
        case, found = duties.duties[number].spec.case, {}
        for name, parents in duties.limbs[number]:
            if parents:
                at = next((self.met[one] for one in parents if not isnan(self.met[one])), None)
            else:
                at = self.instant(name, case)
            if at is not None:
                found[name] = at
        return found

    def anchor(self, number: int) -> float | None:
        """Since when a duty's clock runs; None while it does not."""
        events = self.events(number)
        return max(events.values()) if self._is_whole(number, events) else None

    def _is_whole(self, number: int, events: dict[str, float]) -> bool:
        one = self.script.duties.duties[number]
        if not events or len(one.limbs) == 1:
            return bool(events)
        known = [any(name in events for name in limb) for limb in one.limbs]
        return any(known) if one.either else all(known)

    def deadline(self, number: int, events: dict[str, float] | None = None) -> float | None:
        """When a duty is due; None while that cannot be said."""
        happened = self.events(number) if events is None else events
        if not self._is_whole(number, happened):
            return None
        absolute = {name: self.opened + at for name, at in happened.items()}
        at = self.script.counting.due(number, absolute)
        if isnan(at):
            return None
        limit = self.script.duties.limited_by.get(number)
        other = self.deadline(limit) if limit is not None else None
        return min(at - self.opened, other) if other is not None else at - self.opened

    def first_stage(self, at: int) -> list[int]:
        """Of the duties to one recipient those to be met now: begun, running, and of the earliest stage."""
        told = self.script.duties.told[at]
        standing = self.script.duties.standing(told.case, self.known, named=self.named)
        for stage in told.stages:
            found = [
                number
                for number in stage
                if isnan(self.met[number])
                and standing.states.get(number, NO) != NO
                and self.anchor(number) is not None
            ]
            if found:
                return found
        return []

    def is_triaged(self) -> bool:
        """Whether every step of triage has ended."""
        marks = self.marks
        return all(marks[node] & 3 for node in self.script.duties.triage)

    def wanted_by_law(self, now: float) -> Iterator[tuple[int, float | None]]:
        """The nodes that the law wants opened: now (None), or perhaps at an instant, to look again then."""
        duties = self.script.duties
        triaged = self.is_triaged()
        if triaged and duties.answering >= 0 and self.states[duties.answering] not in LIVE:
            met = sum(1 << number for number in duties.parents if not isnan(self.met[number]))
            self.asking = duties.standing(None, self.known, named=self.named, met=met).unasked
            if self.asking:
                yield duties.answering, None
        for at, told in enumerate(duties.told):
            node = told.node
            if not self.unmet[at] or self.states[node] in LIVE or (told.by_plan and not self.marks[node] & 4):
                continue
            waiting = self.first_stage(at)
            if waiting:
                soonest = self._may_begin(told.case, waiting, now, triaged=triaged)
                if soonest is None or soonest > now:
                    yield node, soonest

    def _may_begin(self, case: str | None, waiting: list[int], now: float, *, triaged: bool) -> float | None:
        """None where somebody is asked now; else when to look again, the same instant for not at all."""
        standing = self.script.duties.standing(case, self.known, named=self.named)
        later = now
        for number in waiting:
            if standing.states[number] != OWED and not (triaged and self.script.plan.cases):
                continue
            if number not in standing.awaited:
                return None
            began, due = self.anchor(number), self.deadline(number)
            if began is None or due is None:
                continue
            half = began + (due - began) / 2
            if now >= half:
                return None
            later = half if later == now else min(later, half)
        return later

    def deadlines(self) -> list[float]:
        """When each duty was due at last; NaN where its clock never began."""
        found = map(self.deadline, range(len(self.met)))
        return [nan if at is None else at for at in found]

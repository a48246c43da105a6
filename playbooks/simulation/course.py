"""One incident on its way through its plan: how far each step is, and what is known.

Instants are seconds after the incident's opening.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import nan
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
from playbooks.simulation.script import Script

Seeded: TypeAlias = Callable[[int], Random]
"""What gives the numbers of a round, counted from 0."""
LIVE = frozenset({OPEN, APPROVING, RELEASED})


class Course:
    """How far the steps of one incident are; whoever moves time learns from it what is to be put next."""

    __slots__ = (
        "anchors", "asking", "before", "begun", "cause", "closed", "counts", "dirty", "ended", "fixed",
        "hand_overs", "hands", "instants", "keys", "known", "left", "live", "looks", "marks", "met",
        "named", "number", "numbers", "opened", "ready", "redone", "rests", "rounds", "script", "seeded",
        "seen", "sent", "stage", "start", "states", "tasks", "unmet", "withdrawn",
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
        self.anchors: dict[int, float | None] = {}
        """Since when the clocks run that were looked at, until something happens that starts clocks."""
        self.redone: dict[int, float] = {}
        """When slots were put last whose word was void, so that they are done once more."""
        self.seen: dict[int, object] = {}
        """How it stood when it was looked last whether the law tells beside the plan, by node."""
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

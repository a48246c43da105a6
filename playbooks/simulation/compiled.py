"""A plan made ready to be walked ten thousand times: which step waits for which, and what each does when.

What a step does next is asked of the engine's own `decide_move`, once for each constellation of the steps and
facts that it looks at, and remembered. A *node* is a step for one subject. What others see of a node is its
*mark*: 0 not ended, 1 done, 2 ended otherwise, and 4 more once it was ever done, so that its facts are known.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Final

from playbooks.conditions import compile_condition
from playbooks.facts import DICTIONARY, UNKNOWN, FactValue, FactView
from playbooks.models import Playbook, Step
from playbooks.order import prerequisites, running_order
from playbooks.plan import Open, Reopen, Skip, StepKey, StepState, Withdraw, decide_move
from playbooks.simulation.model import Truth

STATES: Final[tuple[StepState, ...]] = (
    "waiting",
    "open",
    "approving",
    "released",
    "done",
    "skipped",
    "withdrawn",
)
WAITING, OPEN, APPROVING, RELEASED, DONE, SKIPPED, WITHDRAWN = range(7)
MARKS: Final = (0, 0, 0, 0, 1, 2, 2)
STAYS, OPENS, SKIPS, WITHDRAWS, REOPENS = range(5)
_NOTHING: Final[Mapping[str, Sequence[str]]] = MappingProxyType({})
_OWN_BITS: Final = 16
_MARK_BITS: Final = 3
_MOVES: Final = {Open: OPENS, Skip: SKIPS, Withdraw: WITHDRAWS, Reopen: REOPENS}


@dataclass(slots=True)
class Node:
    """A step for one subject, and everything that its next move depends on, in the order of its key."""

    step: Step
    case: str | None
    facts: tuple[str, ...]
    """What is known once it was done."""
    looks_at: tuple[int, ...] = ()
    table: dict[int, int] = field(default_factory=dict)
    """What it does next, by key; shared by the cases of which the same is so."""


@dataclass(slots=True)
class Group:
    """All cases of one step, as those see them that wait for every one of them."""

    step: Step
    nodes: tuple[int, ...]


@dataclass(slots=True)
class Compiled:
    """A plan with what is so, ready to be walked."""

    plan: Playbook
    truth: Truth
    opens_at: datetime
    nodes: list[Node]
    groups: list[Group]
    asked_beside: int
    """From which node on no plan decides: steps that the law asks for beside it."""
    cases: tuple[str, ...]
    loose: tuple[str, ...] = ()
    """Facts that the law asks for beside the plan, one by one: numbered after the nodes."""
    watchers: list[list[tuple[int, int]]] = field(default_factory=list)
    """Of each node, each group and the naming of clients: who looks at it, by which weight in their key."""
    watched_by: list[int] = field(default_factory=list)
    """The same as a bit for each."""
    groups_of: list[tuple[int, ...]] = field(default_factory=list)
    """The groups that a node is part of."""

    @property
    def naming(self) -> int:
        """The place of the naming of clients among what is looked at."""
        return len(self.nodes) + len(self.groups)

    def key_of(self, node: int, own: int, marks: Sequence[int]) -> int:
        """The key of a node's table where everything has these marks."""
        seen = self.nodes[node].looks_at
        return own + sum(marks[at] << weight_of(place) for place, at in enumerate(seen))

    def move(self, node: int, key: int) -> int:
        """What a node does next, asked of the plan and remembered."""
        one = self.nodes[node]
        own, seen = key & ((1 << _OWN_BITS) - 1), key >> _OWN_BITS
        marks = {at: (seen >> (_MARK_BITS * place)) & 7 for place, at in enumerate(one.looks_at)}
        named = marks.get(self.naming, 0) == 1
        if one.case is not None and not named and not self.truth.cases[one.case].from_the_start:
            one.table[key] = STAYS
            return STAYS
        states = self._states(marks, named=named)
        states |= _own_states(one, own)
        known = [at for at, mark in marks.items() if at < len(self.nodes) and mark & 4]
        found = decide_move(self.plan, states, self.view(known, named=named), one.step.id, one.case)
        one.table[key] = STAYS if found is None else _MOVES[type(found)]
        return one.table[key]

    def view(self, done: Iterable[int], *, named: bool, only: str | None = None) -> FactView:
        """What is known once these nodes are done, and these loose facts stated, numbered after the nodes.

        With `only`, of the cases only that one is looked at.
        """
        at = self.opens_at
        incident: dict[str, FactValue] = {**self.truth.known}
        instants = self.truth.instants
        incident |= {name: at + instants[name] for name in self.truth.known_instants if name in instants}
        present = (
            self.present(named=named) if only is None else ((only,) if self._is_there(only, named) else ())
        )
        cases = {case: dict(self.truth.cases[case].on_record) for case in present}
        for number in done:
            if number >= len(self.nodes):
                name = self.loose[number - len(self.nodes)]
                incident[name] = self.value(name, None)
                continue
            node = self.nodes[number]
            for name in node.facts:
                if node.case is None:
                    incident[name] = self.value(name, None)
                elif node.case in cases:
                    cases[node.case][name] = self.value(name, node.case)
        return FactView(incident, cases)

    def value(self, name: str, case: str | None) -> FactValue:
        """What is answered when a fact is asked; of instants that differ by run, one that stands for them."""
        if case is not None and name in self.truth.cases[case].facts:
            return self.truth.cases[case].facts[name]
        if DICTIONARY[name].type == "instant":
            if name in self.truth.instants:
                return self.opens_at + self.truth.instants[name]
            return self.opens_at if name in self.truth.as_answered else UNKNOWN
        return self.truth.facts.get(name, self.truth.known.get(name, UNKNOWN))

    def known_in(self, bits: int) -> list[int]:
        """The numbers of nodes and loose facts that are given as bits."""
        return [number for number in range(len(self.nodes) + len(self.loose)) if bits >> number & 1]

    def present(self, *, named: bool) -> tuple[str, ...]:
        """The cases that are part of the incident, before or after a step has named the clients."""
        return tuple(case for case in self.cases if self._is_there(case, named))

    def _is_there(self, case: str, named: bool) -> bool:
        return named or self.truth.cases[case].from_the_start

    def _states(self, marks: dict[int, int], *, named: bool) -> dict[StepKey, StepState]:
        """States of the steps looked at that say what their marks say."""
        states: dict[StepKey, StepState] = {}
        for at, mark in marks.items():
            if at < len(self.nodes):
                node = self.nodes[at]
                states[StepKey(node.step.id, node.case)] = _standing_for(mark)
            elif at < self.naming:
                step = self.groups[at - len(self.nodes)].step
                for case in self.present(named=named):
                    states[StepKey(step.id, case)] = _standing_for(mark)
        return states


def weight_of(place: int) -> int:
    """By how many bits the mark of what is looked at at that place stands to the left in a key."""
    return _OWN_BITS + _MARK_BITS * place


def own_of(round_: int, *, was_done: bool, state: int) -> int:
    """A node's own part of its key: its round, whether an earlier one was done, its state."""
    return (((round_ - 1) << 1 | was_done) << 3) | state


def _own_states(node: Node, own: int) -> dict[StepKey, StepState]:
    number, was_done, state = (own >> 4) + 1, own >> 3 & 1, own & 7
    key = StepKey(node.step.id, node.case, number)
    before: dict[StepKey, StepState] = {StepKey(key.step_id, key.case): "done"} if was_done else {}
    return before | ({key: STATES[state]} if state or number > 1 else {})


def _standing_for(mark: int) -> StepState:
    return {0: "waiting", 1: "done", 2: "skipped"}[mark & 3]  # type: ignore[return-value]


def compile_plan(
    plan: Playbook,
    truth: Truth,
    opens_at: datetime,
    beside: Sequence[tuple[Step, str | None]] = (),
    more: Mapping[str, Sequence[str]] = _NOTHING,
    loose: tuple[str, ...] = (),
) -> Compiled:
    """Make a plan ready; `beside` are the steps that the law asks for, which no move of the plan opens.

    `more` are facts that a step asks for beside those of its own, by its id.
    """
    cases = tuple(sorted(truth.cases))
    planned = [
        (step, case)
        for step in running_order(plan)
        for case in ((None,) if step.per == "incident" else cases)
    ]
    nodes = [Node(step, case, (*_asked(step), *more.get(step.id, ()))) for step, case in (*planned, *beside)]
    per_case = [step for step in plan.steps if step.per == "case"]
    groups = [
        Group(step, tuple(at for at, node in enumerate(nodes) if node.step.id == step.id))
        for step in per_case
    ]
    found = Compiled(plan, truth, opens_at, nodes, groups, len(planned), cases, loose)
    _connect(found)
    return found


def _asked(step: Step) -> tuple[str, ...]:
    return tuple(field.fact for field in step.fields if field.fact)


def _connect(found: Compiled) -> None:
    """Find out who looks at whom, and let the cases of which the same is so share what they remember."""
    looking = _Looking(found)
    found.watchers = [[] for _ in range(found.naming + 1)]
    tables: dict[tuple[str, object], dict[int, int]] = {}
    for number, node in enumerate(found.nodes[: found.asked_beside]):
        node.looks_at = tuple(dict.fromkeys(looking.of(node)))
        node.table = tables.setdefault((node.step.id, kind_of(found.truth, node.case)), {})
        for place, at in enumerate(node.looks_at):
            found.watchers[at].append((number, 1 << weight_of(place)))
    found.watched_by = [sum(1 << number for number, _ in of) for of in found.watchers]
    found.groups_of = [
        tuple(at for at, group in enumerate(found.groups, len(found.nodes)) if number in group.nodes)
        for number in range(len(found.nodes))
    ]


def kind_of(truth: Truth, case: str | None) -> object:
    """What is so of a case, as far as a plan can tell cases apart."""
    if case is None:
        return None
    one = truth.cases[case]
    return (
        frozenset(one.on_record.items()),
        frozenset(one.facts.items()),
        one.from_the_start,
    )


class _Looking:
    """What the next move of each node depends on."""

    def __init__(self, found: Compiled) -> None:
        self.found = found
        self.waits_for = prerequisites(found.plan)
        self.at = {(node.step.id, node.case): number for number, node in enumerate(found.nodes)}
        self.group_at = {group.step.id: number for number, group in enumerate(found.groups, len(found.nodes))}

    def of(self, node: Node) -> Iterator[int]:
        """The nodes, groups and the naming that a node looks at."""
        if node.case is not None:
            yield self.found.naming
        yield from self._waited_for(node.step, node.case)
        texts = (node.step.when, node.step.repeat.until if node.step.repeat else None)
        for condition in (compile_condition(text) for text in texts if text):
            yield from self._telling(condition.names, node.case, every=condition.looks_at_all_cases)

    def _waited_for(self, step: Step, case: str | None) -> Iterator[int]:
        for name in self.waits_for[step.id]:
            other = self.found.plan.step(name)
            if other.per == "incident":
                yield self.at[name, None]
            elif case is not None:
                yield self.at[name, case]
            else:  # without a case, a step per case passes on what it waits for itself
                yield self.group_at[name]
                yield self.found.naming
                yield from self._waited_for(other, None)

    def _telling(self, names: frozenset[str], case: str | None, *, every: bool) -> Iterator[int]:
        """The nodes whose answers a condition reads."""
        if every:
            yield self.found.naming
        for number, node in enumerate(self.found.nodes):
            if not names.isdisjoint(node.facts) and (every or node.case in (None, case)):
                yield number

"""Which duties a story raises, who is told for them by which step, and how each stands at what is known.

What the law says is asked of `consider`, `needed_facts` and `due`, as the engine asks them, and remembered by
what is known. The law is that of the day on which the simulation begins.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, TypeAlias

from playbooks.asking import needed_facts
from playbooks.conditions import compile_condition
from playbooks.facts import UNKNOWN, FactView
from playbooks.law import Rule, submitted_rule
from playbooks.models import Playbook, Step
from playbooks.order import all_before, prerequisites
from playbooks.simulation.compiled import Compiled, compile_plan, kind_of
from playbooks.simulation.model import Law, Story, Truth
from playbooks.simulation.telling import Duty, Told, clocks_of, considered, everything, told_by, will_be_asked
from playbooks.verdicts import Subject

ANSWER: Final = "answer-the-law"
MOST_ASKED: Final = 10
OF_CLIENTS: Final = frozenset({"client_status", "client_confirmed_at"})
NO, PRESUMED, OWED = range(3)


@dataclass(frozen=True, slots=True)
class Standing:
    """How each duty of one subject stands at what is known: its state, and whether an answer is awaited."""

    states: Mapping[int, int]
    awaited: frozenset[int]
    missing: tuple[str, ...] = ()
    """The facts that the law wants to know and nobody else asks."""
    unasked: int = 0
    """Those of them that are loose facts of the plan made ready, as bits."""


Stands: TypeAlias = tuple[tuple[int, bool], ...]
"""The state of each duty to somebody who is told, and whether an answer is awaited."""


@dataclass(slots=True)
class Duties:
    """All duties of a story, and the plan made ready with the steps that they ask for beside it."""

    law: Law
    plan: Compiled
    duties: tuple[Duty, ...]
    told: tuple[Told, ...]
    answering: int
    """The node of the question that the law puts beside the plan; -1 where it wants nothing."""
    by_rule: Mapping[tuple[Subject, str], int] = field(init=False)
    limited_by: Mapping[int, int] = field(init=False)
    """By policy target the contract's duty to the same recipient, which is never later."""
    limbs: tuple[tuple[tuple[str, tuple[int, ...]], ...], ...] = field(init=False)
    """Of each duty the events that start it, by name; of those that are another duty's end, its numbers."""
    triage: tuple[int, ...] = field(init=False)
    beside: tuple[tuple[int, int], ...] = field(init=False)
    """The nodes by which the law tells beside a step of the plan, each with its number of `told`."""
    parents: Mapping[int, tuple[Subject, str]] = field(init=False)
    """The duties whose end starts others, each with its subject and rule."""
    _rules: dict[Subject, tuple[Rule, ...]] = field(init=False)
    """The texts of law that may oblige a subject at all: not ruled out by what is known from the start."""
    relevant: dict[Subject, int] = field(init=False)
    """What tells anything about a subject, as bits."""
    _remembered: dict[tuple[Subject, int, bool, int], Standing] = field(init=False, default_factory=dict)
    _beside: dict[tuple[int, int, bool], Stands | None] = field(init=False, default_factory=dict)
    _alike: dict[Stands | None, Stands | None] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        """Look up what every run asks."""
        nodes = self.plan.nodes
        self.by_rule = {(one.spec.case, one.spec.rule): number for number, one in enumerate(self.duties)}
        self.limited_by = dict(self._limits())
        self.limbs = tuple(tuple(self._starts(one)) for one in self.duties)
        self.triage = tuple(
            number
            for number, node in enumerate(nodes[: self.plan.asked_beside])
            if self.plan.plan.phase_of(node.step.id) == "triage" and not node.step.optional
        )
        self.beside = tuple(
            (one.node_beside, at) for at, one in enumerate(self.told) if one.beside is not None
        )
        starting = {name for rule in self.law.rules for name in rule.depends_on}
        self.parents = {number: key for key, number in self.by_rule.items() if key[1] in starting}
        alike: dict[object, tuple[Rule, ...]] = {}
        self._rules = {}
        for case in (None, *self.plan.cases):
            kind = kind_of(self.plan.truth, case), self.law.places.get(case)
            self._rules[case] = alike[kind] if kind in alike else self._may_oblige(case)
            alike[kind] = self._rules[case]
        self.relevant = {
            case: sum(1 << at for at, node in enumerate(nodes) if node.facts and node.case in (None, case))
            | ((1 << len(self.plan.loose)) - 1) << len(nodes)
            for case in (None, *self.plan.cases)
        }

    def _may_oblige(self, case: Subject) -> tuple[Rule, ...]:
        """What is known only grows: a rule that does not hold at the opening or in the end holds never."""
        at, subjects = self.plan.opens_at, [case] if case else []
        truth = self.plan.truth
        first = self.plan.view((), named=True)
        last = everything(self.plan.plan, truth, at)
        rules = [rule for rule in self.law.rules if rule.has_clock]
        found: set[str] = set()
        for view in (first, last):
            judged = considered(self.law, view, subjects, at, rules)
            found |= {one.rule.id for one in judged if one.case == case and one.verdict.holds is not False}
        return tuple(rule for rule in rules if rule.id in found)

    def standing(self, case: Subject, known: int, *, named: bool, met: int = 0) -> Standing:
        """How a subject's duties stand once these nodes were done and these duties met, given as bits."""
        key = (case, known & self.relevant[case], named, met)
        found = self._remembered.get(key)
        if found is None:
            found = self._remembered[key] = self._standing(*key)
        return found

    def _standing(self, case: Subject, known: int, named: bool, met: int) -> Standing:
        view = self.plan.view(self.plan.known_in(known), named=named)
        if case is not None and case not in view.cases:
            return Standing({}, frozenset())
        asked, ahead = self._asked(view, case, known)
        missing = self._missing(view, known, asked, met, named=named, case=case)
        states, awaited = {}, set()
        for one in considered(self.law, view, [case] if case else [], self.plan.opens_at, self._rules[case]):
            number = self.by_rule.get((one.case, one.rule.id))
            if number is None or one.case != case:
                continue
            states[number] = {True: OWED, UNKNOWN: PRESUMED, False: NO}[one.verdict.holds]
            if states[number] == PRESUMED:
                unknown = compile_condition(one.rule.when).unknown_facts(view, case)
                if not ahead.union(missing).isdisjoint(unknown):
                    awaited.add(number)
            if one.rule.kind == "notify" and one.rule.met_by is not None:
                awaited.add(number)
        return Standing(states, frozenset(awaited), missing, self._bits_of(missing))

    def _asked(self, view: FactView, case: Subject, known: int) -> tuple[set[str], set[str]]:
        """The facts that somebody was or will be asked for, as far as can be told; those still to come."""
        asked = {name for at, name in enumerate(self.plan.loose, len(self.plan.nodes)) if known >> at & 1}
        ahead = set[str]()
        for number, node in enumerate(self.plan.nodes):
            if number == self.answering:
                continue
            is_done = bool(known >> number & 1)
            if node.step.optional or node.case not in (None, case):
                continue
            planned = number < self.plan.asked_beside
            if is_done or (planned and will_be_asked(self.plan.plan, node.step, view, node.case)):
                asked.update(node.facts)
                ahead.update(() if is_done else node.facts)
        return asked, ahead

    def _missing(
        self, view: FactView, known: int, asked: set[str], met: int, *, named: bool, case: Subject
    ) -> tuple[str, ...]:
        """What the law wants to know of the incident, and nobody was or will be asked for."""
        if self.answering < 0:
            return ()
        if case is not None:
            return self.standing(None, known, named=named).missing
        at = self.plan.opens_at
        done = {key: at for number, key in self.parents.items() if met >> number & 1}
        rules = {rule.key: rule for of in self._rules.values() for rule in of}.values()
        wanted = needed_facts(rules, view, list(view.cases), at, met=done, footprint=self.law.footprint)
        return tuple(name for name in wanted if name not in asked | OF_CLIENTS)[:MOST_ASKED]

    def _bits_of(self, names: tuple[str, ...]) -> int:
        first = len(self.plan.nodes)
        return sum(1 << (first + at) for at, name in enumerate(self.plan.loose) if name in names)

    def beside_plan(self, at: int, known: int, *, named: bool) -> Stands | None:
        """How the duties to one of `told` stand; None where the plan will ask its own step for them.

        The same is the same object.
        """
        told = self.told[at]
        key = (at, known & self.relevant[told.case], named)
        if key not in self._beside:
            view = self.plan.view(self.plan.known_in(key[1]), named=named)
            found = None
            if not will_be_asked(self.plan.plan, told.step, view, told.case):
                standing = self.standing(told.case, known, named=named)
                numbers = (number for stage in told.stages for number in stage)
                found = tuple((standing.states.get(one, NO), one in standing.awaited) for one in numbers)
            self._beside[key] = self._alike.setdefault(found, found)
        return self._beside[key]

    def _starts(self, duty: Duty) -> Iterator[tuple[str, tuple[int, ...]]]:
        for name in (name for limb in duty.rule.limbs for name in limb):
            rule = submitted_rule(name)
            places = ((duty.spec.case, rule), (None, rule)) if rule else ()
            parents = tuple(self.by_rule[place] for place in places if place in self.by_rule)
            if parents or rule is None:
                yield name, parents

    def _limits(self) -> Iterator[tuple[int, int]]:
        contracts = {
            (one.spec.case, one.spec.recipient): number
            for number, one in enumerate(self.duties)
            if one.rule.source == "contract"
        }
        for number, one in enumerate(self.duties):
            limit = contracts.get((one.spec.case, one.spec.recipient))
            if one.spec.policy and limit is not None and limit != number:
                yield number, limit


def duties_of(story: Story, opens_at: datetime) -> Duties:
    """Find the duties of a story, and make its plan ready with the steps that the law asks for beside it."""
    law, truth, plan = story.law, story.truth, story.plan
    whole = everything(plan, truth, opens_at)
    duties = tuple(clocks_of(law, whole, opens_at))
    told = told_by(plan, whole, duties)
    beside = [(step, one.case) for one in told if (step := one.beside if one.by_plan else one.step)]
    more = _asked_for_law(plan, truth, law, opens_at)
    loose = _loose(plan, whole, law, {name for of in more.values() for name in of})
    if loose:
        beside.append((_ANSWERING, None))
        more[ANSWER] = loose
    ready = compile_plan(plan, truth, opens_at, beside, more, loose)
    at = {(node.step.id, node.case): number for number, node in enumerate(ready.nodes)}
    for one in told:
        one.node = at[one.step.id, one.case]
        if one.beside is not None:
            one.node_beside = at[one.beside.id, one.case]
    return Duties(law, ready, duties, told, at.get((ANSWER, None), -1))


_ANSWERING: Final = Step(
    id=ANSWER,
    title="Answer what the law still needs to know",
    kind="manual",
    role="privacy",
    target=timedelta(hours=4),
    instructions="Whether somebody must be told cannot be decided without these facts.",
)


def _loose(plan: Playbook, view: FactView, law: Law, at_triage: set[str]) -> tuple[str, ...]:
    """The facts that the law may want to know and that no step of the plan asks for."""
    asked = set(at_triage | OF_CLIENTS)
    for step in plan.steps:
        cases = (None,) if step.per == "incident" else tuple(view.cases)
        if not step.optional and any(will_be_asked(plan, step, view, case) for case in cases):
            asked.update(field.fact for field in step.fields if field.fact)
    rules = (rule for rule in law.rules if rule.has_clock)
    read = {name for rule in rules for name in compile_condition(rule.when).names}
    return tuple(sorted(read - asked))


def _asked_for_law(plan: Playbook, truth: Truth, law: Law, opens_at: datetime) -> dict[str, tuple[str, ...]]:
    """What steps that ask for the law put beside their own fields, with what is known when they are put."""
    if not law.rules:
        return {}
    ready = compile_plan(plan, truth, opens_at)
    found = {}
    for step in (one for one in plan.steps if one.asks_law):
        before = all_before(prerequisites(plan), step.id)
        done = [number for number, node in enumerate(ready.nodes) if node.step.id in before]
        view = ready.view(done, named=False)
        wanted = needed_facts(law.rules, view, list(view.cases), opens_at, footprint=law.footprint)
        asked = {field.fact for other in plan.steps if not other.optional for field in other.fields}
        found[step.id] = tuple(name for name in wanted if name not in asked | OF_CLIENTS)[:MOST_ASKED]
    return found

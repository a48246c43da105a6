"""The facts that decide a step's fate, together, and the part of a plan that they decide.

Whether a step is asked for and ends hangs on the facts that its own condition reads, and on those that decide
whether these are asked at all. So it is enough to look at these few at a time: all else that the step waits
for ends whatever they are, which the other groups show.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from playbooks.conditions import Condition, compile_condition
from playbooks.models import Phase, Playbook, Repeat, Step
from playbooks.order import prerequisites, running_order

ROUNDS_LOOKED_AT = 3
"""A repeating step is walked for so many rounds: each later one is decided as the one before it."""
Facts: TypeAlias = frozenset[str]


@dataclass(frozen=True, slots=True)
class Group:
    """Facts that decide together, and the part of a plan that they decide."""

    facts: tuple[str, ...]
    shape: tuple[Hashable, ...]
    """All of the slice that its ways depend on: two groups of one shape are walked once."""
    slice: Playbook = field(compare=False)


def groups_of(plan: Playbook) -> tuple[Group, ...]:
    """Return the groups of a playbook, and last the one of all steps that no fact decides."""
    reads = {step.id: frozenset(n for one in conditions_of(step) for n in one.names) for step in plan.steps}
    unsure = _unsurely_asked(plan, reads)
    found = {_closure(read, unsure) for read in reads.values()} - {frozenset()}
    largest = sorted((one for one in found if not any(one < other for other in found)), key=sorted)
    return tuple(_group(plan, facts, reads) for facts in (*largest, frozenset()))


def _group(plan: Playbook, facts: Facts, reads: Mapping[str, Facts]) -> Group:
    part = _slice(plan, facts, reads)
    return Group(tuple(sorted(facts)), tuple(_shape(step, facts) for step in part.steps), part)


def _shape(step: Step, facts: Facts) -> Hashable:
    asked = tuple((one.fact, one.required) for one in step.fields if one.fact in facts)
    repeat = step.repeat and (step.repeat.until, step.repeat.at_most)
    waits = (step.after, step.join, step.when, step.if_unknown)
    return (step.id, step.per, *waits, step.optional, repeat, asked)


def conditions_of(step: Step) -> tuple[Condition, ...]:
    """Return the conditions that decide whether a step is asked for, and whether it is asked again."""
    texts = (step.when, step.repeat.until if step.repeat else None)
    return tuple(compile_condition(text) for text in texts if text is not None)


def sure_facts(plan: Playbook) -> Facts:
    """Return the facts that a step asks for which is always done, in a field that has to be answered."""
    return frozenset(name for step in plan.steps for name in surely_asked(step))


def surely_asked(step: Step) -> Facts:
    """Return the facts that a step asks for, if it is always done: without a condition, case or choice."""
    if step.when is not None or step.optional or step.per == "case":
        return frozenset()
    return frozenset(one.fact for one in step.fields if one.required and one.fact is not None)


def _unsurely_asked(plan: Playbook, reads: Mapping[str, Facts]) -> Mapping[str, Facts]:
    """For each fact that no step surely asks for, the facts that decide whether one does."""
    sure, unsure = sure_facts(plan), dict[str, Facts]()
    for step in plan.steps:
        for one in step.fields:
            if one.fact is not None and one.fact not in sure:
                unsure[one.fact] = unsure.get(one.fact, frozenset()) | reads[step.id]
    return unsure


def _closure(facts: Facts, unsure: Mapping[str, Facts]) -> Facts:
    grown = facts.union(*(unsure.get(name, frozenset()) for name in facts))
    return facts if grown == facts else _closure(grown, unsure)


def _slice(plan: Playbook, facts: Facts, reads: Mapping[str, Facts]) -> Playbook:
    """Return the steps that these facts decide or that ask for them, each after the nearest kept ones."""
    kept = {step.id for step in plan.steps if _belongs(step, facts, reads[step.id])}
    kept |= {step.id for step in plan.steps if surely_asked(step) & facts}
    waits = prerequisites(plan)
    nearest: dict[str, tuple[str, ...]] = {}
    for step in running_order(plan):
        through = [(name,) if name in kept else nearest[name] for name in waits[step.id]]
        nearest[step.id] = tuple(dict.fromkeys(name for names in through for name in names))
    steps = tuple(_cut(plan, step, nearest[step.id], facts) for step in plan.steps if step.id in kept)
    phase = Phase.model_construct(id="detect", steps=steps)
    return Playbook.model_construct(
        id=plan.id,
        version=plan.version,
        title=plan.title,
        neutral_title=plan.neutral_title,
        kind=plan.kind,
        phases=(phase,),
    )


def _belongs(step: Step, facts: Facts, read: Facts) -> bool:
    if not facts:
        return not read
    return read <= facts and (bool(read) or any(one.fact in facts for one in step.fields))


def _cut(plan: Playbook, step: Step, after: tuple[str, ...], facts: Facts) -> Step:
    """Return the step as it stands in a slice: what it waits for, and what unknown means, written out.

    A repetition that other facts end is left out: it ends at last, and what it asks is asked the first time.
    """
    repeat = step.repeat
    if repeat is not None:
        rounds = min(repeat.at_most, ROUNDS_LOOKED_AT)
        of_these = compile_condition(repeat.until).names <= facts
        repeat = Repeat.model_construct(until=repeat.until, at_most=rounds) if of_these else None
    changed = {"after": after, "if_unknown": plan.if_unknown(step.id), "repeat": repeat}
    return step.model_copy(update=changed)

"""The facts that conditions read, in groups that have nothing to do with each other, and the steps of each.

Two facts belong together when one condition reads both, or when one is asked only by a step whose condition
reads the other. What is true of every group is then true of the whole plan: a step that reads none of a
group's facts ends whatever they are, so it is left out of the group's slice.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from playbooks.conditions import Condition, compile_condition
from playbooks.models import Phase, Playbook, Repeat, Step
from playbooks.order import prerequisites, running_order

ROUNDS_LOOKED_AT = 3
"""A repeating step is walked for so many rounds: each later one is decided as the one before it."""


@dataclass(frozen=True, slots=True)
class Group:
    """Facts that hang together, and the part of a plan that they decide."""

    facts: tuple[str, ...]
    slice: Playbook


def groups_of(plan: Playbook) -> tuple[Group, ...]:
    """Return the groups of a playbook, and last the one of all steps that no fact decides."""
    reads = {step.id: frozenset(n for one in conditions_of(step) for n in one.names) for step in plan.steps}
    together = _joined([*reads.values(), *_asked_behind_others(plan, reads)])
    return tuple(
        Group(tuple(sorted(facts)), _slice(plan, facts, reads)) for facts in (*together, frozenset())
    )


def conditions_of(step: Step) -> tuple[Condition, ...]:
    """Return the conditions that decide whether a step is asked for, and whether it is asked again."""
    texts = (step.when, step.repeat.until if step.repeat else None)
    return tuple(compile_condition(text) for text in texts if text is not None)


def _asked_behind_others(plan: Playbook, reads: Mapping[str, frozenset[str]]) -> list[frozenset[str]]:
    """For each fact that no step surely asks for: the fact with those that decide whether it is asked."""
    read = frozenset().union(*reads.values())
    sure = {f.fact for step in plan.steps if _surely_asks(step) for f in step.fields if f.required}
    return [
        frozenset({field.fact, *reads[step.id]})
        for step in plan.steps
        for field in step.fields
        if field.fact in read and field.fact not in sure
    ]


def _surely_asks(step: Step) -> bool:
    return step.when is None and not step.optional


def _joined(sets: Iterable[frozenset[str]]) -> list[frozenset[str]]:
    """Return the sets, those that share a fact made one."""
    found: list[frozenset[str]] = []
    for one in sets:
        if one:
            touching = [other for other in found if other & one]
            found = [other for other in found if not other & one]
            found.append(one.union(*touching))
    return found


def _slice(plan: Playbook, facts: frozenset[str], reads: Mapping[str, frozenset[str]]) -> Playbook:
    """Return the steps that read or ask these facts, in one phase, each after the nearest kept before it."""
    kept = {step.id for step in plan.steps if _belongs(step, facts, reads[step.id])}
    nearest: dict[str, tuple[str, ...]] = {}
    for step in running_order(plan):
        before = prerequisites(plan)[step.id]
        through = [(name,) if name in kept else nearest[name] for name in before]
        nearest[step.id] = tuple(dict.fromkeys(name for names in through for name in names))
    steps = tuple(_cut(plan, step, nearest[step.id]) for step in plan.steps if step.id in kept)
    phase = Phase.model_construct(id="detect", steps=steps)
    return Playbook.model_construct(
        id=plan.id,
        version=plan.version,
        title=plan.title,
        neutral_title=plan.neutral_title,
        kind=plan.kind,
        phases=(phase,),
    )


def _belongs(step: Step, facts: frozenset[str], read: frozenset[str]) -> bool:
    if not facts:
        return not read
    return not facts.isdisjoint(read) or any(field.fact in facts for field in step.fields)


def _cut(plan: Playbook, step: Step, after: tuple[str, ...]) -> Step:
    """Return the step as it stands in a slice: what it waits for, and what unknown means, written out."""
    repeat = step.repeat and Repeat.model_construct(
        until=step.repeat.until, at_most=min(step.repeat.at_most, ROUNDS_LOOKED_AT)
    )
    changed = {"after": after, "if_unknown": plan.if_unknown(step.id), "repeat": repeat}
    return step.model_copy(update=changed)

"""What can be so: every combination of representative values, for no case, one, and two that differ."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import combinations, product
from math import prod
from typing import Final, TypeAlias

from playbooks.conditions import Condition
from playbooks.facts import UNKNOWN, FactValue, FactView
from playbooks.models import Playbook
from playbooks.order import prerequisites, running_order
from playbooks.soundness.groups import Group, conditions_of
from playbooks.soundness.values import representatives

World: TypeAlias = Mapping[str, FactValue]
"""What is so of the facts of one group, stated or not; UNKNOWN where nobody will be able to say."""
LOOKS_A_TURN: Final = 12
"""What a turn of a walk costs beside its looks at steps."""
MOST_WORK: Final = 350_000
"""How many looks the walks of one group may take, and those of one playbook before the rest is not walked."""


@dataclass(frozen=True, slots=True)
class Cast:
    """What is so of an incident and of each of its cases."""

    incident: World
    cases: Mapping[str, World] = field(default_factory=dict)


def casts_of(group: Group) -> list[Cast] | None:
    """Return everything that a group's slice can meet; None where that is too much to walk."""
    conditions = [condition for step in group.slice.steps for condition in conditions_of(step)]
    values = representatives(conditions)
    each = [(*values[name], UNKNOWN) for name in group.facts]
    affordable = MOST_WORK // cost_of(group.slice)
    if prod(len(of) for of in each) > affordable:
        return None
    worlds: list[World] = [dict(zip(group.facts, row, strict=True)) for row in product(*each)]
    casts = [Cast(world) for world in worlds]
    if _minds_cases(group.slice, conditions):
        casts += [Cast(world, {"A": world}) for world in worlds]
        casts += (Cast(one, {"A": one, "B": other}) for one, other in _pairs(worlds, group.slice))
    return casts if len(casts) <= affordable else None


def _pairs(worlds: list[World], plan: Playbook) -> Iterator[tuple[World, World]]:
    """Yield every two worlds of which some condition that is judged for each case thinks differently."""
    judged = [
        condition
        for step in plan.steps
        for condition in conditions_of(step)
        if step.per == "case" or condition.looks_at_all_cases
    ]
    told_apart: dict[tuple[object, ...], World] = {}
    for world in worlds:
        view = FactView(world, {"A": world})
        told_apart.setdefault(tuple(one.evaluate(view, "A") for one in judged), world)
    yield from combinations(told_apart.values(), 2)


def _minds_cases(plan: Playbook, conditions: list[Condition]) -> bool:
    return any(step.per == "case" for step in plan.steps) or any(
        condition.looks_at_all_cases for condition in conditions
    )


def cost_of(plan: Playbook) -> int:
    """About how many looks one walk takes: at steps and what they wait for, and at the whole, each turn."""
    waits, deep = prerequisites(plan), dict.fromkeys((step.id for step in plan.steps), 0)
    for step in running_order(plan):
        deep[step.id] = 1 + max((deep[name] for name in waits[step.id]), default=0)
    rounds = max((step.repeat.at_most for step in plan.steps if step.repeat), default=0)
    looks = sum((1 + len(waits[step.id])) * (2 if step.per == "case" else 1) for step in plan.steps)
    turns = max(deep.values(), default=0) + rounds + len(_told_alone(plan)) + 1
    return (looks + LOOKS_A_TURN) * turns


def _told_alone(plan: Playbook) -> set[tuple[str | None, str]]:
    """Facts asked by steps that may open while their condition is unknown: each may take a turn alone."""
    unsure = [step for step in plan.steps if step.when is not None and step.if_unknown == "open"]
    return {(one.fact, step.per) for step in unsure for one in step.fields if one.fact is not None}

"""Which step waits for which, and an order in which all can be looked at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from graphlib import TopologicalSorter
from types import MappingProxyType
from typing import Any, TypeAlias

from playbooks.models import TRUNK, Playbook, Step

Outline: TypeAlias = Sequence[tuple[str, Sequence[tuple[str, tuple[str, ...], bool]]]]
"""Phases in order, each with its steps' ids, what each names in `after`, and whether it is optional."""


def waits_for(outline: Outline) -> dict[str, tuple[str, ...]]:
    """Return, for each step, the ids it waits for: its `after`, else all of the phase before its own.

    Nothing waits for an optional step, and a phase of such steps alone holds nothing back.
    """
    of_phase = {phase: tuple(name for name, _, optional in of if not optional) for phase, of in outline}
    steps = {phase: ids for phase, ids in of_phase.items() if ids}
    waits: dict[str, tuple[str, ...]] = {}
    for phase, of in outline:
        barrier = steps.get(_phase_before(phase, steps) or "", ())
        waits |= {step_id: after or barrier for step_id, after, _ in of}
    return waits


def _phase_before(phase: str, present: Mapping[str, Any]) -> str | None:
    """Return the trunk phase a phase hangs on: triage for notify, else the nearest before it."""
    trunk: tuple[str, ...] = TRUNK
    here = trunk.index("contain" if phase == "notify" else phase) if phase in (*trunk, "notify") else 0
    return next((name for name in reversed(trunk[:here]) if name in present), None)


def prerequisites(plan: Playbook) -> Mapping[str, tuple[str, ...]]:
    """Return what each step of a playbook waits for, by id."""
    return _prerequisites(plan.outline)


def running_order(plan: Playbook) -> tuple[Step, ...]:
    """Return the steps, each behind all it waits for; graphlib.CycleError when that cannot be."""
    return tuple(plan.step(step_id) for step_id in _running_order(plan.outline))


@lru_cache(maxsize=64)
def _prerequisites(outline: Outline) -> Mapping[str, tuple[str, ...]]:
    return MappingProxyType(waits_for(outline))


@lru_cache(maxsize=64)
def _running_order(outline: Outline) -> tuple[str, ...]:
    return tuple(TopologicalSorter(_prerequisites(outline)).static_order())


def all_before(waits: Mapping[str, tuple[str, ...]], step_id: str) -> frozenset[str]:
    """Return every step that must end before this one opens, near or far; safe on a circle."""
    found: set[str] = set()
    reached = list(waits.get(step_id, ()))
    while reached:
        other = reached.pop()
        if other not in found:
            found.add(other)
            reached.extend(waits.get(other, ()))
    return frozenset(found)

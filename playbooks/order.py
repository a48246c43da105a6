"""Which step waits for which, and an order in which all can be looked at once."""

from __future__ import annotations

from collections.abc import Mapping
from graphlib import TopologicalSorter

from playbooks.models import TRUNK, PhaseId, Playbook, Step


def phase_before(plan: Playbook, phase: PhaseId) -> PhaseId | None:
    """Return the trunk phase a phase hangs on: triage for notify, else the nearest one before it in the plan."""
    present = {part.id for part in plan.phases}
    earlier = TRUNK[:2] if phase == "notify" else TRUNK[: TRUNK.index(phase)]
    return next((name for name in reversed(earlier) if name in present), None)


def prerequisites(plan: Playbook) -> Mapping[str, tuple[str, ...]]:
    """Return, for each step, the ids it waits for: its `after`, else every step of the phase before its own."""
    ids = {phase.id: tuple(step.id for step in phase.steps) for phase in plan.phases}
    barrier = {phase: ids[before] if (before := phase_before(plan, phase)) else () for phase in ids}
    return {step.id: step.after or barrier[plan.phase_of(step.id)] for step in plan.steps}


def running_order(plan: Playbook) -> tuple[Step, ...]:
    """Return the steps so that each stands behind all it waits for; graphlib.CycleError when that cannot be."""
    order = TopologicalSorter(prerequisites(plan)).static_order()
    return tuple(plan.step(step_id) for step_id in order)

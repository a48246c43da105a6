"""What differs between two plans: steps that come, go, stand elsewhere, or say something else. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from playbooks.models import Playbook, Step

Kind: TypeAlias = Literal["added", "removed", "changed"]


@dataclass(frozen=True, slots=True)
class StepChange:
    """A step that came, went, or says something else; `keys` are what differs, its phase among them."""

    step_id: str
    title: str
    kind: Kind
    keys: tuple[str, ...] = ()


def plan_changes(old: Playbook, new: Playbook) -> tuple[StepChange, ...]:
    """Return every step that differs, those of the old plan first, in its order."""
    return tuple(_changes(old, new))


def _changes(old: Playbook, new: Playbook) -> Iterator[StepChange]:
    before, after = ({step.id: step for step in plan.steps} for plan in (old, new))
    for step_id, step in before.items():
        if step_id not in after:
            yield StepChange(step_id, step.title, "removed")
        elif keys := tuple(_keys(step, old, after[step_id], new)):
            yield StepChange(step_id, after[step_id].title, "changed", keys)
    for step_id, step in after.items():
        if step_id not in before:
            yield StepChange(step_id, step.title, "added")


def _keys(step: Step, old: Playbook, other: Step, new: Playbook) -> Iterator[str]:
    if old.phase_of(step.id) != new.phase_of(step.id):
        yield "phase"
    said: tuple[dict[str, Any], dict[str, Any]] = (step.model_dump(), other.model_dump())
    yield from (key for key in said[0] if said[0][key] != said[1][key])

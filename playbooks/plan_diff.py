"""What differs between two plans: markings, and steps that come, go, stand elsewhere or say other things."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeAlias

from playbooks.models import Playbook, Step

Kind: TypeAlias = Literal["added", "removed", "changed"]


@dataclass(frozen=True, slots=True)
class StepChange:
    """A step that came, went, or says something else; `keys` are what differs, its phase among them."""

    step_id: str
    title: str
    kind: Kind
    keys: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class MarkingChange:
    """A key that says who may see what follows the plan, or by whom it is kept; before and after."""

    key: str
    before: str
    after: str


_MARKINGS: Final = ("restricted", "tlp", "kind", "owner", "regimes")


def marking_changes(old: Playbook, new: Playbook) -> tuple[MarkingChange, ...]:
    """Return every marking of the playbook itself that differs."""
    said = [(key, _shown(getattr(old, key)), _shown(getattr(new, key))) for key in _MARKINGS]
    return tuple(MarkingChange(*one) for one in said if one[1] != one[2])


def _shown(value: object) -> str:
    if isinstance(value, tuple):
        return ", ".join(map(str, value))
    return "" if value is None else str(value).lower()


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

"""Small plans and simulations for tests: steps in a line of code, times fixed unless said otherwise."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from playbooks.models import Phase, Playbook, Step
from playbooks.simulation.durations import Duration, Fixed
from playbooks.simulation.model import Law, Paces, Simulation, Staff, Story, Truth

MONDAY = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


def step(step_id: str, role: str = "it", hours: float = 1, **more: Any) -> Step:
    """A manual step with a target of so many hours."""
    given = {"title": step_id, "kind": "manual", "instructions": "Do it.", "target": timedelta(hours=hours)}
    return Step.model_validate({"id": step_id, "role": role, **given, **more})


def plan_of(*steps: Step) -> Playbook:
    """A playbook of one phase with these steps."""
    return Playbook(
        id="play", version="1", title="Play", neutral_title="Play", kind="play",
        phases=(Phase(id="contain", steps=steps),),
    )  # fmt: skip


def story_of(*steps: Step, name: str = "one", **more: Any) -> Story:
    """A story of these steps."""
    return Story(name, plan_of(*steps), more.pop("truth", Truth()), more.pop("law", Law()), **more)


def simulation_of(
    *stories: Story,
    people: Mapping[str, tuple[str, ...]] | None = None,
    paces: Mapping[str, Duration] | None = None,
    **more: Any,
) -> Simulation:
    """A simulation that begins on a Monday at nine, UTC, in which everything takes an hour."""
    staff = more.pop("staff", None) or Staff(people or {"it": ("ada",), "approver": ("bo",)})
    named = {name: Fixed(HOUR) for name in ("do", "draft", "approve", "release", "counsel")}
    named |= {"deliver": Fixed(timedelta()), "act": Fixed(timedelta())}
    given = {"within": timedelta(), "runs": 1, **more}
    return Simulation(stories, staff, MONDAY, Paces({**named, **(paces or {})}), **given)

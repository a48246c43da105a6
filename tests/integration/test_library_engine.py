"""Playbooks of the library through the real engine: a shared platform, and a circle that is kept."""

from __future__ import annotations

import pytest

from flows.exercise.scripted import find_incident
from flows.gathering import plan_of
from tests.harness.engine_sweeps import TITLE, assert_engine_ended_well, seen_outside, walk_through_engine
from tests.harness.sweeps import GRAVE
from tests.harness.world import World

pytestmark = [pytest.mark.prefect, pytest.mark.soak]  # the longest walk there is


@pytest.mark.parametrize("playbook", ["ransomware"])
def test_a_playbook_is_walked_to_closure_through_the_engine(world: World, playbook: str) -> None:
    walk_through_engine(world, playbook, GRAVE)
    assert_engine_ended_well(world)
    plan = plan_of(find_incident(world.house, world.ref))
    if plan.restricted:
        outside = seen_outside(world).casefold()
        assert [one for one in (plan.id, plan.title, TITLE) if one.casefold() in outside] == []

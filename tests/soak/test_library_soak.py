"""Every playbook of the library walked to closure through the real engine, in its own time: `make soak`."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.harness.engine_sweeps import assert_engine_ended_well, walk_through_engine
from tests.harness.sweeps import FACT_SETS
from tests.harness.world import World

pytestmark = [pytest.mark.prefect, pytest.mark.soak]

PLAYBOOKS = sorted(path.stem for path in Path("playbooks/library").glob("*.yaml"))


@pytest.mark.parametrize("facts", FACT_SETS)
@pytest.mark.parametrize("playbook", PLAYBOOKS)
def test_a_playbook_is_walked_to_closure_through_the_engine(world: World, playbook: str, facts: str) -> None:
    walk_through_engine(world, playbook, FACT_SETS[facts])
    assert_engine_ended_well(world)

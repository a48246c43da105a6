"""Our kernel and simpy agree to the second on what both can model."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from playbooks.simulation.durations import Lognormal
from playbooks.simulation.model import Simulation
from playbooks.simulation.runs import Stage
from tests.harness.beside_simpy import Beside
from tests.harness.simulating import HOUR, simulation_of, step, story_of

PEOPLE = {"it": ("ada", "bo"), "forensics": ("cy",), "privacy": ("di",), "approver": ("ed", "flo", "gil")}
STEPS = (
    step("confirm", "it", 0.5),
    step("cut-off", "it", 1, after=["confirm"], approvals=["approver"]),
    step("keep", "forensics", 2, after=["confirm"]),
    step("image", "forensics", 8, after=["keep"]),
    step("scope", "forensics", 24, after=["cut-off", "keep"]),
    step("weigh", "privacy", 24, after=["confirm"], approvals=["approver", "approver"]),
    step("tell", "privacy", 12, after=["weigh"]),
    step("ask", "privacy", 4, after=["confirm"]),
    step("restore", "it", 24, after=["scope", "image"]),
    step("learn", "it", 120, after=["restore", "tell", "ask"]),
)


def crowded() -> Simulation:
    """Four incidents in one day for seven people."""
    story = story_of(*STEPS, count=4, after=Lognormal(2 * HOUR, 12 * HOUR))
    given = simulation_of(story, people=PEOPLE)
    return replace(given, paces=replace(given.paces, by_name={}), horizon=timedelta(days=366), seed=11)


@pytest.mark.parametrize("number", range(25))
def test_the_kernel_and_simpy_end_everything_at_the_same_instant(number: int) -> None:
    stage = Stage(crowded())
    ours = [life.ended for life in stage.run(number)]
    theirs = Beside(stage.given, stage).run(number)
    for one, other in zip(ours, theirs, strict=True):
        assert one == pytest.approx(other, abs=1e-3)

"""The simulation and the engine ask for the same steps at the same time, whatever order answers come in.

A lifetime is simulated; then the engine is given the same answers in that order, each at its instant. Before
each of them the same steps must be open in both, those that the law asks for beside the plan among them.
"""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from flows.reviewing import review_all
from playbooks.simulation.runs import Stage, course_of
from store.database import Store
from tests.harness.simulated import AS_PRESUMED, follow, law_of, open_steps, plan_in, simulation_of
from tests.harness.stocks import shipped
from tests.harness.sweeps import CAST_OF_TWO, FACT_SETS
from tests.harness.walks import begin_walk

PLAYBOOKS = sorted(path.stem for path in Path("playbooks/library").glob("*.yaml"))
SEED = 3
"""By this one nobody assesses the risk of phishing for two days: the law has the authority told meanwhile."""
OFTEN = {("data-exfiltration", "grave"), ("caller-impersonation", "grave")}
COURSES = [
    pytest.param(playbook, facts, marks=() if (playbook, facts) in OFTEN else pytest.mark.soak)
    for playbook in PLAYBOOKS
    for facts in FACT_SETS
]


@pytest.mark.parametrize(("playbook", "facts"), COURSES)
def test_the_engine_asks_for_the_same_steps_in_the_same_order(
    playbook: str, facts: str, sqlite_store: Store, tmp_path: Path
) -> None:
    walk = begin_walk(
        sqlite_store, tmp_path, title="t", alert="a", playbook=playbook, library=shipped(), cast=CAST_OF_TWO
    )
    walk.facts = {**FACT_SETS[facts], **AS_PRESUMED}
    stage = Stage(simulation_of(plan_in(walk), walk.facts, law_of(walk), seed=SEED))
    since, followed = 0.0, 0
    for ended in course_of(stage, 0):
        if ended.part == "deliver":  # an exercise's sink takes a notice at once
            continue
        walk.later(timedelta(seconds=max(ended.at - since, 0)))
        review_all(walk.house)  # as the watch does: what the law asks for by now is asked
        assert open_steps(walk) == ended.open, f"before {ended}"
        assert follow(walk, ended), f"not asked: {ended}"
        since, followed = ended.at, followed + 1
    optional = {step.id for step in plan_in(walk).steps if step.optional}
    assert {step for step, _ in open_steps(walk)} <= optional
    assert followed > len(plan_in(walk).steps) / 2

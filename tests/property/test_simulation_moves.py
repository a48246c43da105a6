"""The compiled plan moves as `decide_moves` does, whatever is answered in which order."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from playbooks.library import load_playbooks
from playbooks.plan import StepKey, StepState, apply_moves, decide_moves
from playbooks.simulation.compiled import DONE
from playbooks.simulation.lifetime import LIVE, Lifetime
from playbooks.simulation.model import Story
from playbooks.simulation.runs import Stage
from tests.harness.simulated import truth_of
from tests.harness.simulating import simulation_of
from tests.harness.sweeps import FACT_SETS

LIBRARY = load_playbooks()
STAGES = {
    (name, facts): Stage(simulation_of(Story(name, LIBRARY[name], truth_of(FACT_SETS[facts]))))
    for name in ("data-exfiltration", "ransomware", "vendor-breach")
    for facts in FACT_SETS
}


class Beside:
    """One lifetime and, beside it, the states as the engine's own moves make them."""

    def __init__(self, stage: Stage) -> None:
        script, number, seeded = next(stage.opening(0))
        self.life, self.plan = Lifetime(script, number, 0.0, seeded), script.plan
        self.states: dict[StepKey, StepState] = {}
        self.life.begin()
        self.move()

    def move(self) -> None:
        """Let the engine's moves happen on what is known."""
        life, plan = self.life, self.plan
        view = plan.view(plan.known_in(life.known), named=life.named)
        self.states = apply_moves(self.states, decide_moves(plan.plan, self.states, view))

    def end(self, node: int) -> None:
        """End an open step in both."""
        life, one = self.life, self.plan.nodes[node]
        self.states[StepKey(one.step.id, one.case, life.rounds[node])] = "done"
        if life.script.names_clients[node]:
            life.name_clients()
        life.become(node, DONE)
        life.state_facts(node, 1.0)
        if life.script.repeats[node]:
            life.dirty |= 1 << node
        life.settle()
        life.withdrawn.clear()
        self.move()

    def open(self) -> list[int]:
        """The nodes that are open in the lifetime."""
        return [node for node, state in enumerate(self.life.states) if state in LIVE]

    def is_same(self) -> bool:
        """Whether the same rounds are open, done and passed by in both."""
        life, nodes = self.life, self.plan.nodes
        ours = {(nodes[node].step.id, nodes[node].case, life.rounds[node]) for node in self.open()}
        theirs = {(key.step_id, key.case, key.round) for key, state in self.states.items() if state == "open"}
        return ours == theirs


@pytest.mark.parametrize("name", sorted({name for name, _ in STAGES}))
@given(facts=st.sampled_from(sorted(FACT_SETS)), order=st.randoms(use_true_random=False))
def test_the_same_steps_are_open_after_every_answer(name: str, facts: str, order: object) -> None:
    beside = Beside(STAGES[name, facts])
    assert beside.is_same()
    for _ in range(60):
        if not (still := beside.open()):
            break
        beside.end(order.choice(still))  # type: ignore[attr-defined]
        assert beside.is_same()

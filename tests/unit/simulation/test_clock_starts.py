"""When simulated clocks begin: with another's end, or with an instant that somebody states."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from playbooks.contracts import ContractTermView
from playbooks.models import Phase
from playbooks.places import place
from playbooks.simulation.durations import Fixed
from playbooks.simulation.model import CaseTruth, Law, Story, Truth
from playbooks.simulation.runs import simulate
from tests.harness.simulating import HOUR, simulation_of, step
from tests.unit.simulation.test_clocks import FACTS, NONE, PEOPLE, PLAN, RULES, clock, given


def test_a_clock_that_another_s_end_starts_runs_from_then_on() -> None:
    """In Malaysia the people are told after the commissioner was, by a notice of the first stage too."""
    there = frozenset({"MY"})
    record = CaseTruth({"our_role": "controller", "jurisdictions": there, "client_status": NONE})
    truth = Truth(
        {**FACTS, "significant_harm": True}, {"our_status": NONE, "jurisdictions": there}, {"A": record}
    )
    story = replace(
        given().stories[0],
        truth=truth,
        law=Law(tuple(RULES.values()), {}, dict.fromkeys((None, "A"), place("MY")), there),
    )
    life = simulate(simulation_of(story, people=PEOPLE)).stories[0]
    assert clock(life, "MY-PDPA-12B") == (72, 3, False)
    due_at, met, missed = clock(life, "MY-PDPA-12B-subjects")
    assert (due_at, missed) == (3 + 7 * 24 + 4, False)  # to the end of the seventh day there
    assert met == 5


@pytest.mark.parametrize(("own", "due_at"), [({}, 23), ({"discovered_at": -2 * HOUR}, 22)])
def test_a_clock_runs_from_an_instant_that_an_answer_states(own: dict[str, timedelta], due_at: float) -> None:
    asked = step("find", "commander", fields=[{"fact": "discovered_at", "required": True}])
    plan = PLAN.model_copy(
        update={"phases": (*PLAN.phases[:1], Phase(id="contain", steps=(asked,)), PLAN.phases[1])}
    )
    plan = PLAN.from_pinned(plan.model_dump_json(exclude_none=True))
    story = given().stories[0]
    case = replace(story.truth.cases["A"], instants=own)
    truth = replace(story.truth, cases={"A": case}, instants={**story.truth.instants, "discovered_at": -HOUR})
    law = replace(story.law, terms={"A": ContractTermView("A", 24, starts="discovered_at")})
    late = {"find": Fixed(5 * HOUR)}
    life = simulate(simulation_of(Story("one", plan, truth, law), people=PEOPLE, paces=late)).stories[0]
    assert clock(life, "CONTRACT")[0] == due_at
    assert clock(life, "CONTRACT")[2] is False

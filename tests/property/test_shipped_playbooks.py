"""What holds for every shipped playbook, whatever is answered and in whatever order."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from playbooks.facts import FactValue, FactView
from playbooks.library import load_playbooks
from playbooks.models import TRUNK, Playbook
from playbooks.order import all_before, prerequisites
from playbooks.plan import StepKey, StepState, apply_moves, decide_moves, open_work

PLAYBOOKS = load_playbooks()
ANSWERS: dict[str, st.SearchStrategy[FactValue]] = {
    "personal_data": st.booleans(),
    "encrypted": st.booleans(),
    "our_role": st.sampled_from(["controller", "processor"]),
    "risk": st.sampled_from(["unlikely", "likely", "high"]),
    "source_kind": st.sampled_from(["insider", "stolen_credential", "mistake"]),
}
every_playbook = pytest.mark.parametrize("plan", PLAYBOOKS.values(), ids=PLAYBOOKS)


@every_playbook
@given(st.fixed_dictionaries(ANSWERS), st.data())
def test_it_always_comes_to_its_end(plan: Playbook, known: dict[str, FactValue], data: Any) -> None:
    facts: dict[str, FactValue] = {}
    states: dict[StepKey, StepState] = {}
    while True:
        view = FactView(facts, {"example-retail": {}})
        states = apply_moves(states, decide_moves(plan, states, view))
        still = sorted((key for key, state in states.items() if state == "open"), key=str)
        if not still:
            break
        key = data.draw(st.sampled_from(still))
        states[key] = "done"
        asked = [field.fact for field in plan.step(key.step_id).fields]
        facts |= {name: value for name, value in known.items() if name in asked}
    assert open_work(plan, states, view) == ()


@every_playbook
def test_no_notice_waits_for_containment_or_forensics_and_nothing_waits_for_a_notice(plan: Playbook) -> None:
    waits = prerequisites(plan)
    for step in plan.steps:
        before = {plan.phase_of(other) for other in all_before(waits, step.id)}
        if plan.phase_of(step.id) == "notify":
            assert before <= {"detect", "triage", "notify"}
        else:
            assert "notify" not in before


@every_playbook
def test_it_tells_everything_a_responder_needs(plan: Playbook) -> None:
    assert {phase.id for phase in plan.phases} == {*TRUNK, "notify"}
    for step in plan.steps:
        assert step.kind == "automated" or (step.do_not and step.evidence), step.id
        assert step.kind != "manual" or any(field.required for field in step.fields), step.id


@every_playbook
def test_the_steps_that_laws_and_actions_count_on_are_there(plan: Playbook) -> None:
    client, authority = plan.step("tell-client"), plan.step("tell-authority")
    assert (client.kind, client.per, client.recipient) == ("notice", "case", "client_controller")
    assert (authority.kind, authority.per, authority.recipient) == ("notice", "case", "supervisory_authority")
    assert plan.step("snapshot-alert").action == "snapshot_alert"
    triage = {field.name for field in plan.step("triage").fields if field.required}
    assert triage >= {"clients", "personal_data", "jurisdictions", "our_role", "aware_at"}
    assert {"action_title", "action_owner", "action_due"} <= {
        field.name for field in plan.step("lessons").fields
    }
    assert any(step.approvals for step in plan.steps if plan.phase_of(step.id) == "contain")

"""What holds for every shipped playbook, whatever is answered and in whatever order."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from playbooks.documents import read_document
from playbooks.facts import UNKNOWN, FactValue, FactView
from playbooks.library import SHIPPED_PLAYBOOKS, load_playbooks
from playbooks.models import TRUNK, Playbook
from playbooks.order import all_before, prerequisites
from playbooks.plan import StepKey, StepState, apply_moves, decide_moves, open_work
from playbooks.soundness.groups import conditions_of
from playbooks.soundness.values import representatives
from playbooks.vocabulary import RECIPIENTS
from playbooks.wording import TLP

PLAYBOOKS = load_playbooks()
CONDITIONS = [one for plan in PLAYBOOKS.values() for step in plan.steps for one in conditions_of(step)]
ANSWERS = {name: st.sampled_from((*values, UNKNOWN)) for name, values in representatives(CONDITIONS).items()}
CASES = st.lists(st.sampled_from("ABC"), unique=True, max_size=3)
ALWAYS_THERE = {
    *("triage", "tell-client", "tell-authority", "tell-people"),
    *("snapshot-alert", "assess-risk", "lessons"),
}
every_playbook = pytest.mark.parametrize("plan", PLAYBOOKS.values(), ids=PLAYBOOKS)


class Walk:
    """An incident in which steps end in any order; facts come to be known as they are asked for."""

    def __init__(self, plan: Playbook, so: dict[str, FactValue], cases: list[str]) -> None:
        self.plan, self.so = plan, so
        self.facts: dict[str, FactValue] = {}
        self.cases: dict[str, dict[str, FactValue]] = {case: {} for case in cases}
        self.states: dict[StepKey, StepState] = {}

    @property
    def view(self) -> FactView:
        return FactView(self.facts, self.cases)

    def settle(self) -> list[StepKey]:
        """Make the moves that are due; return what is open."""
        self.states = apply_moves(self.states, decide_moves(self.plan, self.states, self.view))
        return sorted((key for key, state in self.states.items() if state == "open"), key=str)

    def end(self, key: StepKey) -> None:
        self.states[key] = "done"
        asked = {field.fact for field in self.plan.step(key.step_id).fields}
        told = self.facts if key.case is None else self.cases[key.case]
        told |= {name: value for name, value in self.so.items() if name in asked}

    def to_the_end(self, data: Any) -> None:
        """End what is open in any order; an offer is taken or left."""
        left: set[StepKey] = set()
        while still := [key for key in self.settle() if key not in left]:
            key = data.draw(st.sampled_from(still))
            if self.plan.step(key.step_id).optional and data.draw(st.booleans()):
                left.add(key)
            else:
                self.end(key)

    def left(self) -> set[str]:
        return {work.key.step_id for work in open_work(self.plan, self.states, self.view)}


@every_playbook
@settings(max_examples=20)
@given(st.fixed_dictionaries(ANSWERS), CASES, st.data())
def test_it_always_comes_to_its_end_once_what_was_unknown_is_stated(
    plan: Playbook, so: dict[str, FactValue], cases: list[str], data: Any
) -> None:
    walk = Walk(plan, so, cases)
    walk.to_the_end(data)
    waiting = {name for step in walk.left() for one in conditions_of(plan.step(step)) for name in one.names}
    behind = {step for step in walk.left() if set(prerequisites(plan)[step]) & walk.left()}
    assert not walk.left() - behind or any(so[name] is UNKNOWN for name in waiting)
    for name in waiting:  # whoever learns it states it, as the commander's form lets them
        known = representatives(CONDITIONS)[name]
        value = data.draw(st.sampled_from(known))
        walk.facts[name] = walk.so[name] = value
        walk.cases = {case: {**facts, name: value} for case, facts in walk.cases.items()}
    walk.to_the_end(data)
    assert walk.left() == set()


@every_playbook
@settings(max_examples=10)
@given(st.fixed_dictionaries(ANSWERS), CASES, st.data())
def test_a_step_that_repeats_is_asked_no_more_often_than_it_says(
    plan: Playbook, so: dict[str, FactValue], cases: list[str], data: Any
) -> None:
    walk = Walk(plan, so, cases)
    while still := walk.settle():
        walk.end(data.draw(st.sampled_from(still)))
    rounds = Counter((key.step_id, key.case) for key, state in walk.states.items() if state == "done")
    for (name, _), often in rounds.items():
        repeat = plan.step(name).repeat
        assert often <= (repeat.at_most if repeat else 1)


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
def test_nothing_waits_for_an_offer_and_either_of_two_is_enough_where_it_says_so(plan: Playbook) -> None:
    optional = {step.id for step in plan.steps if step.optional}
    waits = prerequisites(plan)
    assert all(optional.isdisjoint(waits[step.id]) for step in plan.steps)
    assert all(len(step.after) > 1 for step in plan.steps if step.join == "any")


@every_playbook
def test_it_says_what_it_is_for_who_keeps_it_and_how_long_it_holds(plan: Playbook) -> None:
    assert plan.kind == plan.id
    assert plan.summary is not None
    assert plan.summary.count(".") + plan.summary.count(":") >= 2
    assert plan.owner is not None
    assert plan.regimes
    assert plan.valid_from is not None
    assert plan.valid_until is not None
    assert plan.valid_from < plan.valid_until
    assert plan.last_tested is None
    assert plan.revoked is None


@every_playbook
def test_it_names_the_public_frameworks_it_rests_on(plan: Playbook) -> None:
    assert len(plan.sources) >= 3
    assert any("NIST" in source.name or "ISO" in source.name for source in plan.sources)
    assert all(source.link is None or source.link.startswith("https://") for source in plan.sources)


@every_playbook
def test_it_tells_everything_a_responder_needs(plan: Playbook) -> None:
    assert {phase.id for phase in plan.phases} == {*TRUNK, "notify"}
    assert len(plan.steps) >= 12
    for step in plan.steps:
        assert step.kind == "automated" or (step.do_not and step.evidence), step.id
        assert step.kind != "manual" or any(field.required for field in step.fields), step.id


@every_playbook
def test_a_restricted_one_is_marked_for_few(plan: Playbook) -> None:
    assert not plan.restricted or TLP.index(plan.tlp) >= TLP.index("amber+strict")


@every_playbook
def test_the_steps_that_laws_and_actions_count_on_are_there(plan: Playbook) -> None:
    assert {step.id for step in plan.steps} >= ALWAYS_THERE
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
    assert {step.recipient for step in plan.steps if step.recipient} <= set(RECIPIENTS)


@every_playbook
def test_what_another_playbook_lends_comes_under_its_prefix(plan: Playbook) -> None:
    written = read_document((SHIPPED_PLAYBOOKS / f"{plan.id}.yaml").read_bytes(), plan.id).data
    for sub in written.get("sub_playbooks", ()):
        taken = [step.id for step in plan.steps if step.id.startswith(f"{sub['prefix']}-")]
        lent = {step.id for step in PLAYBOOKS[sub["playbook"]].steps}
        assert taken, sub
        assert {name.removeprefix(f"{sub['prefix']}-") for name in taken} <= lent


def test_the_library_covers_what_a_floor_has_to_face() -> None:
    assert len(PLAYBOOKS) >= 16
    assert len({plan.title for plan in PLAYBOOKS.values()}) == len(PLAYBOOKS)
    assert {regime for plan in PLAYBOOKS.values() for regime in plan.regimes} >= {"gdpr", "hipaa", "pci"}
    assert any(plan.restricted for plan in PLAYBOOKS.values())

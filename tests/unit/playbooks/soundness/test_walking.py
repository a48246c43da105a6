"""Walking a plan: what counts as stuck, what waits for an answer, and that slices speak for the whole."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest

from playbooks.facts import UNKNOWN, FactValue, FactView
from playbooks.library import load_playbooks, read_playbook
from playbooks.models import Playbook
from playbooks.plan import Move, States, StepKey, StepState, apply_moves, decide_moves, open_work
from playbooks.soundness import soundness_of, walking
from playbooks.soundness.endings import endings_of
from playbooks.soundness.groups import ROUNDS_LOOKED_AT, groups_of
from playbooks.soundness.walking import walk
from playbooks.soundness.worlds import Cast, casts_of

HEAD = """\
id: walked
version: "1"
title: T
neutral_title: T
kind: walked
phases:
  - id: detect
    steps:
"""
LIBRARY = load_playbooks()


def plan_of(*steps: str) -> Playbook:
    told = "kind: manual, role: it, target: 1h, instructions: x, do_not: [y], evidence: [z]"
    lines = [f"      - {{{step.replace('fields:', f'{told}, title: T, fields:')}}}" for step in steps]
    return read_playbook(HEAD + "\n".join(lines) + "\n", "p.yaml")


def faults_of(plan: Playbook) -> list[str]:
    return [one.what for one in endings_of(plan).findings if one.weight == "fault"]


ASKED = "id: ask, fields: [{fact: encrypted, required: true}]"
NOTED = "fields: [{id: note, type: text, label: N, required: true}]"


def test_an_answer_still_owed_holds_a_step_up_but_is_no_deadlock() -> None:
    assert faults_of(plan_of(ASKED, f"id: act, when: encrypted, after: [ask], {NOTED}")) == []


def test_a_fact_that_nobody_has_to_answer_is_one() -> None:
    plan = plan_of(ASKED.replace(", required: true", ""), f"id: act, when: encrypted, after: [ask], {NOTED}")
    (fault,) = faults_of(plan)
    assert fault.startswith("`act` may wait for ever for `encrypted`")


def test_a_step_that_opens_while_unknown_is_never_stuck() -> None:
    plan = plan_of(
        ASKED.replace(", required: true", ""),
        f"id: act, when: encrypted, if_unknown: open, after: [ask], {NOTED}",
    )
    assert faults_of(plan) == []


def test_any_of_two_ways_that_exclude_each_other_is_enough() -> None:
    plan = plan_of(
        ASKED,
        f"id: one, when: encrypted, after: [ask], {NOTED}",
        f"id: other, when: not encrypted, after: [ask], {NOTED}",
        f"id: then, after: [one, other], join: any, {NOTED}",
    )
    assert soundness_of(plan).findings == ()


def test_a_step_behind_a_stuck_one_is_not_told_again() -> None:
    plan = plan_of(
        ASKED.replace(", required: true", ""),
        f"id: act, when: encrypted, after: [ask], {NOTED}",
        f"id: then, after: [act], {NOTED}",
        f"id: last, when: encrypted, after: [act], {NOTED}",
    )
    assert len(faults_of(plan)) == 1


def test_a_repeating_step_ends_after_its_rounds_whatever_is_said() -> None:
    plan = plan_of(ASKED, f"id: look, after: [ask], repeat: {{until: contained, at_most: 400}}, {NOTED}")
    assert faults_of(plan) == []
    (group,) = [one for one in groups_of(plan) if one.facts == ("contained",)]
    assert group.slice.step("look").repeat.at_most == ROUNDS_LOOKED_AT  # type: ignore[union-attr]


def test_facts_that_have_nothing_to_do_with_each_other_are_looked_at_apart() -> None:
    plan = plan_of(
        "id: ask, fields: [{fact: encrypted, required: true}, {fact: contained, required: true}]",
        f"id: one, when: encrypted, after: [ask], {NOTED}",
        f"id: two, when: contained, after: [ask], {NOTED}",
    )
    assert [group.facts for group in groups_of(plan)] == [("contained",), ("encrypted",), ()]


def test_a_fact_that_is_not_surely_asked_brings_what_decides_whether_it_is() -> None:
    plan = plan_of(
        ASKED,
        "id: more, when: encrypted, after: [ask], fields: [{fact: contained, required: true}]",
        f"id: two, when: contained, after: [more], {NOTED}",
    )
    assert [group.facts for group in groups_of(plan)] == [("contained", "encrypted"), ()]


def test_no_case_one_and_two_that_differ_are_cast() -> None:
    group = next(one for one in groups_of(LIBRARY["phishing"]) if "risk" in one.facts)
    casts = casts_of(group)
    assert casts is not None
    assert {len(cast.cases) for cast in casts} == {0, 1, 2}
    assert all(cast.cases["A"] != cast.cases["B"] for cast in casts if len(cast.cases) == 2)
    assert any(UNKNOWN in cast.incident.values() for cast in casts)


def told_whole(plan: Playbook, cast: Cast, known: dict[str, FactValue]) -> set[str]:
    """Walk the whole plan, all other facts known from the start; return the steps that are left."""
    states: dict[StepKey, StepState] = {}
    view = FactView({**known, **cast.incident}, cast.cases)
    while True:
        states = apply_moves(states, decide_moves(plan, states, view))
        still = [
            key for key, state in states.items() if state == "open" and not plan.step(key.step_id).optional
        ]
        if not still:
            return {work.key.step_id for work in open_work(plan, states, view)}
        states |= dict.fromkeys(still, "done")


@pytest.mark.parametrize("name", ["data-exfiltration", "ransomware", "mailbox-compromise", "vendor-breach"])
def test_what_holds_of_the_slices_holds_of_the_whole_plan(name: str) -> None:
    """Whole plans, with everything known that the slices' worlds say, come to their end as the slices do."""
    plan: Any = LIBRARY[name]
    worlds = [
        [
            cast
            for cast in casts_of(group) or ()
            if UNKNOWN not in cast.incident.values() and len(cast.cases) == 1
        ][:3]
        for group in groups_of(plan)
        if group.facts
    ]
    for several in list(product(*worlds))[:200]:
        known = {key: value for cast in several for key, value in cast.incident.items()}
        assert told_whole(plan, Cast(known, {"A": known}), {}) == set()


def test_an_answer_owed_for_a_client_counts_for_what_looks_at_all_clients() -> None:
    """Told apart from the same fact read for the incident, which no client's answer ever states."""
    more = "id: more, per: case, after: [ask], fields: [{fact: contained, required: true}]"
    of_clients = plan_of(ASKED, more, f"id: act, when: any(case.contained), after: [more], {NOTED}")
    of_incident = plan_of(ASKED, more, f"id: act, when: contained, after: [more], {NOTED}")
    assert stuck_with_clients(of_clients) == {}
    assert stuck_with_clients(of_incident) == {"act": frozenset({"contained"})}
    (without_clients,) = faults_of(of_clients)
    assert without_clients.startswith("`act` may wait for ever for `contained`")


def stuck_with_clients(plan: Playbook) -> dict[str, frozenset[str]]:
    group = next(one for one in groups_of(plan) if one.facts)
    return walk(group.slice, [cast for cast in casts_of(group) or () if cast.cases]).stuck


def test_a_step_stuck_for_one_client_is_found_beside_another_that_only_waits() -> None:
    plan = plan_of(
        "id: ask, fields: [{fact: personal_data, required: true}]",
        "id: more, per: case, when: personal_data, after: [ask], fields: [{fact: encrypted, required: true}]",
        f"id: act, per: case, when: encrypted, if_unknown: wait, after: [more], {NOTED}",
    )
    (group, _) = groups_of(plan)
    one: dict[str, FactValue] = {"personal_data": False, "encrypted": True}
    other: dict[str, FactValue] = {"personal_data": True, "encrypted": UNKNOWN}
    for cases in ({"A": one, "B": other}, {"A": other, "B": one}):
        assert walk(group.slice, [Cast(one, cases)]).stuck == {"act": frozenset({"encrypted"})}


def test_a_step_that_the_engine_itself_would_forget_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """The plan is driven by the code that carries it out, so that a fault there would show too."""

    def forgetful(plan: Playbook, states: States, view: FactView) -> tuple[Move, ...]:
        return tuple(move for move in decide_moves(plan, states, view) if move.key.step_id != "then")

    plan = plan_of(ASKED, f"id: then, after: [ask], {NOTED}")
    group = next(one for one in groups_of(plan) if not one.facts)
    assert walk(group.slice, [Cast({})]).stuck == {}
    monkeypatch.setattr(walking, "decide_moves", forgetful)
    assert walk(group.slice, [Cast({})]).stuck == {"then": frozenset()}


def test_an_answer_that_may_be_taken_back_before_it_is_given_is_not_relied_on() -> None:
    """`more` stands open while nobody knows: what `ask` tells takes it back, and its fact is never told."""
    plan = plan_of(
        ASKED,
        "id: more, when: encrypted, if_unknown: open, fields: [{fact: contained, required: true}]",
        f"id: then, when: contained, after: [ask, more], {NOTED}",
    )
    (fault,) = faults_of(plan)
    assert fault.startswith("`then` may wait for ever for `contained`")


def test_what_a_repeating_step_asks_is_asked_whatever_ends_its_rounds() -> None:
    plan = plan_of(
        "id: ask, repeat: {until: contained, at_most: 4}, fields: [{fact: encrypted, required: true}]",
        f"id: act, when: encrypted, after: [ask], {NOTED}",
    )
    assert faults_of(plan) == []


def test_what_waits_behind_a_step_of_no_client_waits_for_what_that_waits_for() -> None:
    plan = plan_of(
        ASKED,
        f"id: one, when: encrypted, after: [ask], {NOTED}",
        f"id: each, per: case, when: encrypted, if_unknown: open, after: [one], {NOTED}",
        "id: last, after: [each], fields: [{fact: encrypted}]",
    )
    assert faults_of(plan) == []


def test_what_begins_with_any_of_two_is_not_begun_by_what_a_step_of_no_client_waited_for() -> None:
    plan = plan_of(
        ASKED,
        f"id: one, when: encrypted, after: [ask], {NOTED}",
        f"id: other, when: encrypted, if_unknown: open, after: [one], {NOTED}",
        f"id: each, per: case, when: encrypted, after: [ask], {NOTED}",
        "id: last, after: [other, each], join: any, fields: [{fact: encrypted}]",
    )
    assert faults_of(plan) == []

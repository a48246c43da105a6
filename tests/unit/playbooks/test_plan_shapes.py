"""What the plan asks for next, on small playbooks of particular shapes."""

from __future__ import annotations

from playbooks.facts import FactView
from playbooks.library import read_playbook
from playbooks.models import Playbook
from playbooks.plan import Open, Reopen, Skip, StepKey, StepState, decide_moves

STEP = "{{id: {id}, title: T, kind: manual, role: it, target: 1h, instructions: Do it.{more}}}"


def small(**phases: list[tuple[str, str]]) -> Playbook:
    lines = ["id: p", 'version: "1"', "title: t", "neutral_title: t", "kind: k", "phases:"]
    for phase, steps in phases.items():
        lines += [f"  - id: {phase}", "    steps:"]
        lines += ["      - " + STEP.format(id=step, more=more) for step, more in steps]
    return read_playbook("\n".join(lines), "p.yaml")


def test_a_phase_of_steps_per_case_lets_nothing_pass_before_its_own_turn() -> None:
    plan = small(detect=[("a", "")], triage=[("b", ", per: case")], contain=[("c", "")])
    assert decide_moves(plan, {}, FactView()) == (Open(StepKey("a")),)
    assert decide_moves(plan, {StepKey("a"): "done"}, FactView()) == (Open(StepKey("c")),)


def test_a_case_waits_for_its_own_steps_and_the_incident_for_those_of_every_case() -> None:
    plan = small(
        detect=[("a", ", per: case")], triage=[("b", ", per: case, after: [a]"), ("c", ", after: [a]")]
    )
    view = FactView(cases={"x": {}, "y": {}})
    half: dict[StepKey, StepState] = {StepKey("a", "x"): "done", StepKey("a", "y"): "open"}
    assert decide_moves(plan, half, view) == (Open(StepKey("b", "x")),)
    half[StepKey("a", "y")] = "done"
    assert set(decide_moves(plan, half, view)) == {
        Open(StepKey(*key)) for key in [("b", "x"), ("b", "y"), ("c",)]
    }


def test_one_pass_settles_a_chain_of_skipped_steps() -> None:
    plan = small(
        detect=[("ask", ", fields: [{fact: encrypted}]")],
        triage=[("a", ", when: encrypted")],
        contain=[("b", ", when: encrypted")],
        recover=[("c", "")],
    )
    moves = decide_moves(plan, {StepKey("ask"): "done"}, FactView({"encrypted": False}))
    assert moves == (
        Skip(StepKey("a"), "not true: encrypted"),
        Skip(StepKey("b"), "not true: encrypted"),
        Open(StepKey("c")),
    )


def test_a_reopened_step_holds_back_what_has_not_opened_and_leaves_what_has() -> None:
    plan = small(
        detect=[("ask", ", fields: [{fact: encrypted}]")],
        triage=[("a", ", when: encrypted")],
        contain=[("b", "")],
    )
    states: dict[StepKey, StepState] = {StepKey("ask"): "done", StepKey("a"): "skipped"}
    view = FactView({"encrypted": True})
    reopened = (Reopen(StepKey("a", round=2), "true now: encrypted"),)
    assert decide_moves(plan, states, view) == reopened
    assert decide_moves(plan, {**states, StepKey("b"): "open"}, view) == reopened


def test_a_step_comes_back_only_after_what_it_waits_for_has_come_back_and_ended() -> None:
    plan = small(
        detect=[("ask", ", fields: [{fact: encrypted}]")],
        triage=[("a", ", when: encrypted"), ("b", ", when: encrypted, after: [a]")],
    )
    states: dict[StepKey, StepState] = {
        StepKey("ask"): "done",
        StepKey("a"): "skipped",
        StepKey("b"): "skipped",
    }
    view = FactView({"encrypted": True})
    assert [move.key for move in decide_moves(plan, states, view)] == [StepKey("a", round=2)]
    states[StepKey("a", round=2)] = "done"
    assert [move.key for move in decide_moves(plan, states, view)] == [StepKey("b", round=2)]


def test_cases_are_opened_in_the_order_of_their_references() -> None:
    plan = small(detect=[("a", ", per: case")])
    moves = decide_moves(plan, {}, FactView(cases={"y": {}, "x": {}}))
    assert [move.key.case for move in moves] == ["x", "y"]

"""Steps that join any of several, are optional, or repeat."""

from __future__ import annotations

from typing import Any

from playbooks.facts import FactValue, FactView
from playbooks.models import Playbook
from playbooks.plan import Reopen, StepKey, StepState, Withdraw, apply_moves, decide_moves, open_work

CASES: dict[str, dict[str, FactValue]] = {"A": {}, "B": {}}


def step(name: str, **more: Any) -> dict[str, Any]:
    said = {
        "id": name,
        "title": name,
        "kind": "manual",
        "role": "it",
        "target": "1h",
        "instructions": "Do it.",
    }
    return said | more


def plan(**phases: list[dict[str, Any]]) -> Playbook:
    told = [{"id": name, "steps": steps} for name, steps in phases.items()]
    return Playbook.model_validate(
        {"id": "p", "version": "1", "title": "t", "neutral_title": "t", "kind": "k", "phases": told}
    )


class Walk:
    def __init__(self, playbook: Playbook, cases: dict[str, dict[str, FactValue]] | None = None) -> None:
        self.plan, self.cases = playbook, cases or {}
        self.facts: dict[str, FactValue] = {}
        self.states: dict[StepKey, StepState] = {}
        self.settle()

    def settle(self) -> None:
        self.moves = decide_moves(self.plan, self.states, FactView(self.facts, self.cases))
        self.states = apply_moves(self.states, self.moves)

    def end(self, name: str, case: str | None = None) -> None:
        key = next(k for k, s in self.states.items() if (k.step_id, k.case, s) == (name, case, "open"))
        self.states[key] = "done"
        self.settle()

    def know(self, **facts: FactValue) -> None:
        self.facts |= facts
        self.settle()

    @property
    def open(self) -> list[str]:
        return sorted(
            f"{k.step_id}{f'@{k.case}' if k.case else ''}{f'/{k.round}' if k.round > 1 else ''}"
            for k, s in self.states.items()
            if s == "open"
        )

    @property
    def left(self) -> list[str]:
        return [w.key.step_id for w in open_work(self.plan, self.states, FactView(self.facts, self.cases))]


def test_a_step_that_joins_any_opens_when_the_first_of_them_is_done() -> None:
    walk = Walk(plan(detect=[step("left"), step("right"), step("next", after=["left", "right"], join="any")]))
    assert walk.open == ["left", "right"]
    walk.end("right")
    assert walk.open == ["left", "next"]


def test_one_that_was_ruled_out_is_not_one_that_was_done() -> None:
    walk = Walk(
        plan(
            detect=[
                step("left", when="personal_data", if_unknown="open"),
                step("right"),
                step("next", after=["left", "right"], join="any"),
            ]
        )
    )
    walk.know(personal_data=False)
    assert walk.open == ["right"], "the left one was withdrawn, not done"
    walk.end("right")
    assert walk.open == ["next"]


def test_where_all_of_them_are_ruled_out_the_step_is_not_lost() -> None:
    ruled_out = {"when": "personal_data", "if_unknown": "open"}
    walk = Walk(
        plan(
            detect=[
                step("left", **ruled_out),
                step("right", **ruled_out),
                step("next", after=["left", "right"], join="any"),
            ]
        )
    )
    walk.know(personal_data=False)
    assert walk.open == ["next"]


def test_nothing_waits_for_an_optional_step_and_closing_neither() -> None:
    walk = Walk(plan(detect=[step("must"), step("may", optional=True)], triage=[step("sort")]))
    walk.end("must")
    assert walk.open == ["may", "sort"]
    walk.end("sort")
    assert (walk.open, walk.left) == (["may"], [])


def test_a_phase_of_optional_steps_alone_holds_nothing_back() -> None:
    walk = Walk(plan(detect=[step("must")], triage=[step("may", optional=True)], contain=[step("act")]))
    assert walk.open == ["must"]
    walk.end("must")
    assert walk.open == ["act", "may"]


def test_a_step_repeats_until_its_condition_is_true_and_holds_back_what_follows() -> None:
    walk = Walk(
        plan(contain=[step("look", repeat={"until": "contained", "at_most": 5})], recover=[step("mend")])
    )
    walk.end("look")
    assert walk.open == ["look/2"]
    walk.know(contained=False)
    walk.end("look")
    assert walk.open == ["look/3"]
    walk.know(contained=True)
    assert Withdraw(StepKey("look", None, 3), "true now: contained") in walk.moves
    assert walk.open == ["mend"]


def test_the_first_round_is_asked_even_where_the_condition_is_true_already() -> None:
    walk = Walk(
        plan(detect=[step("ask")], contain=[step("look", repeat={"until": "contained", "at_most": 5})])
    )
    walk.know(contained=True)
    walk.end("ask")
    assert walk.open == ["look"]
    walk.end("look")
    assert (walk.open, walk.left) == ([], [])


def test_a_step_that_may_repeat_twice_is_asked_twice() -> None:
    walk = Walk(plan(contain=[step("look", repeat={"until": "contained", "at_most": 2})]))
    walk.end("look")
    walk.end("look")
    assert (walk.open, walk.left) == ([], [])


def test_a_round_taken_back_comes_again_when_the_condition_turns() -> None:
    walk = Walk(plan(contain=[step("look", repeat={"until": "contained", "at_most": 9})]))
    walk.end("look")
    walk.know(contained=True)
    assert walk.open == []
    walk.know(contained=False)
    assert walk.open == ["look/3"]
    assert walk.moves == (Reopen(StepKey("look", None, 3), "asked again until contained"),)


def test_every_case_repeats_for_itself() -> None:
    walk = Walk(
        plan(contain=[step("look", per="case", repeat={"until": "contained", "at_most": 3})]),
        {case: dict(facts) for case, facts in CASES.items()},
    )
    walk.end("look", "A")
    assert walk.open == ["look@A/2", "look@B"]
    walk.cases["A"] = {"contained": True}
    walk.settle()
    assert walk.open == ["look@B"]


def test_a_round_in_approval_is_taken_back_when_the_condition_turns() -> None:
    walk = Walk(plan(contain=[step("look", repeat={"until": "contained", "at_most": 3})]))
    walk.end("look")
    walk.states[StepKey("look", None, 2)] = "approving"
    walk.know(contained=True)
    assert walk.states[StepKey("look", None, 2)] == "withdrawn"

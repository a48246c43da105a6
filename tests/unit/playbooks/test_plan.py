"""What the plan asks for next, walked through a shipped playbook."""

from __future__ import annotations

from collections.abc import Mapping

from playbooks.facts import FactValue, FactView
from playbooks.library import load_playbooks
from playbooks.models import Playbook
from playbooks.plan import (
    Open,
    Reopen,
    StepKey,
    StepState,
    Withdraw,
    apply_moves,
    decide_moves,
    open_work,
)

EXFILTRATION = load_playbooks()["data-exfiltration"]
TRIAGED: dict[str, FactValue] = {
    "personal_data": True,
    "data_categories": frozenset({"contact"}),
    "our_role": "processor",
    "source_kind": "stolen_credential",
}


class Walk:
    """An incident walked by hand: end steps, state facts, see what stands open."""

    def __init__(self, plan: Playbook) -> None:
        self.plan = plan
        self.states: dict[StepKey, StepState] = {}
        self.facts: dict[str, FactValue] = {}
        self.cases: dict[str, Mapping[str, FactValue]] = {}
        self.moves = self.settle()

    @property
    def view(self) -> FactView:
        return FactView(self.facts, self.cases)

    def settle(self) -> tuple[object, ...]:
        self.moves = decide_moves(self.plan, self.states, self.view)
        self.states = apply_moves(self.states, self.moves)
        return self.moves

    def end(self, *ids: str) -> None:
        for key in [key for key in self.states if key.step_id in ids and self.states[key] == "open"]:
            self.states[key] = "done"
        self.settle()

    def know(self, case: str | None = None, /, **facts: FactValue) -> None:
        if case is None:
            self.facts |= facts
        else:
            self.cases[case] = {**self.cases.get(case, {}), **facts}
        self.settle()

    @property
    def open(self) -> set[str]:
        return {
            key.step_id + (f"@{key.case}" if key.case else "")
            for key, state in self.states.items()
            if state in ("open", "approving")
        }


def triaged() -> Walk:
    walk = Walk(EXFILTRATION)
    walk.end("confirm-alert", "preserve-logs")
    walk.facts |= TRIAGED
    walk.cases["example-retail"] = {}
    walk.end("triage")
    return walk


def test_an_incident_begins_with_detection() -> None:
    assert Walk(EXFILTRATION).moves == (Open(StepKey("confirm-alert")), Open(StepKey("preserve-logs")))


def test_a_phase_waits_for_all_of_the_phase_before_it() -> None:
    walk = Walk(EXFILTRATION)
    walk.end("confirm-alert")
    assert walk.open == {"preserve-logs", "snapshot-alert", "collect-observables"}
    walk.end("preserve-logs")
    assert "triage" in walk.open


def test_notices_start_beside_containment_and_wait_for_no_forensics() -> None:
    assert triaged().open == {
        "snapshot-alert",
        "collect-observables",
        "propose-hypotheses",
        "disable-account",
        "close-route",
        "assess-risk",
        "tell-client@example-retail",
    }


def test_what_a_false_condition_passes_by_is_told() -> None:
    walk = triaged()
    assert walk.states[StepKey("restrict-circle")] == "skipped"
    assert walk.states[StepKey("tell-authority", "example-retail")] == "skipped"


def test_an_unknown_fact_opens_a_notice_and_holds_what_waits() -> None:
    walk = triaged()
    walk.know("self", our_role="controller")
    assert "tell-authority@self" in walk.open
    assert StepKey("tell-people", "self") not in walk.states


def test_a_notice_is_withdrawn_when_the_facts_no_longer_ask_and_comes_back_when_they_do() -> None:
    walk = triaged()
    walk.know("self", our_role="controller")
    walk.know(risk="unlikely")
    withdrawn = StepKey("tell-authority", "self")
    assert Withdraw(
        withdrawn, 'no longer true: our_role == "controller" and personal_data and risk != "unlikely"'
    ) in (walk.moves)
    walk.know(risk="high")
    again = StepKey("tell-authority", "self", round=2)
    assert any(isinstance(move, Reopen) and move.key == again for move in walk.moves)
    assert walk.states[again] == "open"
    assert walk.states[withdrawn] == "withdrawn"
    assert "tell-people@self" in walk.open


def test_an_approval_in_progress_is_withdrawn_too() -> None:
    walk = triaged()
    walk.states[StepKey("assess-risk")] = "approving"
    walk.know(personal_data=False)
    assert walk.states[StepKey("assess-risk")] == "withdrawn"


def test_what_is_done_stays_done() -> None:
    walk = triaged()
    walk.end("assess-risk")
    walk.know(personal_data=False)
    assert walk.states[StepKey("assess-risk")] == "done"


def test_a_client_found_late_gets_its_own_steps() -> None:
    walk = triaged()
    walk.end("tell-client")
    walk.know("example-bank")
    assert "tell-client@example-bank" in walk.open
    assert walk.states[StepKey("tell-client", "example-retail")] == "done"


def test_a_case_taken_out_takes_its_open_steps_with_it_and_brings_them_back() -> None:
    walk = triaged()
    facts = walk.cases.pop("example-retail")
    walk.settle()
    assert "tell-client@example-retail" not in walk.open
    assert walk.settle() == ()
    walk.cases["example-retail"] = facts
    walk.settle()
    assert walk.states[StepKey("tell-client", "example-retail", 2)] == "open"


def test_nothing_but_closing_waits_for_a_notice() -> None:
    walk = triaged()
    walk.end("disable-account", "close-route", "snapshot-alert", "collect-observables")
    walk.end("propose-hypotheses")
    walk.end("name-accounts", "weigh-hypotheses")
    walk.end("reconstruct-access", "find-cause")
    walk.end("propose-scope")
    walk.end("establish-scope")
    walk.end("restore-access")
    walk.end("post-status")
    walk.end("lessons")
    assert walk.open == {"assess-risk", "tell-client@example-retail"}
    assert open_work(walk.plan, walk.states, walk.view)
    assert {(work.key.step_id, work.why) for work in open_work(walk.plan, walk.states, walk.view)} == {
        ("assess-risk", "not answered yet"),
        ("tell-client", "not answered yet"),
    }
    walk.end("assess-risk", "tell-client")
    assert not open_work(walk.plan, walk.states, walk.view)


def test_a_refused_closing_says_what_each_step_waits_for() -> None:
    walk = triaged()
    walk.know("self", our_role="controller")
    walk.states[StepKey("close-route")] = "approving"
    walk.states[StepKey("added-by-commander")] = "open"
    why = {work.key.step_id: work.why for work in open_work(walk.plan, walk.states, walk.view)}
    assert why["close-route"] == "not approved yet"
    assert why["tell-people"] == "nobody has stated risk"
    assert why["lessons"] == "waits for restore-access, post-status"
    assert why["added-by-commander"] == "added by hand, not answered yet"


def test_a_step_the_facts_ask_for_again_hinders_closing_before_it_is_reopened() -> None:
    walk = triaged()
    states: dict[StepKey, StepState] = {
        StepKey(step.id, "example-retail" if step.per == "case" else None): "done"
        for step in EXFILTRATION.steps
    }
    states[StepKey("tell-client", "example-retail")] = "skipped"
    assert [work.key.round for work in open_work(EXFILTRATION, states, walk.view)] == [2]

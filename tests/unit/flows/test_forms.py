"""What a form asks, as Prefect's server and both UIs see it, and how its answer is read."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

import pytest

from flows.forms import CODE, INSTANT, FormSpec, Given, build_form, read_fields
from playbooks.errors import Refused
from playbooks.fact_types import UNKNOWN
from playbooks.library import load_playbooks
from playbooks.models import Field, Playbook, Step

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
CONFIRMED = Field(fact="incident_confirmed", required=True)
DETECTED = Field(fact="detected_at", required=True)
PEOPLE = Field(fact="people_affected", required=True)
CLIENTS = Field(id="clients", type="clients", label="Which clients?", required=True)
WORDS = Field(id="words", type="text", label="In which words?")
# The second UI takes an answer for a schema where a field bears one of these names.
UNFIT = {"type", "required", "enum", "items", "properties", "pattern", "const", "not", "format", "default"}
STEPS = [
    pytest.param(step, id=f"{playbook.id}/{step.id}")
    for playbook in load_playbooks(()).values()
    for step in playbook.steps
]


def spec(*fields: Field, **more: Any) -> FormSpec:
    usual: dict[str, Any] = {
        "responders": ("it-1", "it-2"),
        "decisions": {"done": "it is done", "not_applicable": "it does not apply"},
        "needs_reason": frozenset({"not_applicable"}),
    }
    return FormSpec(fields=fields, **(usual | more))


def schema(*fields: Field, **more: Any) -> dict[str, Any]:
    return build_form(spec(*fields, **more)).model_json_schema()


def given(decision: str = "done", reason: str = "", **values: Any) -> Given:
    return Given("it-1", "123456", decision, reason, values, NOON)


def test_who_answers_by_which_code_and_what_they_decide_have_no_default() -> None:
    asked = schema()
    assert {"responder", "code", "decision"} <= set(asked["required"])
    assert asked["properties"]["responder"]["enum"] == ["it-1", "it-2"]
    assert asked["properties"]["decision"]["enum"] == ["done", "not_applicable"]


def test_one_choice_stays_a_choice_that_can_be_made() -> None:
    only = schema(responders=("it-1",))["properties"]["responder"]
    assert (only["enum"], "const" in only) == (["it-1"], False)


@pytest.mark.parametrize("step", STEPS)
def test_every_form_of_the_library_can_be_filled_in_and_not_sent_empty(step: Step) -> None:
    asked = schema(*step.fields, clients=("client-7",))
    assert asked["required"]
    assert not UNFIT & asked["properties"].keys()
    assert "const" not in str(asked)


def test_what_was_wrong_is_said_at_the_first_field() -> None:
    assert schema(heads_up="Not accepted: x")["properties"]["responder"]["description"] == "Not accepted: x"


def test_a_question_that_must_be_answered_may_be_answered_with_unknown() -> None:
    confirmed = schema(CONFIRMED)
    assert "incident_confirmed" in confirmed["required"]
    assert confirmed["properties"]["incident_confirmed"]["enum"] == ["yes", "no", "unknown"]
    assert read_fields(spec(CONFIRMED), given(incident_confirmed="unknown"), NOON).facts == {
        "incident_confirmed": UNKNOWN
    }


def test_clients_are_a_list_to_choose_from_filled_with_those_already_known() -> None:
    asked = schema(CLIENTS, clients=("client-7", "client-8"), initial={"clients": ["client-7"]})
    assert asked["properties"]["clients"]["items"]["enum"] == ["client-7", "client-8"]
    assert asked["properties"]["clients"]["default"] == ["client-7"]


@pytest.mark.parametrize(
    "text", ["2026-03-01T14:05Z", "2026-03-01T14:05:09+02:00", "2026-03-01 14:05-0500", "unknown", ""]
)
def test_an_instant_with_its_offset_unknown_or_left_empty_passes_the_form(text: str) -> None:
    assert re.search(INSTANT, text)


@pytest.mark.parametrize("text", ["2026-03-01T14:05", "yesterday", "14:05"])
def test_an_instant_without_its_offset_does_not(text: str) -> None:
    assert not re.search(INSTANT, text)


@pytest.mark.parametrize(
    ("code", "passes"), [("123456", True), (" 123 456 ", True), ("12345", False), ("12345a", False)]
)
def test_a_code_has_six_digits_with_or_without_a_space(code: str, passes: bool) -> None:
    assert bool(re.search(CODE, code)) is passes


def test_an_answer_is_read_into_facts_of_the_dictionary_and_details_of_the_step() -> None:
    filled = read_fields(
        spec(DETECTED, CLIENTS, WORDS),
        given(detected_at="2026-03-02T11:00Z", clients=["client-7"], words="In plain ones."),
        NOON,
    )
    assert filled.facts == {"detected_at": datetime(2026, 3, 2, 11, 0, tzinfo=UTC)}
    assert filled.details == {"clients": frozenset({"client-7"}), "words": "In plain ones."}


def test_every_fault_of_an_answer_is_told_at_once() -> None:
    wrong = given(detected_at="2026-13-45T25:00Z", people_affected="lots")
    with pytest.raises(Refused) as told:
        read_fields(spec(DETECTED, PEOPLE, CONFIRMED), wrong, NOON)
    for about in (DETECTED.label, PEOPLE.label, CONFIRMED.label):
        assert about in str(told.value)
    assert "lots" not in str(told.value), "Slack and Prefect see a refusal: it quotes nothing"


def test_a_text_may_stay_empty_unless_it_must_be_answered() -> None:
    assert read_fields(spec(WORDS), given(words=""), NOON).details == {}
    must = WORDS.model_copy(update={"required": True})
    with pytest.raises(Refused, match=r"In which words.*answer it"):
        read_fields(spec(must), given(words=""), NOON)


def test_not_to_do_a_step_needs_a_reason_and_no_other_answer() -> None:
    assert read_fields(spec(DETECTED), given("not_applicable", "There is none."), NOON).facts == {}
    with pytest.raises(Refused, match="this decision needs a reason"):
        read_fields(spec(DETECTED), given("not_applicable", "  "), NOON)


def test_a_decision_that_was_not_offered_is_refused() -> None:
    with pytest.raises(Refused, match="no such decision"):
        read_fields(spec(), given("approve"), NOON)


def test_an_instant_to_come_is_no_fact_of_the_past() -> None:
    with pytest.raises(Refused, match="it lies ahead"):
        read_fields(spec(DETECTED), given(detected_at="2027-01-01T00:00Z"), NOON)


def test_the_library_has_playbooks_to_try() -> None:
    assert {"data-exfiltration", "misdirected-message"} <= load_playbooks(()).keys()
    assert all(isinstance(playbook, Playbook) for playbook in load_playbooks(()).values())

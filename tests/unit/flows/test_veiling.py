"""The forms of a restricted incident tell nothing of what its playbook asks."""

from __future__ import annotations

from typing import Any

import pytest

from flows.forms import FormSpec, Given, build_form, read_fields
from flows.veiling import numbered, unveil_values, veil_values, veiled_form
from playbooks.errors import Refused
from playbooks.models import Field
from tests.harness.desks import NOON

ACCUSED = Field.model_validate(
    {
        "id": "accused",
        "type": "choice",
        "label": "Whom do we suspect?",
        "help": "The colleague, by role",
        "choices": {"leader": "A team leader", "agent": "An agent"},
        "required": True,
    }
)
HEARD = Field.model_validate({"id": "heard", "type": "text", "label": "What did the colleague say?"})
WHOSE = Field.model_validate({"id": "whose", "type": "clients", "label": "Whose colleague?"})
PERSONAL = Field.model_validate({"fact": "personal_data"})
FIELDS = (PERSONAL, ACCUSED, HEARD, WHOSE)


def spec() -> FormSpec:
    return FormSpec(
        responders=("it-1",),
        decisions={"done": "it is done"},
        fields=numbered(FIELDS),
        clients=("client-7",),
        initial={"whose": ["client-7"]},
    )


def test_the_form_shows_numbers_for_what_the_playbook_asks_and_names_only_facts() -> None:
    form = build_form(veiled_form(spec()))
    shown = str(form.model_json_schema()).casefold()
    for word in ("accused", "suspect", "colleague", "leader", "agent", "heard"):
        assert word not in shown
    assert "personal_data" in shown
    assert {"answer_1", "answer_2"} <= set(form.model_fields)
    assert "option_2" in shown
    assert form.model_fields["answer_3"].default == ["client-7"], "what is known is filled in all the same"


@pytest.mark.parametrize("accused", ["leader", "agent", "unknown"])
def test_an_answer_by_numbers_is_read_as_if_it_named_what_was_asked(accused: str) -> None:
    values: dict[str, Any] = {
        "personal_data": "yes", "accused": accused, "heard": "some words", "whose": ["client-7"],
    }  # fmt: skip
    hidden = veil_values(FIELDS, values)
    assert set(hidden) == {"personal_data", "answer_1", "answer_2", "answer_3"}
    assert unveil_values(FIELDS, hidden) == values


def test_what_is_wrong_with_an_answer_is_told_by_its_number() -> None:
    given = Given("it-1", "000000", "done", "", {"personal_data": "yes", "accused": ""}, NOON)
    with pytest.raises(Refused) as refused:
        read_fields(spec(), given, NOON)
    assert "Answer 1" in str(refused.value)
    assert "suspect" not in str(refused.value)

"""What a fact may hold, and what is refused."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from playbooks.errors import FactFault
from playbooks.fact_parsing import parse_value
from playbooks.fact_types import FactSpec
from playbooks.facts import DICTIONARY, UNKNOWN, FactView, Range, from_json, parse_fact, to_json
from playbooks.models import Field
from playbooks.wording import free_in_forms


@pytest.mark.parametrize(
    ("given", "held"),
    [
        ("120", Range(low=120, high=120)),
        (7, Range(low=7, high=7)),
        ("1,200 - 2,000", Range(low=1200, high=2000)),
        ("100 to 250", Range(low=100, high=250)),
        ("100..250", Range(low=100, high=250)),
        ("500+", Range(low=500)),
        (">= 500", Range(low=500)),
        ("at least 500", Range(low=500)),
        ("up to 80", Range(low=0, high=80)),
        ("Unknown", UNKNOWN),
    ],
)
def test_a_count_may_be_given_as_people_say_it(given: Any, held: Any) -> None:
    assert parse_fact("people_affected", given) == held


@pytest.mark.parametrize(
    "given",
    [
        "-3",
        -3,
        "250-100",
        "about 80",
        "",
        "1.5",
        1.5,
        True,
        None,
        "9" * 40,
        "99999999999",
        "12,34",
        "١٢",
        ["1"],
    ],
)
def test_an_absurd_count_is_refused(given: Any) -> None:
    with pytest.raises(FactFault) as fault:
        parse_fact("people_affected", given)
    assert fault.value.which == "people_affected"
    assert fault.value.mend


def test_an_instant_is_kept_in_utc() -> None:
    assert parse_fact("aware_at", "2026-03-01T14:05+02:00") == datetime(2026, 3, 1, 12, 5, tzinfo=UTC)
    assert parse_fact("aware_at", " 2026-03-01 14:05z ") == datetime(2026, 3, 1, 14, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    "given",
    [
        "2026-03-01T14:05",
        datetime(2026, 3, 1, 14, 5),  # noqa: DTZ001 (the naive instant is the point)
        "2026-02-30T14:05Z",
        "2026-03-01T24:30Z",
        "1969-03-01T14:05Z",
        "2999-03-01T14:05Z",
        "yesterday",
        "2026-03-01",
        "0001-01-01T00:00+14:00",
        1_767_225_600,
        "2026-03-01T14:05+99:00",
    ],
)
def test_an_instant_without_an_offset_or_that_cannot_be_is_refused(given: Any) -> None:
    with pytest.raises(FactFault):
        parse_fact("aware_at", given)


def test_what_happened_cannot_lie_ahead() -> None:
    now = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
    assert parse_fact("contained_at", "2026-03-01T12:04Z", now=now) == datetime(2026, 3, 1, 12, 4, tzinfo=UTC)
    with pytest.raises(FactFault, match="lies ahead"):
        parse_fact("contained_at", "2026-03-01T12:06Z", now=now)


def test_a_choice_is_read_in_any_case_and_kept_as_the_dictionary_writes_it() -> None:
    assert parse_fact("jurisdictions", "eu, IN uk") == frozenset({"EU", "IN", "UK"})
    assert parse_fact("our_role", "Processor") == "processor"


def test_unknown_among_choices_says_that_there_may_be_more() -> None:
    assert parse_fact("data_categories", ["contact", "unknown"]) == frozenset({"contact", "unknown"})
    assert parse_fact("data_categories", "unknown") is UNKNOWN


@pytest.mark.parametrize(
    ("name", "given"), [("risk", "low"), ("jurisdictions", "EU, Mars"), ("jurisdictions", [])]
)
def test_a_choice_outside_the_list_is_refused(name: str, given: Any) -> None:
    with pytest.raises(FactFault):
        parse_fact(name, given)


@pytest.mark.parametrize("given", ["", "  ", "a" * 4_001, "red \x1b[31m", "a\x00b", "right\u202eleft", 7])
def test_a_text_that_is_empty_endless_or_unprintable_is_refused(given: Any) -> None:
    with pytest.raises(FactFault):
        parse_fact("root_cause", given)


def test_a_text_may_be_the_word_unknown() -> None:
    assert parse_fact("root_cause", "unknown") == "unknown"


def test_a_client_is_named_by_reference() -> None:
    spec = FactSpec(name="clients", type="clients", label="Clients")
    assert parse_value(spec, "example-retail, self") == frozenset({"example-retail", "self"})
    with pytest.raises(FactFault):
        parse_value(spec, "Example Retail Ltd!")


def test_a_fact_that_is_not_in_the_dictionary_is_named_with_its_neighbour() -> None:
    with pytest.raises(FactFault, match="did you mean `personal_data`"):
        parse_fact("personal_date", "yes")


def test_unknown_is_neither_true_nor_false() -> None:
    with pytest.raises(TypeError):
        bool(UNKNOWN)


def test_a_case_overlays_the_incident_and_nothing_else() -> None:
    view = FactView(
        {"risk": "high", "encrypted": True}, {"a": {"risk": "unlikely"}, "b": {"encrypted": UNKNOWN}}
    )
    assert view.known("risk", "a") == "unlikely"
    assert view.known("risk", "b") == view.known("risk") == "high"
    assert view.known("encrypted", "a") is True
    assert view.known("encrypted", "b") is UNKNOWN
    assert view.known("risk", "no-such-case") == "high"


def test_no_fact_bears_a_name_that_a_form_already_uses() -> None:
    assert [free_in_forms(name) for name in DICTIONARY] == list(DICTIONARY)


def test_every_choice_has_words_and_none_is_called_unknown() -> None:
    for spec in DICTIONARY.values():
        assert bool(spec.choices) == (spec.type in ("choice", "choices")), spec.name
        assert "unknown" not in spec.values


def test_values_survive_json() -> None:
    for name, value in [
        ("people_affected", Range(low=5)),
        ("aware_at", datetime(2026, 3, 1, tzinfo=UTC)),
        ("jurisdictions", frozenset({"EU", "unknown"})),
        ("encrypted", False),
        ("risk", UNKNOWN),
        ("root_cause", "unknown"),
    ]:
        assert from_json(name, to_json(value)) == value


def test_a_stored_value_of_another_fact_is_refused() -> None:
    for name, stored in [("risk", {"low": 1, "high": 2}), ("people_affected", {"low": -1, "high": 2})]:
        with pytest.raises(FactFault):
            from_json(name, stored)


def test_a_detail_of_a_step_such_as_a_date_to_come_may_lie_ahead() -> None:
    field = Field.model_validate({"id": "action_due", "type": "instant", "label": "By when?"})
    now = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
    assert parse_value(field.spec, "2026-04-01T12:00Z", now=now) == datetime(2026, 4, 1, 12, 0, tzinfo=UTC)

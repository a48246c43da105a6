"""Which phase a notice is in, and which of its contents are still open."""

from __future__ import annotations

import pytest

from playbooks.fact_types import Range
from playbooks.notices.library import form_named
from playbooks.notices.phases import carried, in_phase, phase_of
from playbooks.notices.unknowns import says_nothing, unknown_in


@pytest.mark.parametrize(
    ("stage", "follows", "chosen", "phase"),
    [
        ("", False, "", "initial"),
        ("early_warning", False, "", "initial"),
        ("initial", False, "withdrawal", "initial"),
        ("initial", True, "", "update"),
        ("intermediate", True, "", "update"),
        ("", True, "", "update"),
        ("", True, "final", "final"),
        ("final", True, "", "final"),
        ("final", False, "", "final"),
        ("final", True, "update", "update"),
        ("final", True, "withdrawal", "withdrawal"),
        ("", True, "withdrawal", "withdrawal"),
    ],
)
def test_the_phase_follows_from_what_was_told_the_duty_and_the_choice(
    stage: str, follows: bool, chosen: str, phase: str
) -> None:
    assert phase_of(stage, follows=follows, chosen=chosen) == phase


@pytest.mark.parametrize(
    "words",
    ["n/a", "-", "?", "???", "TBC", " tbc. ", "unknown", "Not yet known", "", "unbekannt", "se desconoce"],
)
def test_words_that_say_nothing(words: str) -> None:
    assert says_nothing(words)


@pytest.mark.parametrize(
    "words",
    ["none of the files", "Nobody.", "No.", "0", "A", "unknown persons entered", "The n/a field", "12"],
)
def test_words_that_say_something(words: str) -> None:
    assert not says_nothing(words)


def test_what_is_open_is_what_the_letter_says_is_not_yet_known() -> None:
    form = form_named("gdpr-authority")
    values: dict[str, object] = dict.fromkeys(form.contents)
    values |= {"nature": "x", "number_of_people": Range(low=1, high=2), "contact_point": "c"}
    values |= {"categories_of_records": frozenset({"card", "unknown"})}
    assert unknown_in(form, values) == (
        "categories_of_people",
        "categories_of_records",
        "number_of_records",
        "consequences",
        "measures",
    )


def test_a_later_notice_carries_what_was_said_but_no_old_excuse() -> None:
    words = {"nature": "x", "delay_reasons": "y"}
    assert carried("update", words) == carried("final", words) == {"nature": "x"}
    assert carried("initial", words) == carried("withdrawal", words) == {}


def test_a_withdrawal_has_a_form_of_its_own() -> None:
    form = form_named("california-people")
    assert in_phase(form, "update") is form
    withdrawn = in_phase(form, "withdrawal")
    assert withdrawn.contents == ("nature", "contact_point")
    assert not withdrawn.prescribed

"""A notice carries what the regulation asks for, says what is unknown, and reads the same each time."""

from __future__ import annotations

from typing import Any

import pytest

from notify.notices import NOTICES, NoticeFault, render_notice

FIELDS: dict[str, Any] = {
    "ref": "INC-2026-0007",
    "exercise": False,
    "sender": "Example Services GmbH",
    "recipient": "Example Retail Ltd",
    "contact": "privacy@example.com",
    "prepared_at": "2026-11-20T15:00:00+00:00",
    "occurred_at": None,
    "aware_at": "2026-11-20T14:05:00+00:00",
    "nature": "A bulk download of records.",
    "data_categories": ["financial", "contact"],
    "people_affected": "100 to 500",
    "records_affected": None,
    "consequences": "Unwanted contact.",
    "measures": "The account was disabled.",
}
OWN: dict[str, dict[str, Any]] = {
    "notice-client": {"contract_reference": "DPA-1"},
    "notice-authority": {"late_reasons": None},
    "notice-other": {"late_reasons": None, "duties": ["Send an early warning (NIS2, art 23(4)(a))"]},
}


def notice(template: str, **changed: Any) -> str:
    return render_notice(template, FIELDS | OWN[template] | changed)


@pytest.mark.parametrize("template", NOTICES)
def test_a_notice_says_what_is_known_and_what_is_not(template: str) -> None:
    written = notice(template)
    said = ["INC-2026-0007", "A bulk download", "contact, financial", "100 to 500", "privacy@example.com"]
    said += ["Unwanted contact.", "The account was disabled.", "20 Nov 2026 14:05 UTC"]
    assert [each for each in said if each not in written] == []
    assert written.count("Not yet known") == 2
    assert "None" not in written


@pytest.mark.parametrize("template", NOTICES)
def test_the_same_fields_give_the_very_same_text(template: str) -> None:
    assert notice(template) == notice(template, data_categories=["contact", "financial"])


@pytest.mark.parametrize("template", NOTICES)
def test_an_exercise_notice_says_so_first_and_last(template: str) -> None:
    written = notice(template, exercise=True)
    assert written.startswith("EXERCISE - NOT A REAL INCIDENT")
    assert written.rstrip().endswith("EXERCISE - NOT A REAL INCIDENT.")
    assert "EXERCISE" not in notice(template)


def test_a_late_notification_gives_its_reasons() -> None:
    assert "Reasons for the delay" not in notice("notice-authority")
    assert "Waited for the logs" in notice("notice-authority", late_reasons="Waited for the logs")


def test_a_notice_without_a_form_of_its_own_names_the_duties_that_it_answers() -> None:
    assert "- Send an early warning (NIS2, art 23(4)(a))" in notice("notice-other")


@pytest.mark.parametrize("template", NOTICES)
def test_missing_and_foreign_fields_are_named(template: str) -> None:
    with pytest.raises(NoticeFault, match="other_client"):
        notice(template, other_client="Another Ltd")
    with pytest.raises(NoticeFault, match="nature"):
        render_notice(template, {k: v for k, v in (FIELDS | OWN[template]).items() if k != "nature"})


def test_an_unknown_notice_is_refused_with_the_ones_there_are() -> None:
    with pytest.raises(NoticeFault, match="notice-authority"):
        render_notice("../slack/note", {})


def test_hostile_text_in_a_notice_stays_text() -> None:
    written = notice("notice-client", nature="{{ 7*7 }} \x1b[31mred\u202e")
    assert "{{ 7*7 }} red" in written

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from playbooks.assessing import Assessment, as_json, assess
from playbooks.fact_file import read_fact_file
from playbooks.places import place
from playbooks.rulebook import load_rules

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
RULES = tuple(load_rules().values())
TWO = """
facts:
  personal_data: yes
  jurisdictions: EU
  our_status: none
  client_status: none
  aware_at: 2026-03-02T09:23Z
  data_categories: contact
  encrypted: no
cases:
  retail:
    facts: {our_role: processor, data_categories: "contact, health"}
    contract: {hours: 12}
    place: DE
  staff:
    facts: {our_role: controller}
"""


def assessed(text: str) -> Assessment:
    return assess(read_fact_file(text, "facts.yaml", now=NOW, rules=RULES), RULES, NOW, place("EU"))


def shown(text: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(json.dumps(as_json(assessed(text))))
    return found


def test_every_rule_is_answered_for_every_subject_it_can_oblige_with_why_or_why_not() -> None:
    rows = {(one["case"], one["rule"]): one for one in shown(TWO)["obligations"]}
    assert rows["retail", "EU-GDPR-33-2"]["state"] == "owed"
    assert rows["staff", "EU-GDPR-33-2"]["state"] == "not owed"
    assert rows["staff", "EU-GDPR-33-2"]["why"][0] == "our_role is controller"
    assert rows["staff", "EU-GDPR-33-1"]["state"] == "presumed"
    assert rows["staff", "EU-GDPR-33-1"]["unknown"] == ["risk"]
    assert rows["retail", "CONTRACT"]["state"] == "owed"
    assert all(one["why"] and one["citation"] for one in rows.values())


def test_clocks_are_those_that_run_or_may_and_end_in_z() -> None:
    clocks = {(one["case"], one["rule"]): one for one in shown(TWO)["clocks"]}
    assert clocks["retail", "CONTRACT"]["due_at"] == "2026-03-02T21:23:00Z"
    assert clocks["staff", "EU-GDPR-33-1"]["due_at"] == "2026-03-05T09:23:00Z"
    assert clocks["staff", "EU-GDPR-33-1"]["standing"] == "on_track"
    assert ("staff", "EU-GDPR-33-2") not in clocks


def test_the_most_urgent_clock_comes_first_and_one_without_an_instant_last() -> None:
    due = [one["due_at"] for one in shown(TWO)["clocks"]]
    known = [at for at in due if at]
    assert due == [*sorted(known), *[None] * (len(due) - len(known))]


def test_a_client_s_own_clock_is_shown_with_the_time_we_have_used() -> None:
    shadows = {(one["case"], one["rule"]): one for one in shown(TWO)["shadow_clocks"]}
    clock = shadows["retail", "EU-GDPR-33-1"]
    assert clock["due_at"] is None
    assert clock["used_seconds"] == (NOW - datetime(2026, 3, 2, 9, 23, tzinfo=UTC)).total_seconds()
    assert ("staff", "EU-GDPR-33-1") not in shadows


def test_a_client_that_was_told_has_a_clock_that_runs_from_our_notice() -> None:
    told = TWO.replace("our_role: processor,", "our_role: processor, client_told_at: 2026-03-02T11:00Z,")
    shadows = {one["rule"]: one for one in shown(told)["shadow_clocks"]}
    assert shadows["EU-GDPR-33-1"]["due_at"] == "2026-03-05T11:00:00Z"
    assert shadows["EU-GDPR-33-1"]["used_seconds"] == timedelta(minutes=97).total_seconds()


def test_a_duty_to_tell_the_client_stands_as_met_once_the_client_was_told() -> None:
    def contract(text: str) -> tuple[str, str | None]:
        clock = next(one for one in shown(text)["clocks"] if one["rule"] == "CONTRACT")
        return clock["standing"], clock["met_at"]

    told = TWO.replace("our_role: processor,", "our_role: processor, client_told_at: 2026-03-02T11:00Z,")
    assert contract(TWO) == ("on_track", None)
    assert contract(told) == ("met", "2026-03-02T11:00:00Z")
    assert contract(told.replace("hours: 12", "hours: 1")) == ("met_late", "2026-03-02T11:00:00Z")
    assert contract(TWO.replace("hours: 12", "hours: 1")) == ("overdue", None)


ENTITY = """
facts:
  our_role: controller
  our_status: nis2_entity
  personal_data: no
  jurisdictions: EU
  significant_incident: yes
  aware_at: 2026-03-01T09:00Z
"""


def test_an_act_done_meets_its_duty_and_starts_what_hangs_on_it() -> None:
    def final(text: str) -> dict[str, Any]:
        return next(one for one in shown(text)["clocks"] if one["rule"] == "EU-NIS2-23-4d")

    assert final(ENTITY)["due_at"] is None
    done = f"{ENTITY}acts: {{EU-NIS2-23-4b: 2026-03-02T10:00Z}}\n"
    assert final(done)["due_at"] == "2026-04-02T09:00:00Z"
    initial = next(one for one in shown(done)["clocks"] if one["rule"] == "EU-NIS2-23-4b")
    assert (initial["standing"], initial["met_at"]) == ("met", "2026-03-02T10:00:00Z")


def test_an_act_for_one_case_meets_the_duty_of_that_case_alone() -> None:
    text = TWO.replace("  staff:\n", "  staff:\n    acts: {EU-GDPR-33-1: 2026-03-02T10:00Z}\n")
    text = text.replace("our_role: processor,", "our_role: controller,")
    met = {one["case"]: one["met_at"] for one in shown(text)["clocks"] if one["rule"] == "EU-GDPR-33-1"}
    assert met == {"retail": None, "staff": "2026-03-02T10:00:00Z"}


@pytest.mark.parametrize(
    ("retail", "staff", "state"),
    [
        ("EU", "EU", "not owed"),
        ("EU", "CN", "presumed"),
        ("EU", "[EU, unknown]", "presumed"),
        ("unknown", "EU", "presumed"),
    ],
)
def test_once_every_case_says_where_its_people_are_no_other_place_is_presumed(
    retail: str, staff: str, state: str
) -> None:
    text = TWO.replace("  jurisdictions: EU\n", "")
    text = text.replace("our_role: processor,", f"our_role: processor, jurisdictions: {retail},")
    text = text.replace("our_role: controller}", f"our_role: controller, jurisdictions: {staff}}}")
    rows = {one["rule"]: one["state"] for one in shown(text)["obligations"]}
    assert rows["CN-INC-4H"] == state


def test_the_score_shown_is_the_gravest_case_s_and_every_case_has_its_own() -> None:
    found = shown(TWO)
    assert (found["case"], found["score"], found["band"]) == ("retail", 4.0, "very high")
    assert {one["case"]: one["score"] for one in found["advice"]} == {"retail": 4.0, "staff": 1.0}


def test_advice_never_decides_a_duty() -> None:
    quiet = """
facts:
  our_role: controller
  our_status: none
  personal_data: yes
  jurisdictions: EU
  aware_at: 2026-03-02T09:23Z
  data_categories: contact
  source_kind: mistake
  encrypted: yes
  integrity_lost: no
  availability_lost: no
"""
    found = shown(quiet)
    assert found["advice"][0]["risk"] == "unlikely"
    rows = {one["rule"]: one for one in found["obligations"]}
    assert rows["EU-GDPR-33-1"]["state"] == "presumed"
    decided = {one["rule"]: one for one in shown(f"{quiet}  risk: unlikely\n")["obligations"]}
    assert decided["EU-GDPR-33-1"]["state"] == "not owed"


def test_the_four_factors_are_weighed_where_hipaa_stands_or_a_record_is_given() -> None:
    assert shown(TWO)["advice"][0]["hipaa"] is None
    entity = shown(TWO.replace("client_status: none", "client_status: hipaa_covered_entity"))
    assert entity["advice"][0]["hipaa"]["presumed"] is True
    given = shown("facts: {}\nseverity: {hipaa: {secured: true}}\n")
    assert given["advice"][0]["hipaa"]["presumed"] is False


def test_what_the_law_still_asks_is_named() -> None:
    assert "risk" in shown(TWO)["needed_facts"]


def test_the_place_of_the_file_counts_before_the_default() -> None:
    found = assessed(TWO)
    assert (found.places["retail"].name, found.places["staff"].name) == ("DE", "EU")

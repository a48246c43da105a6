"""The condition language: what it means, and what it refuses."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from playbooks.conditions import UNKNOWN, compile_condition, condition_faults
from playbooks.errors import ConditionFault
from playbooks.facts import FactView, Range

KNOWN = FactView(
    {
        "personal_data": True,
        "encrypted": False,
        "our_role": "processor",
        "data_categories": frozenset({"contact", "health"}),
        "jurisdictions": frozenset({"EU", "unknown"}),
        "people_affected": Range(low=100, high=250),
        "records_affected": Range(low=1000),
        "detected_at": datetime(2026, 3, 1, 8, tzinfo=UTC),
        "aware_at": datetime(2026, 3, 1, 9, tzinfo=UTC),
    }
)


@pytest.mark.parametrize(
    ("text", "truth"),
    [
        ("personal_data", True),
        ("not encrypted", True),
        ("exfiltrated", UNKNOWN),
        ("personal_data and exfiltrated", UNKNOWN),
        ("encrypted and exfiltrated", False),
        ("personal_data or exfiltrated", True),
        ('our_role == "processor"', True),
        ('"processor" != our_role', False),
        ('our_role in ["controller", "processor"]', True),
        ('risk not in ["unlikely"]', UNKNOWN),
        ('"health" in data_categories', True),
        ('"card" not in data_categories', True),
        ('"EU" in jurisdictions', True),
        ('"VN" in jurisdictions', UNKNOWN),
        ("people_affected < 100", False),
        ("people_affected <= 100", UNKNOWN),
        ("people_affected >= 100", True),
        ("people_affected > 249", UNKNOWN),
        ("251 > people_affected", True),
        ("people_affected < 250", UNKNOWN),
        ("people_affected > 100", UNKNOWN),
        ("people_affected == 99", False),
        ("people_affected != 251", True),
        ("people_affected == 100", UNKNOWN),
        ("records_affected > 999", True),
        ("records_affected < 1000000", UNKNOWN),
        ("records_affected == 999", False),
        ("detected_at < aware_at", True),
        ("aware_at <= detected_at", False),
        ("contained_at > aware_at", UNKNOWN),
        ('aware_at >= "2026-03-01T10:00+01:00"', True),
        ("  personal_data\n  and not encrypted ", True),
    ],
)
def test_a_condition_means_what_it_says(text: str, truth: Any) -> None:
    assert compile_condition(text).evaluate(KNOWN) is truth


TWO_CASES = FactView(
    {"personal_data": True},
    {"a": {"our_role": "controller", "risk": "high"}, "b": {"our_role": "processor", "personal_data": False}},
)


@pytest.mark.parametrize(
    ("text", "case", "truth"),
    [
        ('any(case.our_role == "controller")', None, True),
        ('all(case.our_role == "controller")', None, False),
        ("all(case.personal_data)", None, False),
        ("any(case.personal_data and case.exfiltrated)", None, UNKNOWN),
        ('any(case.risk == "unlikely")', "a", UNKNOWN),
        ('our_role == "processor"', "b", True),
        ("personal_data", "b", False),
        ("personal_data", None, True),
        ('any(case.risk == "high") and our_role == "processor"', "b", True),
    ],
)
def test_cases_are_looked_at_one_by_one(text: str, case: str | None, truth: Any) -> None:
    assert compile_condition(text).evaluate(TWO_CASES, case) is truth


def test_while_there_is_no_case_the_incident_stands_for_its_own() -> None:
    untriaged = FactView({"personal_data": True})
    assert compile_condition("all(case.personal_data)").evaluate(untriaged) is True
    assert compile_condition("all(case.encrypted)").evaluate(untriaged) is UNKNOWN


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("", "empty"),
        ("personal_date", "did you mean `personal_data`"),
        ("personal_data and", "not an expression"),
        ("__import__('os').system('true')", "calls something"),
        ("open('/etc/passwd')", "calls something"),
        ("any(personal_data)", "without case"),
        ("any(case.personal_data, case.encrypted)", "calls something"),
        ("any(any(case.personal_data))", "inside any or all"),
        ("case.personal_data", "outside any"),
        ("risk.__class__", "not a fact"),
        ("personal_data == True", "cannot be compared"),
        ("risk", "not a yes-no fact"),
        ('risk == "low"', "unlikely, likely, high"),
        ('risk == "unknown"', "no value of `risk`"),
        ('risk < "high"', "cannot be compared"),
        ("people_affected > 1.5", "whole number"),
        ("people_affected > -1", "whole number"),
        ("people_affected > True", "whole number"),
        ("1 < people_affected < 5", "join them with `and`"),
        ("people_affected is 5", "compares identities"),
        ('"card" in risk', "several values"),
        ('"cards" in data_categories', "no value"),
        ('root_cause == "x"', "text cannot be compared"),
        ("aware_at > people_affected", "not an instant"),
        ('aware_at > "2026-03-01T10:00"', "offset"),
        ("[personal_data for x in risk]", "not part of the language"),
        ("lambda: personal_data", "not part of the language"),
        ("personal_data if encrypted else contained", "not part of the language"),
        ("(personal_data := encrypted)", "not part of the language"),
        ("f'{personal_data}'", "not part of the language"),
        ("personal_data & encrypted", "not part of the language"),
        ('"\\x41" in data_categories', "backslashes"),
        ("not " * 20 + "personal_data", "nested deeper"),
        ("(" * 300 + "personal_data" + ")" * 300, "not an expression"),
        ("personal_data or " * 100 + "personal_data", "longer than"),
        ("personal_data\x00", "control characters"),
        ('risk in ["high", risk]', "no value"),
    ],
)
def test_what_is_outside_the_language_is_refused_with_its_mend(text: str, what: str) -> None:
    with pytest.raises(ConditionFault) as fault:
        compile_condition(text)
    assert what in str(fault.value)
    assert fault.value.mend


def test_every_fault_of_a_condition_is_listed_with_its_column() -> None:
    faults = condition_faults('personal_date and risk == "low" and rsik == "high"')
    assert [fault.what.split(":")[0] for fault in faults] == ["column 1", "column 27", "column 37"]
    with pytest.raises(ConditionFault, match=r"column 1.*column 27.*column 37"):
        compile_condition('personal_date and risk == "low" and rsik == "high"')


def test_a_condition_names_the_facts_it_reads_and_those_nobody_stated() -> None:
    condition = compile_condition('personal_data and any(case.risk == "high") and detected_at < aware_at')
    assert condition.names == {"personal_data", "risk", "detected_at", "aware_at"}
    assert condition.unknown_facts(TWO_CASES) == ("aware_at", "detected_at", "risk")

from __future__ import annotations

import pytest

from playbooks.conditions import compile_condition
from playbooks.facts import DICTIONARY, UNKNOWN, FactValue, FactView
from playbooks.rulebook import load_rules

PLACES = DICTIONARY["jurisdictions"].values


@pytest.mark.parametrize("code", PLACES)
def test_every_place_that_can_be_named_has_a_rule_or_the_duty_to_ask_counsel(code: str) -> None:
    """A place without a rule would pass in silence; its entry is the duty to ask."""
    of_place = [rule for rule in load_rules().values() if rule.jurisdiction == code]
    facts: dict[str, FactValue] = {
        "personal_data": True,
        "jurisdictions": frozenset({code}),
        "our_role": "controller",
    }
    speaking = [
        rule for rule in of_place if compile_condition(rule.when).evaluate(FactView(facts)) is not False
    ]
    assert speaking, f"nothing speaks of {code}"


@pytest.mark.parametrize("named", [{"US"}, {"US", "US-TX"}, {"US", "US-other", "EU"}])
def test_a_state_not_named_is_presumed_and_not_left_out(named: set[str]) -> None:
    """`US` says that a state is not known yet; to name another one beside it settles nothing."""
    facts: dict[str, FactValue] = {"personal_data": True, "jurisdictions": frozenset(named)}
    for code in {"US-CA", "US-NY", "US-other"} - named:
        condition = compile_condition(f'personal_data and "{code}" in jurisdictions')
        assert condition.evaluate(FactView(facts)) is UNKNOWN
    assert compile_condition('"US" in jurisdictions').evaluate(
        FactView({"jurisdictions": frozenset({"US-CA"})})
    )


def test_a_state_named_alone_rules_the_others_out() -> None:
    facts: dict[str, FactValue] = {"jurisdictions": frozenset({"US-NY"})}
    assert compile_condition('"US-CA" in jurisdictions').evaluate(FactView(facts)) is False

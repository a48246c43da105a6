from __future__ import annotations

import pytest

from playbooks.conditions import compile_condition
from playbooks.facts import DICTIONARY, UNKNOWN, FactView
from playbooks.rulebook import load_rules

PLACES = DICTIONARY["jurisdictions"].values


@pytest.mark.parametrize("code", PLACES)
def test_every_place_that_can_be_named_has_a_rule_or_the_duty_to_ask_counsel(code: str) -> None:
    """A place without a rule would pass in silence; its entry is the duty to ask."""
    of_place = [rule for rule in load_rules().values() if rule.jurisdiction == code]
    facts = {"personal_data": True, "jurisdictions": frozenset({code}), "our_role": "controller"}
    speaking = [
        rule for rule in of_place if compile_condition(rule.when).evaluate(FactView(facts)) is not False
    ]
    assert speaking, f"nothing speaks of {code}"


def test_a_state_not_named_is_presumed_and_not_left_out() -> None:
    facts = {"personal_data": True, "jurisdictions": frozenset({"US"})}
    for code in ("US-CA", "US-NY", "US-other"):
        condition = compile_condition(f'personal_data and "{code}" in jurisdictions')
        assert condition.evaluate(FactView(facts)) is UNKNOWN
    assert compile_condition('"US" in jurisdictions').evaluate(
        FactView({"jurisdictions": frozenset({"US-CA"})})
    )

"""Conditions as a reader says them."""

from __future__ import annotations

import pytest

from notify.condition_words import condition_words
from playbooks.errors import ConditionFault
from playbooks.library import load_playbooks

SAID = {
    "personal_data": "personal data",
    "not encrypted": "not encrypted",
    'our_role == "processor" and personal_data': "our role is processor and personal data",
    'risk != "unlikely"': "risk is not unlikely",
    'source_kind in ["unknown_source", "insider"]': "source kind is insider or unknown source",
    '"card" in data_categories': "data categories include card",
    '"card" not in data_categories': "data categories do not include card",
    "people_affected >= 1500": "people affected at least 1,500",
    "contained_at > detected_at": "contained at after detected at",
    'recovered_at >= "2000-01-01T00:00Z"': "recovered at is known",
    'detected_at < "2026-03-01T14:05+02:00"': "detected at before 2026-03-01 12:05Z",
    "any(case.personal_data)": "for any client: personal data",
    "all(case.encrypted or case.contained)": "for every client: (encrypted or contained)",
    "encrypted and (contained or exfiltrated)": "encrypted and (contained or exfiltrated)",
    "not (encrypted and exfiltrated)": "not (encrypted and exfiltrated)",
}


@pytest.mark.parametrize("text", SAID)
def test_a_condition_is_said_in_words(text: str) -> None:
    assert condition_words(text) == SAID[text]


def test_every_condition_of_the_library_can_be_said_without_its_language() -> None:
    steps = [step for playbook in load_playbooks().values() for step in playbook.steps]
    texts = {step.when for step in steps if step.when} | {step.repeat.until for step in steps if step.repeat}
    for text in texts:
        assert not set('_"[]=<>') & set(condition_words(text)), text


def test_what_is_no_condition_is_refused() -> None:
    with pytest.raises(ConditionFault):
        condition_words("open('x')")

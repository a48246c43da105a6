"""Examples of the EDPB's Guidelines 9/2022, annex B, whose outcome follows from facts alone."""

from __future__ import annotations

import pytest

from playbooks.facts import parse_fact
from playbooks.severity.advising import advise

OURS = {"personal_data": "yes", "data_categories": "contact", "integrity_lost": "no"}
EXAMPLES = {
    "an encrypted archive on a stolen stick, with a backup": (
        {"encrypted": "yes", "exfiltrated": "yes", "availability_lost": "yes", "restorable": "yes"},
        {"people_affected": "5000", "source_kind": "external", "outage_harm": "no"},
        ("no", "no"),
    ),
    "a power cut of some minutes in a contact centre": (
        {"encrypted": "no", "exfiltrated": "no", "availability_lost": "yes", "restorable": "yes"},
        {"people_affected": "5000", "source_kind": "mistake", "outage_harm": "no"},
        ("no", "no"),
    ),
    "hospital records out of reach for thirty hours": (
        {"encrypted": "no", "exfiltrated": "no", "availability_lost": "yes", "restorable": "no"},
        {"data_categories": "contact, health", "people_affected": "900+", "outage_harm": "yes"},
        ("yes", "yes"),
    ),
    "a mailing that shows a few addresses to each other": (
        {"encrypted": "no", "exfiltrated": "yes", "availability_lost": "no", "recipient_trusted": "no"},
        {"people_affected": "12", "source_kind": "mistake"},
        ("no", "no"),
    ),
    "a mailing that shows many addresses to each other": (
        {"encrypted": "no", "exfiltrated": "yes", "availability_lost": "no", "recipient_trusted": "no"},
        {"people_affected": "3000", "source_kind": "mistake", "identity_fraud": "no"},
        ("yes", "no"),
    ),
}


@pytest.mark.parametrize("example", EXAMPLES)
def test_the_advice_is_that_of_the_guidelines(example: str) -> None:
    happened, more, expected = EXAMPLES[example]
    found = advise({name: parse_fact(name, value) for name, value in {**OURS, **happened, **more}.items()})
    assert (found.sa, found.ds) == expected

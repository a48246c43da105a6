"""The facts that a notice shows: where one of them changes, it is written anew."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from playbooks.notices.models import Form

FACTS: Final[Mapping[str, str]] = {
    "occurred": "occurred_at",
    "detected": "detected_at",
    "categories_of_records": "data_categories",
    "number_of_people": "people_affected",
    "number_of_records": "records_affected",
    "encryption": "encrypted",
    "is_malicious": "malicious",
    "classification": "classified_at",
    "recovery": "recovered_at",
}
"""By content, the fact that says it: nobody is asked for it twice."""
BY_DEFAULT: Final[Mapping[str, str]] = {"cause": "root_cause"}
"""By content, the fact that says it where the draft says nothing."""


def shown_by(form: Form) -> list[str]:
    """The facts that a notice in this form shows: where one changes, it is written anew."""
    facts = {**FACTS, **BY_DEFAULT}
    return ["aware_at", *(facts[word] for word in form.contents if word in facts)]

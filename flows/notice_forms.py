"""Which form a round of notices is written in, what its draft asks beside its own words, what fills it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from flows.house import House
from flows.law.stages import rule_of
from playbooks.fact_types import UNKNOWN, FactValue
from playbooks.models import Field, Step
from playbooks.notices.library import form_for, heading_of, shipped_forms, shipped_languages
from playbooks.notices.models import Form, Language
from playbooks.vocabulary import CONTENT
from store.tables import Obligation

WORDS: Final[Mapping[str, str]] = {
    "nature": "nature",
    "consequences": "consequences",
    "measures": "measures",
    "contact_point": "contact",
    "delay_reasons": "late_reasons",
}
"""By content, the field of every draft that says it."""
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
COUNTS: Final = ("number_of_people", "number_of_records")
_BY_DEFAULT: Final[Mapping[str, str]] = {"cause": "root_cause"}
"""By content, the fact that says it where the draft says nothing."""


def form_of(house: House, step: Step, duties: Sequence[Obligation]) -> Form:
    """The form by the duties that a notice meets, with all that their rules want said.

    A step may name a form made for certain rules; a general one gives way to what fits the duties.
    """
    recipient = step.recipient or ""
    form = shipped_forms().get(step.template or "")
    if form is None or form.general or recipient not in form.recipients:
        stage = duties[0].stage if duties else "initial"
        form = form_for(recipient, [duty.rule_id for duty in duties], stage)
    rules = [rule for duty in duties if (rule := rule_of(house, duty))]
    return form.with_content(word for rule in rules for word in rule.content)


def asked_for(form: Form) -> list[str]:
    """What a form requires and neither a draft's own words nor a fact says."""
    return [word for word in form.required if word not in WORDS and word not in FACTS]


def fields_for(wanted: Iterable[str]) -> tuple[Field, ...]:
    """The fields by which a draft asks for these contents; each may stay empty, and is then not yet known."""
    words = (word for word in wanted if word in CONTENT)
    return tuple(
        Field(
            id=_field_of(word),
            type="text",
            label=heading_of(english(), word),
            help="empty: not yet known; no names of persons",
        )
        for word in words
    )


def shown_by(form: Form) -> list[str]:
    """The facts that a notice in this form shows: where one changes, it is written anew."""
    facts = {**FACTS, **_BY_DEFAULT}
    return ["aware_at", *(facts[word] for word in form.contents if word in facts)]


def values_of(form: Form, words: Mapping[str, Any], facts: Mapping[str, FactValue]) -> dict[str, object]:
    """What fills each content of a form: a responder's words, else what the facts of the case say."""
    return {word: _value(word, words, facts) for word in form.contents}


def english() -> Language:
    """English, which knows every form."""
    return shipped_languages()["en"]


def _value(word: str, words: Mapping[str, Any], facts: Mapping[str, FactValue]) -> object:
    if word in FACTS:
        return _known(facts.get(FACTS[word]))
    return words.get(WORDS.get(word) or _field_of(word)) or _known(facts.get(_BY_DEFAULT.get(word, "")))


def _known(value: FactValue | None) -> object:
    """A fact as a notice says it; what is unknown is left for the notice to say so."""
    if value is None or value is UNKNOWN:
        return None
    return value if isinstance(value, (bool, frozenset, datetime)) else str(value)


def _field_of(word: str) -> str:
    return f"say_{word}"

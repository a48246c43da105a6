"""Which form a round of notices is written in, what its draft asks beside its own words, what fills it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from flows.house import House
from flows.law.stages import rule_of
from playbooks.fact_types import UNKNOWN, Choice, FactValue, Range
from playbooks.models import Field, Step
from playbooks.notices.library import (
    ENGLISH,
    form_for_step,
    heading_of,
    languages_of,
    shipped_languages,
)
from playbooks.notices.models import Form, Language
from playbooks.notices.shown import BY_DEFAULT, FACTS
from playbooks.notices.unknowns import says_nothing
from playbooks.vocabulary import CONTENT
from store.tables import Obligation

REASONS: Final = "delay_reasons"
WORDS: Final[Mapping[str, str]] = {
    "nature": "nature",
    "consequences": "consequences",
    "measures": "measures",
    "contact_point": "contact",
    REASONS: "late_reasons",
}
"""By content, the field of every draft that says it."""
COUNTS: Final = ("number_of_people", "number_of_records")


def form_of(house: House, step: Step, duties: Sequence[Obligation]) -> Form:
    """The form by the duties that a notice meets, with all that their rules want said.

    A step may name a form made for certain rules; a general one gives way to what fits the duties.
    """
    rules = [rule for duty in duties if (rule := rule_of(house, duty))]
    named = [duty.rule_id for duty in duties]
    form = form_for_step(step.template or "", step.recipient or "", named, duties[0].stage if duties else "")
    return form.with_content(word for rule in rules for word in rule.content)


def asked_for(form: Form) -> list[str]:
    """What a form requires and neither a draft's own words nor a fact says."""
    return [word for word in form.required if word not in WORDS and word not in FACTS]


def fields_for(wanted: Iterable[str], *, again: bool = False) -> tuple[Field, ...]:
    """The fields by which a draft asks for these contents; each may stay empty.

    It is then not yet known, or, in a notice that follows another, as that one said.
    """
    empty = "empty: as told last; unknown: not yet known" if again else "empty: not yet known"
    words = (word for word in wanted if word in CONTENT)
    return tuple(
        Field(
            id=_field_of(word),
            type="text",
            label=heading_of(english(), word),
            help=f"{empty}; no names of persons",
        )
        for word in words
    )


def other_languages(form: Form) -> list[str]:
    """The languages beside English in which a draft may ask for a form."""
    return [one.language for one in languages_of(form) if one.language != ENGLISH]


def language_field(codes: Iterable[str]) -> tuple[Field, ...]:
    """The field by which a draft chooses its language, where there is a choice."""
    known = [one for code in codes if (one := shipped_languages().get(code))]
    if not known:
        return ()
    choices = {ENGLISH: english().name} | {one.language: _offered(one) for one in known}
    help_text = "unknown: English. The headings follow; write your own words in the same language"
    return (Field(id="language", type="choice", label="Language", help=help_text, choices=_choices(choices)),)


def language_of(form: Form, words: Mapping[str, Any], last: str = "") -> Language:
    """The language that a draft chose, else that of the last notice, where the form has it; else English."""
    chosen = words.get("language") or last.partition(".")[2]
    return next((one for one in languages_of(form) if one.language == chosen), english())


def template_of(form: Form, language: Language) -> str:
    """What a notice keeps of how it was written: the form, and the language where it is not English."""
    return form.id if language.language == ENGLISH else f"{form.id}.{language.language}"


def needs_native_reader(template: str) -> str:
    """The name of a notice's language where nobody who grew up with it has read its fixed words."""
    language = shipped_languages().get(template.partition(".")[2])
    return language.name if language and language.needs_native_reader else ""


def said_in(form: Form, fields: Mapping[str, Any], last: Mapping[str, str]) -> dict[str, str]:
    """By content, what a responder wrote into a draft's fields, else what the last notice said.

    The reasons for a delay are kept beside a letter that does not show them, such as one to people.
    """
    asked = (*form.contents, REASONS)
    written = {word: str(fields.get(WORDS.get(word) or _field_of(word), "") or "") for word in asked}
    return {word: said for word in written if (said := written[word].strip() or last.get(word, ""))}


def values_of(form: Form, words: Mapping[str, str], facts: Mapping[str, FactValue]) -> dict[str, object]:
    """What fills each content of a form: the words for it, else what the facts of the case say.

    Words that say nothing leave it unknown.
    """
    return {word: _value(word, words, facts) for word in form.contents}


def english() -> Language:
    """English, which knows every form."""
    return shipped_languages()[ENGLISH]


def _offered(language: Language) -> str:
    return f"{language.name} (needs a native reader)" if language.needs_native_reader else language.name


def _choices(words: Mapping[str, str]) -> tuple[Choice, ...]:
    return tuple(Choice(value=value, label=label) for value, label in words.items())


def _value(word: str, words: Mapping[str, str], facts: Mapping[str, FactValue]) -> object:
    if word in FACTS:
        return _known(facts.get(FACTS[word]))
    said = words.get(word, "")
    return said if not says_nothing(said) else _known(facts.get(BY_DEFAULT.get(word, "")))


def _known(value: FactValue | None) -> object:
    """A fact as a notice says it; what is unknown is left for the notice to say so."""
    if value is None or value is UNKNOWN:
        return None
    return value if isinstance(value, (bool, frozenset, datetime, Range)) else str(value)


def _field_of(word: str) -> str:
    return f"say_{word}"

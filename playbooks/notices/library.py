"""The forms and languages of this house, read with every fault listed; and which form fits."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from typing import Annotated, Final, TypeVar

from pydantic import Field

from playbooks.documents import Document, validated
from playbooks.errors import FileFaults, NotFound
from playbooks.fact_types import Frozen
from playbooks.folders import documents_in
from playbooks.notices.models import Form, Language
from playbooks.vocabulary import CONTENT

ENGLISH: Final = "en"
_FORMS: Final = Path(__file__).parent / "forms"
_LANGUAGES: Final = Path(__file__).parent / "languages"
_LAST_RESORT: Final = "notice-other"
_T = TypeVar("_T")


class _FormFile(Frozen):
    forms: Annotated[tuple[Form, ...], Field(min_length=1)]


def read_forms(folder: Path) -> dict[str, Form]:
    """The forms of a folder by id; FileFaults lists all that is wrong in all its files."""
    return _read(folder, lambda document: [(one.id, one) for one in validated(_FormFile, document).forms])


def read_languages(folder: Path) -> dict[str, Language]:
    """The languages of a folder by their code; FileFaults lists all that is wrong."""

    def language(document: Document) -> list[tuple[str, Language]]:
        found = validated(Language, document)
        return [(found.language, found)]

    return _read(folder, language)


@cache
def shipped_forms() -> Mapping[str, Form]:
    """The forms of this house."""
    return read_forms(_FORMS)


@cache
def shipped_languages() -> Mapping[str, Language]:
    """The languages of this house."""
    return read_languages(_LANGUAGES)


def form_named(form_id: str) -> Form:
    """The form of that id; raises NotFound."""
    forms = shipped_forms()
    if form_id not in forms:
        raise NotFound("no such notice", which=form_id[:60], mend=f"one of {', '.join(forms)}")
    return forms[form_id]


def form_for(recipient: str, rule_ids: Iterable[str] = (), stage: str = "initial") -> Form:
    """The form that serves most of these rules at this stage, else the general one of the recipient."""
    rules = tuple(rule_ids)
    fitting = [
        form for form in shipped_forms().values() if recipient in form.recipients and stage in form.stages
    ]
    best = max(fitting, key=lambda form: (serves(form, rules), form.general), default=None)
    if best is not None and (best.general or serves(best, rules)):
        return best
    return next((form for form in fitting if form.general), shipped_forms()[_LAST_RESORT])


def form_for_step(template: str, recipient: str, rule_ids: Iterable[str], stage: str = "") -> Form:
    """The form of a step: the one it names where that is made for certain rules, else what fits them."""
    form = shipped_forms().get(template)
    if form is None or form.general or recipient not in form.recipients:
        return form_for(recipient, rule_ids, stage or "initial")
    return form


def serves(form: Form, rule_ids: Iterable[str]) -> int:
    """How many of these rules a form is made for."""
    return sum(any(fnmatchcase(rule, pattern) for pattern in form.rules) for rule in rule_ids)


def languages_of(form: Form) -> tuple[Language, ...]:
    """The languages in which a form can be written, English first."""
    languages = shipped_languages()
    others = (
        () if form.prescribed else tuple(languages[code] for code in sorted(languages) if code != ENGLISH)
    )
    return languages[ENGLISH], *(one for one in others if form.id in one.titles)


def heading_of(language: Language, words: str) -> str:
    """A heading, or a content's word, in a language; English where it has none."""
    return language.headings.get(words) or _capital(CONTENT.get(words, words))


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]


def _read(folder: Path, take: Callable[[Document], list[tuple[str, _T]]]) -> dict[str, _T]:
    documents, faults = documents_in(folder)
    found: dict[str, _T] = {}
    for document in documents:
        try:
            for key, one in take(document):
                if key in found:
                    faults.append(document.fault((), f"`{key}` stands in two places", "keep one of them"))
                found[key] = one
        except FileFaults as error:
            faults += error.faults
    if faults:
        raise FileFaults(tuple(faults))
    return found

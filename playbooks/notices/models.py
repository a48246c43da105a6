"""A form of notice as data, and the fixed words of a language. Frozen; nothing here renders."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Annotated, Literal, Self, TypeAlias

from pydantic import AfterValidator, Field, model_validator

from playbooks.documents import as_validation_error
from playbooks.errors import Mend
from playbooks.fact_types import Frozen
from playbooks.vocabulary import CONTENT, INSIDE, RECIPIENTS, STAGES
from playbooks.wording import Line, Slug

Phase: TypeAlias = Literal["initial", "update", "final", "withdrawal"]
Audience: TypeAlias = Literal["authority", "client", "people", "inside"]


def _known(word: str, words: Iterable[str], kind: str) -> str:
    if word not in words:
        raise as_validation_error(Mend(f"no such {kind}: {word[:60]}", mend=f"use {', '.join(words)}"))
    return word


def content_word(word: str) -> str:
    """Return a word of the vocabulary of contents; a fault otherwise."""
    return _known(word, CONTENT, "content")


def recipient_word(word: str) -> str:
    """Return a kind of recipient, of law or inside; a fault otherwise."""
    return _known(word, (*RECIPIENTS, *INSIDE), "recipient")


def stage_word(word: str) -> str:
    """Return a stage of telling; a fault otherwise."""
    return _known(word, STAGES, "stage")


Content: TypeAlias = Annotated[str, AfterValidator(content_word)]
Pattern: TypeAlias = Annotated[str, Field(pattern=r"^[A-Za-z0-9.*-]{2,60}$")]


class Section(Frozen):
    """What stands under one heading; without a heading of its own it holds one content."""

    content: Annotated[tuple[Content, ...], Field(min_length=1, max_length=12)]
    heading: Line | None = None
    required: bool = Field(default=True, description="said to be unknown where nobody knows; else left out")
    place: Annotated[str, Field(max_length=120)] = Field(default="", description="where the law asks for it")

    @model_validator(mode="after")
    def _headed(self) -> Self:
        if self.heading is None and len(self.content) > 1:
            raise ValueError("a section of several contents needs a `heading`")
        return self


class Form(Frozen):
    """One form of notice: to whom, for which rules and stages, with which sections in order."""

    id: Slug
    title: Line
    audience: Audience
    law: Annotated[str, Field(max_length=200)] = ""
    phased: Annotated[str, Field(max_length=60)] = Field(
        default="", description="where the law allows the rest to follow"
    )
    prescribed: bool = Field(
        default=False, description="the law prescribes title and headings: not translated"
    )
    general: bool = Field(default=False, description="used where no form fits the rules")
    recipients: Annotated[tuple[Annotated[str, AfterValidator(recipient_word)], ...], Field(min_length=1)]
    rules: Annotated[tuple[Pattern, ...], Field(max_length=30)] = ()
    stages: tuple[Annotated[str, AfterValidator(stage_word)], ...] = STAGES
    sections: Annotated[tuple[Section, ...], Field(min_length=1, max_length=40)]

    @model_validator(mode="after")
    def _says_each_once(self) -> Self:
        if len(set(self.contents)) != len(self.contents):
            raise ValueError("a content stands in one section, once")
        if not self.general and not self.rules:
            raise ValueError("a form that is not general names the rules that it serves")
        return self

    @property
    def contents(self) -> tuple[str, ...]:
        """Every content of the form, in order."""
        return tuple(word for section in self.sections for word in section.content)

    @property
    def required(self) -> tuple[str, ...]:
        """The contents that are said to be unknown where nobody knows them."""
        return tuple(word for section in self.sections if section.required for word in section.content)

    def with_content(self, wanted: Iterable[str]) -> Form:
        """Return the form that says all that is wanted: what it has no section for, at the end.

        A section that it leaves out where nothing is known becomes one that says so.
        """
        words = tuple(dict.fromkeys(wanted))
        sections = tuple(
            section.model_copy(
                update={"required": section.required or not set(words).isdisjoint(section.content)}
            )
            for section in self.sections
        )
        added = tuple(Section(content=(word,)) for word in words if word not in self.contents)
        return self.model_copy(update={"sections": (*sections, *added)})


class Wording(Frozen):
    """The fixed sentences around the sections for one audience."""

    opening: Annotated[str, Field(max_length=600)] = ""
    closing: Annotated[str, Field(max_length=600)] = ""
    idle: Annotated[str, Field(max_length=100)] = Field(default="", description="said beside EXERCISE")


class FixedWords(Frozen):
    """The words of every notice."""

    not_known: Line
    to: Line
    from_: Line = Field(alias="from")
    reference: Line
    contract: Line
    prepared: Line
    aware: Line
    under: Line
    exercise: Line
    yes: Line
    no: Line
    phased: Line
    between: Line
    at_least: Line
    at_most: Line
    maybe_more: Line
    phase: Line
    follows: Line
    phases: Mapping[Phase, Line]
    last: Line = Field(description="a notice, by its reference and when it was prepared")
    updated: Line
    withdrawn: Line


class Language(Frozen):
    """A language's words: complete for the forms that it names, or, as English, for all."""

    language: Annotated[str, Field(pattern=r"^[a-z]{2}$")]
    name: Line
    needs_native_reader: bool = False
    fixed: FixedWords
    audiences: Mapping[Audience, Wording]
    titles: Mapping[Slug, Line] = Field(
        default_factory=dict, description="by form; a form without is not offered"
    )
    headings: Mapping[str, Line] = Field(
        default_factory=dict, description="by the English heading, or content"
    )
    data: Mapping[str, Line] = Field(description="by the categories of data that facts know")

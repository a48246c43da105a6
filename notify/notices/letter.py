"""A notice as a letter: the form's sections filled, every word inert, before anything is laid out."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from notify import text
from notify.kinds import MessageFault
from notify.render import instant
from playbooks.errors import InstantFault
from playbooks.fact_types import Range
from playbooks.notices.library import ENGLISH, heading_of
from playbooks.notices.models import Form, Language, Phase, Section, Wording
from playbooks.notices.unknowns import MAYBE_MORE

PARAGRAPH_LIMIT = 4_000
LINE_LIMIT = 300
_FORMAL = frozenset({"authority", "client"})
"""The audiences that are told under which law they are told; the others are spared it."""


class NoticeFault(MessageFault):
    """A notice without something that it needs, or with something that is not its own."""


@dataclass(frozen=True, slots=True)
class Earlier:
    """The notice that a later one follows, as its recipient knows it."""

    ref: str
    prepared_at: datetime


@dataclass(frozen=True, slots=True)
class Envelope:
    """Who writes to whom, about what, under which duties and marks."""

    ref: str
    exercise: bool
    sender: str
    recipient: str
    prepared_at: datetime
    aware_at: datetime | None = None
    contract_reference: str | None = None
    duties: tuple[str, ...] = ()
    marks: tuple[str, ...] = ()
    phase: Phase = "initial"
    follows: Earlier | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """One thing said; a label where its section says several."""

    label: str
    words: str


@dataclass(frozen=True, slots=True)
class Part:
    """One section as it is read, and where the law asks for it."""

    heading: str
    place: str
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Letter:
    """A notice ready to be laid out; every word in it is inert plain text."""

    audience: str
    language: str
    title: str
    law: str
    exercise: str
    idle: str
    marks: tuple[str, ...]
    head: tuple[Line, ...]
    under: str
    duties: tuple[str, ...]
    opening: str
    parts: tuple[Part, ...]
    closing: tuple[str, ...]
    prepared_at: datetime


def write_letter(form: Form, language: Language, envelope: Envelope, values: Mapping[str, object]) -> Letter:
    """The letter of a form in a language; a value that is none is told as not yet known.

    `values` holds every content of the form and no other: raises NoticeFault that names the rest.
    """
    wrong = set(form.contents) ^ values.keys()
    if wrong:
        raise NoticeFault("the fields do not fit the notice", which=form.id, mend=", ".join(sorted(wrong)))
    wording = language.audiences.get(form.audience, Wording())
    is_formal = form.audience in _FORMAL
    return Letter(
        audience=form.audience,
        language=language.language,
        title=language.titles.get(form.id, form.title),
        law=form.law if is_formal else "",
        exercise=language.fixed.exercise if envelope.exercise else "",
        idle=wording.idle,
        marks=tuple(_line(mark) for mark in envelope.marks),
        head=tuple(_head(form, language, envelope)),
        under=language.fixed.under,
        duties=tuple(_line(duty) for duty in envelope.duties) if is_formal else (),
        opening=_opening(language, wording, envelope),
        parts=tuple(_parts(form, language, values)),
        closing=tuple(_closing(form, language, wording, envelope.phase)),
        prepared_at=envelope.prepared_at.astimezone(UTC),
    )


def said(language: Language, value: object) -> str:
    """A value as a notice says it, inert; what is unknown is said to be so."""
    match value:
        case None | "":
            return language.fixed.not_known
        case bool():
            return language.fixed.yes if value else language.fixed.no
        case datetime():
            return _moment(language, value)
        case list() | tuple() | set() | frozenset():
            return _paragraph("; ".join(_listed(language, value))) or language.fixed.not_known
        case Range():
            return _counted(language, value)
        case _:
            return _paragraph(value) or language.fixed.not_known


def _listed(language: Language, value: Collection[object]) -> Iterator[str]:
    """The categories that are known; where there may be more beside them, that too."""
    known = sorted(str(one) for one in value if one != MAYBE_MORE)
    yield from (language.data.get(one, one.replace("_", " ")) for one in known)
    if known and len(known) < len(value):
        yield language.fixed.maybe_more


def _counted(language: Language, value: Range) -> str:
    """A count in words, so that an approximation is never read as a number."""
    fixed = language.fixed
    if value.high is None:
        return fixed.at_least.format(low=value.low) if value.low else fixed.not_known
    if value.low == value.high:
        return str(value.low)
    words = fixed.between if value.low else fixed.at_most
    return words.format(low=value.low, high=value.high)


def _head(form: Form, language: Language, envelope: Envelope) -> Iterator[Line]:
    fixed = language.fixed
    yield Line(fixed.to, _line(envelope.recipient))
    yield Line(fixed.from_, _line(envelope.sender))
    yield Line(fixed.reference, _line(envelope.ref))
    yield Line(fixed.phase, fixed.phases[envelope.phase])
    if envelope.follows is not None:
        at = _moment(language, envelope.follows.prepared_at)
        yield Line(fixed.follows, fixed.last.format(ref=_line(envelope.follows.ref), at=at))
    if form.audience == "client":
        yield Line(fixed.contract, _line(said(language, envelope.contract_reference)))
    if form.audience in _FORMAL:
        yield Line(fixed.aware, said(language, envelope.aware_at))
    yield Line(fixed.prepared, _moment(language, envelope.prepared_at))


def _parts(form: Form, language: Language, values: Mapping[str, object]) -> Iterator[Part]:
    number = 0
    for section in form.sections:
        known = [word for word in section.content if values[word] not in (None, "")]
        if not section.required and not known:
            continue
        number += 1
        heading = heading_of(language, section.heading or section.content[0])
        yield Part(
            f"{number}. {heading}" if form.audience == "client" else heading,
            section.place,
            tuple(_lines(section, language, values)),
        )


def _lines(section: Section, language: Language, values: Mapping[str, object]) -> Iterator[Line]:
    first, *others = section.content
    yield Line("", said(language, values[first]))
    for word in others:
        yield Line(heading_of(language, word), said(language, values[word]))


def _opening(language: Language, wording: Wording, envelope: Envelope) -> str:
    """What a later notice says of the one that it follows, in the place of the first words."""
    match envelope.phase:
        case "withdrawal":
            return language.fixed.withdrawn
        case "update" | "final" if envelope.follows is not None:
            return language.fixed.updated
        case _:
            return wording.opening


def _closing(form: Form, language: Language, wording: Wording, phase: Phase) -> Iterator[str]:
    """That more follows, or the audience's last words; after the last notice nothing follows."""
    if phase == "withdrawal" or (phase == "final" and form.audience != "client"):
        return
    if form.phased:
        yield f"{language.fixed.phased} ({form.phased})."
    elif wording.closing:
        yield wording.closing


def _moment(language: Language, value: datetime) -> str:
    """An instant in UTC; in figures alone where months have other names."""
    if value.tzinfo is None:
        raise InstantFault("an instant without an offset", which=text.terminal(value, 40))
    if language.language == ENGLISH:
        return instant(value)
    return value.astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC")


def _paragraph(value: object) -> str:
    return text.clip(text.plain(value).strip(), PARAGRAPH_LIMIT)


def _line(value: object) -> str:
    return text.clip(text.one_line(value), LINE_LIMIT)

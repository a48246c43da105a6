"""How plain a text for the people affected is: reading ease by language, long sentences, hard words.

Syllables: a word is broken by the language's hyphenation dictionary (pyphen, of LibreOffice), and in each
part the groups of vowels that are spoken as one are counted. Close to what a reader counts, not exact.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Final

import pyphen

from playbooks.notices.findings import NoticeFinding
from playbooks.notices.sentences import sentences

LONGEST_KEPT: Final = 3
HARD_KEPT: Final = 8
HARD_FROM: Final = 4
"""Syllables from which a word counts as hard."""
_WORD: Final = re.compile(r"[^\W\d_]+(?:['\u2019-][^\W\d_]+)*")
_NOT_PROSE: Final = re.compile(r"\S+@\S+|https?://\S+|www\.\S+")
_DICTIONARY: Final = {"en": "en_US", "de": "de_DE", "es": "es"}
_SPOKEN: Final = {
    "en": re.compile(r"[aeiouy]+"),
    "de": re.compile(r"[aeiouyäöü]+"),
    "es": re.compile(r"[aeoáéó]|[íú]|(?<![aeoáéóiuü])[iuüy]+(?![aeoáéóíiuü])"),
}
_SILENT: Final = re.compile(
    r"(?:(?<![^aeiouy]l)(?<=[^aeiouy])e|(?<=[^aeiouytd])ed|(?<![^aeiouy]l)(?<=[^aeiouysxzcg])(?<!ch)(?<!sh)es)$"
)
"""What English writes at a word's end and does not speak: made, changed, makes."""


@dataclass(frozen=True, slots=True)
class Counted:
    """A text counted."""

    sentences: int
    words: int
    syllables: int

    @property
    def words_per_sentence(self) -> float:
        """The mean length of a sentence."""
        return self.words / self.sentences

    @property
    def syllables_per_word(self) -> float:
        """The mean length of a word."""
        return self.syllables / self.words


@dataclass(frozen=True, slots=True)
class Plainness:
    """How plain a text is: the score, its least, and where the reader stumbles."""

    measure: str
    score: float
    threshold: float
    is_plain: bool
    longest: tuple[str, ...]
    hard_words: tuple[str, ...]


def flesch(counted: Counted) -> float:
    """Reading ease of English: 206.835 - 1.015 words per sentence - 84.6 syllables per word.

    R. Flesch, A new readability yardstick, Journal of Applied Psychology 32 (1948) 221-233. 60 to 70 is plain
    English, below 50 is difficult.
    """
    return 206.835 - 1.015 * counted.words_per_sentence - 84.6 * counted.syllables_per_word


def amstad(counted: Counted) -> float:
    """Reading ease of German: 180 - words per sentence - 58.5 syllables per word.

    T. Amstad, Wie verständlich sind unsere Zeitungen? (Zürich 1978). The same scale as Flesch's.
    """
    return 180 - counted.words_per_sentence - 58.5 * counted.syllables_per_word


def szigriszt(counted: Counted) -> float:
    """Perspicuity of Spanish: 206.835 - 62.3 syllables per word - words per sentence.

    F. Szigriszt Pazos (Madrid 1993), validated as INFLESZ by I. Barrio Cantalejo (2008), where 55 to 65 is
    normal and below 40 very hard. J. Fernández Huerta's of 1959 is older and printed with two meanings.
    """
    return 206.835 - 62.3 * counted.syllables_per_word - counted.words_per_sentence


def sentence_length(counted: Counted) -> float:
    """The mean length of a sentence in written syllables, for Vietnamese, whose words are not hyphenated."""
    return counted.words_per_sentence


@dataclass(frozen=True, slots=True)
class _Measure:
    name: str
    score: Callable[[Counted], float]
    threshold: float
    more_is_plain: bool = True


MEASURES: Final[Mapping[str, _Measure]] = {
    "en": _Measure("Flesch reading ease", flesch, 50),
    "de": _Measure("reading ease after Amstad", amstad, 50),
    "es": _Measure("perspicuity after Szigriszt", szigriszt, 55),
    "vi": _Measure("mean length of a sentence", sentence_length, 30, more_is_plain=False),
}
"""By language, what is measured, and where it begins to be plain."""


def measured(text: str, language: str) -> Plainness | None:
    """How plain a text is; None where it has no words or its language no measure."""
    measure, prose = MEASURES.get(language), _NOT_PROSE.sub(" ", text)
    counted = count(prose, language)
    if measure is None or counted is None:
        return None
    score = measure.score(counted)
    is_plain = score >= measure.threshold if measure.more_is_plain else score <= measure.threshold
    by_length = sorted(sentences(prose), key=lambda one: -len(_WORD.findall(one)))
    hard = dict.fromkeys(
        word
        for word in _WORD.findall(prose)
        if language in _SPOKEN and syllables(word, language) >= HARD_FROM
    )
    return Plainness(
        measure.name,
        round(score, 1),
        measure.threshold,
        is_plain,
        tuple(by_length[:LONGEST_KEPT]),
        tuple(hard)[:HARD_KEPT],
    )


def count(text: str, language: str) -> Counted | None:
    """The sentences, words and syllables of a text; None where it has no words."""
    words = _WORD.findall(text)
    spoken = sum(1 for one in sentences(text) if _WORD.search(one))
    if not words:
        return None
    heard = sum(syllables(word, language) for word in words) if language in _SPOKEN else len(words)
    return Counted(spoken, len(words), heard)


def syllables(word: str, language: str) -> int:
    """How many syllables a word has, at least one."""
    bare = word.casefold().replace("ß", "ss")
    parts = _broken(language).inserted(bare).split("-")
    if language == "en":
        parts[-1] = _SILENT.sub("", parts[-1]) or parts[-1]
    return max(1, sum(len(_SPOKEN[language].findall(part)) for part in parts))


def check_plainness(values: Mapping[str, object], language: str) -> Iterator[NoticeFinding]:
    """One finding where what responders wrote is hard to read."""
    written = (
        str(value) for name, value in values.items() if isinstance(value, str) and name != "contact_point"
    )
    found = measured("\n".join(written), language)
    if found is None or found.is_plain:
        return
    longest = f"; longest sentence: \u201c{_short(found.longest[0])}\u201d" if found.longest else ""
    hard = f"; hard words: {', '.join(found.hard_words)}" if found.hard_words else ""
    side = "at least" if MEASURES[language].more_is_plain else "at most"
    words = f"{found.measure} {found.score}, {side} {found.threshold:g} is plain{longest}{hard}"
    yield NoticeFinding("hard_to_read", "warn", "", words)


def _short(sentence: str) -> str:
    return sentence if len(sentence) <= 160 else f"{sentence[:159]}\u2026"


@cache
def _broken(language: str) -> pyphen.Pyphen:
    return pyphen.Pyphen(lang=_DICTIONARY[language])

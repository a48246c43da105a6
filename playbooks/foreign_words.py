"""Words that a text may not hold, found however they are spelled: case, accents, gaps, look-alikes. Pure.

Names and text are made letters without gaps; a name is found where its letters stand between two word
boundaries. One table for all names is looked up, whatever their number.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate
from typing import Final

from playbooks.common_words import COMMON, LEGAL_FORMS

LONGEST: Final = 120
"""Letters of a name; of a longer one its beginning is looked for."""

_LOOKALIKES = str.maketrans(
    "авекмнорстухѕіјԁԛԝ" + "αβεζηικμνορτυχ" + "đłøıɡ",
    "abekmhopctyxsijdqw" + "abezhikmnoptyx" + "dloig",
)
_NO_SPACES = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3005\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]"
)
_HARD = re.compile(r"[;!?]\s|\n[ \t]*\n|\S{7,}|^.{12,}$", re.DOTALL)
_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Term:
    """A word or several that may not stand in a text, and what they are: a name, a domain."""

    kind: str
    words: str


@dataclass(frozen=True, slots=True)
class Hit:
    """Such words in a text, by kind and place."""

    kind: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class _Letters:
    """A text's letters without its gaps; where each stood, where words begin, where no name goes on."""

    text: str
    origins: tuple[int, ...]
    begins: tuple[bool, ...]
    """Whether a word may begin at this letter; one more for the end of the text."""
    breaks: tuple[int, ...]
    """How many hard breaks stand before this letter."""


class Matcher:
    """One table of all words that may not stand in a text; what is allowed covers what lies within it."""

    def __init__(self, terms: Iterable[Term], allowed: Iterable[str] = ()) -> None:
        self._strict: dict[str, dict[str, str]] = {}
        """By letters: how exactly it must stand there, and its kind."""
        self._loose: dict[str, str] = {}
        self._allowed: frozenset[str] = frozenset(_word(words) for words in allowed) - {""}
        for term in terms:
            self._add(term)
        known = self._loose.keys() | self._strict.keys() | self._allowed
        self._lengths: dict[str, list[int]] = {}
        for first in {word[0] for word in known}:
            self._lengths[first] = sorted({len(word) for word in known if word[0] == first})

    def find(self, text: str) -> tuple[Hit, ...]:
        """Every such word in a text, in its order, each place once."""
        letters = _letters(text)
        allowed: list[tuple[int, int]] = []
        found: list[Hit] = []
        for start, end in self._spans(letters):
            word = letters.text[start:end]
            span = (letters.origins[start], letters.origins[end - 1] + 1)
            kind = self._kind(word, text[slice(*span)])
            if word in self._allowed:
                allowed.append(span)
            elif kind:
                found.append(Hit(kind, *span))
        found = [hit for hit in found if not _lies_within(hit, allowed)]
        found.sort(key=lambda hit: (hit.start, -hit.end))
        ends = accumulate((hit.end for hit in found), max, initial=0)
        return tuple(hit for hit, end in zip(found, ends, strict=False) if hit.end > end)

    def _add(self, term: Term) -> None:
        word = _word(term.words)
        if not word or (word.isdigit() and len(term.words) < 6) or word in self._allowed:
            return
        if is_weak(term.words) or (word.isdigit() and len(word) < 8):
            self._strict.setdefault(word, {}).setdefault(_exactly(term.words), term.kind)
        else:
            self._loose.setdefault(word, term.kind)

    def _kind(self, word: str, written: str) -> str:
        return self._loose.get(word) or self._strict.get(word, {}).get(_exactly(written), "")

    def _spans(self, letters: _Letters) -> Iterable[tuple[int, int]]:
        """Where the letters of a name stand between two boundaries, with no hard break among them."""
        text, size = letters.text, len(letters.text)
        for start, first in enumerate(text):
            if not letters.begins[start]:
                continue
            for length in self._lengths.get(first, ()):
                end = start + length
                if end > size:
                    break
                is_unbroken = letters.breaks[end - 1] == letters.breaks[start]
                if letters.begins[end] and is_unbroken and self._knows(text[start:end]):
                    yield start, end

    def _knows(self, word: str) -> bool:
        return word in self._loose or word in self._strict or word in self._allowed


def is_weak(words: str) -> bool:
    """Whether words are so short or so common that they must stand in a text exactly as they are."""
    found = [word.casefold() for word in _WORD.findall(words)]
    return sum(map(len, found)) < 4 or all(word in COMMON for word in found)


def without_legal_form(name: str) -> str:
    """A company's name as people say it, without `Ltd` and the like; empty where nothing is left."""
    words = name.split()
    while words and _letters(words[-1]).text in LEGAL_FORMS:
        words.pop()
    return " ".join(words).rstrip(" ,&")


def _exactly(words: str) -> str:
    seen = "".join(char for char in words if unicodedata.category(char) != "Cf")
    return " ".join(unicodedata.normalize("NFKC", seen).split())


def _lies_within(hit: Hit, spans: list[tuple[int, int]]) -> bool:
    return any(start <= hit.start and hit.end <= end for start, end in spans)


@lru_cache(maxsize=20_000)
def _word(words: str) -> str:
    """The letters of a name: a hundred notices are held against the same names."""
    return _letters(words).text[:LONGEST]


def _letters(text: str) -> _Letters:
    kept: list[str] = []
    origins: list[int] = []
    begins: list[bool] = []
    breaks: list[int] = []
    gap, has_gap, before, broken = "", True, "", 0
    for place, char in enumerate(text):
        folded, is_mark = _folded(char)
        if is_mark:
            continue
        if not folded:
            gap, has_gap = gap + _visible(char), True
            continue
        broken += bool(gap and _HARD.search(gap))
        for number, letter in enumerate(folded):
            kept.append(letter)
            origins.append(place)
            stands_alone = bool(_NO_SPACES.match(char) or _NO_SPACES.match(before))
            begins.append(number == 0 and (has_gap or stands_alone))
            breaks.append(broken)
        gap, has_gap, before = "", False, char
    return _Letters("".join(kept), tuple(origins), (*begins, True), tuple(breaks))


def _folded(char: str) -> tuple[str, bool]:
    """The letters that a character stands for, and whether it is a mark upon the one before."""
    if char.isascii():
        return (char.lower() if char.isalnum() else ""), False
    if unicodedata.category(char) in {"Mn", "Me"}:
        return "", True
    if char in "\u115f\u1160\u3164\uffa0":  # Hangul fillers: letters that nobody sees
        return "", False
    whole = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", char).casefold())
    return "".join(one for one in whole if one.isalnum()).translate(_LOOKALIKES), False


def _visible(char: str) -> str:
    return "" if unicodedata.category(char) in {"Cf", "Lo"} else char

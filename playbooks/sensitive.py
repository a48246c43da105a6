"""Payment card and national identity numbers in a text: which kind stands where, never the number. Pure.

A checksum, a firm shape or a word beside it must speak for a number: what is as likely a reference, a hash, a
timestamp, an address or a telephone number is left alone.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from playbooks.sensitive_checks import (
    CARD,
    aadhaar,
    card,
    iban_length,
    is_iban,
    looks_like_date,
    spanish,
    steuer_id,
)

_SOURCES = (
    r"(?<![0-9a-f-])[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}(?![0-9a-f-])",  # UUID
    r"(?<!\w)(?:sha256:)?(?:[0-9a-f]{128}|[0-9a-f]{96}|[0-9a-f]{64}|[0-9a-f]{40}|[0-9a-f]{32})(?!\w)",
    r"(?<!\d)(?:19|20)\d\d-[01]\d-[0-3]\d(?:[t ][0-2]\d:?[0-5]\d(?::?[0-5]\d(?:\.\d+)?)?)?",  # an instant
    r"(?<![\d.])\d{1,3}(?:\.\d{1,3}){3}(?![\d.])",  # IPv4
    r"(?<!\w)INC-\d{4}-\d+(?!\d)",  # our own reference
)
_HARMLESS = re.compile("|".join(_SOURCES), re.IGNORECASE)
_RUN = re.compile(r"\d+(?:[ .-]{1,3}\d+)*")
_GROUP = re.compile(r"\d+")
_BESIDE = 40
"""How many characters before a number its name may stand; half as many behind."""


@dataclass(frozen=True, slots=True)
class Found:
    """A number in a text by its kind and its place there."""

    kind: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class _Shape:
    """How a national number is written; `named` is what must stand beside it, where its shape says little."""

    kind: str
    pattern: re.Pattern[str]
    named: re.Pattern[str] | None = None


def _shape(kind: str, pattern: str, named: str = "") -> _Shape:
    bounded = rf"(?<![\w+]){pattern}(?!\w)(?!-\d)"
    return _Shape(kind, re.compile(bounded), re.compile(named, re.IGNORECASE) if named else None)


_SSN, _AADHAAR, _TAX = "US social security number", "Aadhaar number", "German tax number"
_SSN_NAME = r"\bssn\b|social security"
_SHAPES = (
    _shape(_SSN, r"(?<!-)(?!000|666|9\d\d)\d{3}-(?!00)\d{2}-(?!0000)\d{4}"),
    _shape(_SSN, r"(?!000|666|9\d\d)\d{3} ?(?!00)\d{2} ?(?!0000)\d{4}", _SSN_NAME),
    _shape(_AADHAAR, r"(?<![\d][ -])[2-9]\d{3}([ -])\d{4}\1\d{4}(?! \d)"),
    _shape(_AADHAAR, r"[2-9]\d{11}", r"aadh?aar|uidai|आधार"),
    _shape("Indian PAN", r"[A-Z]{3}[ABCFGHJLPT][A-Z]\d{4}[A-Z]"),
    _shape(
        "UK national insurance number",
        r"(?!BG|GB|NK|KN|TN|NT|ZZ)[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z]"
        r"(?:\d{6}| \d{2} \d{2} \d{2} |-\d{2}-\d{2}-\d{2}-)[A-D]",
    ),
    _shape(_TAX, r"(?<!\d[ -])[1-9]\d(?:\d{9}|( )\d{3}\1\d{3}\1\d{3})(?! \d)"),
    _shape("Spanish identity number", r"(?<!-)(?:\d{8}|[XYZ][- ]?\d{7})[- ]?[A-Z]"),
    _shape("Vietnamese identity number", r"0\d{11}", r"\bcccd\b|c[aă]n c[uư][oơớ]c|citizen id"),
    _shape("Philippine social security number", r"\d{2}-?\d{7}-?\d", r"\bsss\b"),
)
_IBAN = re.compile(r"(?<!\w)[A-Za-z]{2}\d{2}(?=[ -]?[A-Za-z0-9])")


def find_numbers(text: str) -> tuple[Found, ...]:
    """Every number of a kind that no answer and no notice may hold, in the order of the text."""
    folded, origins = _fold(text)
    if not any(char.isdigit() for char in folded):
        return ()
    bare = _HARMLESS.sub(lambda match: "x" * len(match[0]), folded)
    found = sorted({*_ibans(bare), *_cards(bare), *_national(bare)}, key=lambda one: (one.start, -one.end))
    kept: list[Found] = []
    for one in found:
        if not kept or one.start >= kept[-1].end:
            kept.append(one)
    return tuple(Found(one.kind, origins[one.start], origins[one.end - 1] + 1) for one in kept)


def kinds_in(text: str) -> tuple[str, ...]:
    """The kinds of numbers that a text holds, each once."""
    return tuple(dict.fromkeys(one.kind for one in find_numbers(text)))


def without_numbers(text: str) -> str:
    """The text with the kind in place of every number."""
    for one in reversed(find_numbers(text)):
        text = f"{text[: one.start]}[{one.kind}]{text[one.end :]}"
    return text


def _fold(text: str) -> tuple[str, list[int]]:
    """The text in plain digits, spaces and dashes, without what cannot be seen; and where each stood."""
    kept: list[str] = []
    origins: list[int] = []
    for place, char in enumerate(text):
        plain = char if char.isascii() else _plain(char)
        if plain:
            kept.append(" " if plain == "\t" else plain)
            origins.append(place)
    return "".join(kept), origins


def _plain(char: str) -> str:
    category = unicodedata.category(char)
    if category == "Cf":
        return ""
    if category == "Pd" or char == "\N{MINUS SIGN}":
        return "-"
    if category == "Zs":
        return " "
    if category == "Nd":
        return str(unicodedata.decimal(char))
    normal = unicodedata.normalize("NFKC", char)
    return normal if len(normal) == 1 else char


def _cards(text: str) -> Iterator[Found]:
    for run in _RUN.finditer(text):
        groups = [(one.start() + run.start(), one.end() + run.start()) for one in _GROUP.finditer(run[0])]
        if sum(end - start for start, end in groups) < 13 or _before(text, run.start()) == "+":
            continue
        for first in range(len(groups)):
            yield from _cards_from(text, groups, first)


def _cards_from(text: str, groups: list[tuple[int, int]], first: int) -> Iterator[Found]:
    """The longest card number that begins with this group, if there is one."""
    start, best = groups[first][0], 0
    if _is_bound(text, start - 1, -1):
        return
    digits, sizes = "", []
    for begin, end in groups[first : first + 19]:
        digits += text[begin:end]
        sizes.append(end - begin)
        if len(digits) > 19:
            break
        if len(digits) >= 13 and not _is_bound(text, end, 1) and _is_printed_so(sizes) and card(digits):
            best = end
    if best:
        yield Found(CARD, start, best)


def _is_printed_so(sizes: list[int]) -> bool:
    """Whether people write a card number in groups of these sizes."""
    if sizes in ([4, 6, 5], [4, 6, 4]):
        return True
    return len(set(sizes[:-1])) <= 1 and sizes[-1] <= sizes[0]


def _is_bound(text: str, place: int, way: int) -> bool:
    """Whether what stands beside a number makes it part of something longer."""
    beside = text[place : place + 1] if place >= 0 else ""
    if not beside:
        return False
    beyond = text[place + way : place + way + 1] if place + way >= 0 else ""
    return beside.isalnum() or beside == "_" or (beside in "-." and beyond.isdigit())


def _before(text: str, place: int) -> str:
    return text[place - 1] if place else ""


def _national(text: str) -> Iterator[Found]:
    for shape in _SHAPES:
        for match in shape.pattern.finditer(text):
            if _holds(shape, match[0]) and (shape.named is None or _is_named(shape.named, text, match)):
                yield Found(shape.kind, match.start(), match.end())


def _holds(shape: _Shape, written: str) -> bool:
    """Whether the checksum of its kind holds, where it has one."""
    bare = re.sub(r"[ -]", "", written)
    match shape.kind:
        case "Aadhaar number":
            return aadhaar(bare)
        case "German tax number":
            return steuer_id(bare)
        case "Spanish identity number":
            return spanish(bare) and not looks_like_date(bare[:8])
        case _:
            return True


def _is_named(named: re.Pattern[str], text: str, match: re.Match[str]) -> bool:
    before = text[max(0, match.start() - _BESIDE) : match.start()]
    return bool(named.search(before) or named.search(text[match.end() : match.end() + _BESIDE // 2]))


def _ibans(text: str) -> Iterator[Found]:
    for match in _IBAN.finditer(text):
        length = iban_length(match[0][:2])
        kept, place = "", match.start()
        while place < len(text) and len(kept) < length:
            char = text[place]
            if char.isascii() and char.isalnum():
                kept += char
            elif char not in " -" or text[place - 1] in " -":
                break
            place += 1
        is_whole = length and len(kept) == length and not text[place : place + 1].isalnum()
        if is_whole and is_iban(kept):
            yield Found("IBAN", match.start(), place)

"""Dates as words say them, compared with when it happened, when we became aware, and now."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Final

from playbooks.fact_types import FactValue
from playbooks.notices.findings import NoticeFinding, Severity
from playbooks.notices.sentences import STORY, sentences_in

_DAY: Final = timedelta(days=1)
"""Zones differ by a day; what differs by less is no contradiction."""
_BACKGROUND: Final = timedelta(days=400)
"""What lies longer before it happened is how things came about."""
_MONTHS: Final = {
    name: number
    for names in (
        "january february march april may june july august september october november december",
        "jan feb mar apr - jun jul aug sep oct nov dec",
        "januar februar märz - mai juni juli - - oktober - dezember",
        "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
    )
    for number, name in enumerate(names.split(), 1)
    if name != "-"
}
_NAMES: Final = "|".join(sorted(_MONTHS, key=len, reverse=True))
_DATES: Final = re.compile(
    rf"\b(?P<iso>\d{{4}}-\d\d-\d\d)|\b(?P<d1>\d{{1,2}})(?:st|nd|rd|th|\.)?\s+(?:de\s+)?(?P<m1>{_NAMES})\.?,?\s+(?:de\s+)?(?P<y1>\d{{4}})\b"
    rf"|\b(?P<m2>{_NAMES})\.?\s+(?P<d2>\d{{1,2}})(?:st|nd|rd|th)?,?\s+(?P<y2>\d{{4}})\b"
    r"|\b(?P<d3>\d{1,2})(?P<sep>[./])(?P<m3>\d{1,2})(?P=sep)(?P<y3>\d{4})\b"
    r"|\bngày\s+(?P<d4>\d{1,2})\s+tháng\s+(?P<m4>\d{1,2})\s+năm\s+(?P<y4>\d{4})\b",
    re.IGNORECASE,
)
_AHEAD: Final = re.compile(
    r"\b(?:will|shall|plan\w*|expect\w*|schedul\w*|by|until|wird|werden|geplant|bis|"
    r"será|serán|previst\w*|hasta|sẽ|dự kiến)\b",
    re.IGNORECASE,
)
_AWARE: Final = re.compile(
    r"\bwe\b(?:(?!\b(?:not|never|will|would|shall|keep|make|making)\b)[^.!?]){0,40}?"
    r"\b(?:aware|learn(?:ed|t) (?:of|about))\b",
    re.IGNORECASE,
)
_IT: Final = (
    r"(?:of|about)?\s*(?:it|this|that|"
    r"(?:the|this|a|an)\s+(?:[\w-]+\s+){0,3}?(?:incident|breach|event|matter))?"
)
_AT_ONCE: Final = re.compile(
    rf"\s*{_IT}\s*(?:only|first|late|early)?\s*(?:on|at [\d:.apmutc ]{{1,12}} on)\s+(?:\w+day,?\s+)?",
    re.IGNORECASE,
)
"""What stands between the awareness and its date; anything else may be about another day."""
_OF_ELSE: Final = re.compile(
    r"\b(?:that|which|who|had|was|were|beg[au]n|start\w*|since|from|between|happen\w*|occur\w*|publish\w*|dated|"
    r"until|by|before|after|as of)\b|\bof\s*$|,",
    re.IGNORECASE,
)
_BEFORE: Final = re.compile(r"on\s+(?:\w+day,?\s+)?", re.IGNORECASE)
_THEN: Final = re.compile(r",?\s+we (?:first )?(?:became|were made) aware\b", re.IGNORECASE)


_MONTH_OF: Final = re.compile(rf"\b(?:{_NAMES})\.?,?\s+(?:de\s+)?(?:19|20)\d\d\b", re.IGNORECASE)


def without_dates(sentence: str) -> str:
    """A sentence whose days and months of a year no longer read as numbers of anything."""
    return _MONTH_OF.sub("\u2026", _DATES.sub("\u2026", sentence))


def dates_in(sentence: str) -> Iterator[tuple[str, tuple[date, ...]]]:
    """Each date of a sentence as written, and what it may mean: 3/4/2026 is read both ways."""
    for match in _DATES.finditer(sentence):
        meant = tuple(one for one in _meant(match.groupdict()) if one is not None)
        if meant:
            yield match[0], meant


def check_dates(
    values: Mapping[str, object], facts: Mapping[str, FactValue], now: datetime
) -> Iterator[NoticeFinding]:
    """Dates of what happened that lie before it happened, or ahead."""
    occurred = facts.get("occurred_at")
    first = _day_of(occurred) if isinstance(occurred, datetime) else None
    last = _day_of(now) + _DAY
    for sentence in sentences_in(values, only=STORY):
        for shown, meant in dates_in(sentence.words):
            quoted = f"\u201c{shown}\u201d"
            if all(one > last for one in meant) and not _AHEAD.search(sentence.words):
                mend = "it lies ahead: correct the date"
                yield NoticeFinding("date_ahead", "warn", sentence.content, f"{quoted}: {mend}")
            elif first is not None and all(first - _BACKGROUND < one < first - _DAY for one in meant):
                mend = f"it happened at {first} by the facts: correct the date or occurred_at"
                yield NoticeFinding("date_before", "warn", sentence.content, f"{quoted}: {mend}")


def check_awareness(values: Mapping[str, object], facts: Mapping[str, FactValue]) -> Iterator[NoticeFinding]:
    """Words that say we became aware on another day than the facts, from which the clocks run."""
    aware = facts.get("aware_at")
    if not isinstance(aware, datetime):
        return
    day = _day_of(aware)
    for sentence in sentences_in(values):
        severity, shown, meant = _awareness(" ".join(sentence.words.split()))
        if meant and all(abs(one - day) > _DAY for one in meant):
            mend = f"aware since {day} by the facts: correct the words, or state aware_at"
            words = f"\u201c{shown}\u201d: {mend}"
            yield NoticeFinding("aware_contradicts", severity, sentence.content, words)


def _awareness(words: str) -> tuple[Severity, str, tuple[date, ...]]:
    """The date at which a sentence says that we became aware, and how sure it is that it does; else none."""
    shown, meant = next(dates_in(words), ("", ()))
    if meant and _BEFORE.fullmatch(words[: words.index(shown)]):
        is_said = _THEN.match(words, words.index(shown) + len(shown))
        return "warn", shown, meant if is_said else ()
    claim = _AWARE.search(words)
    after = words[claim.end() :] if claim else ""
    shown, meant = next(dates_in(after), ("", ()))
    between, _, rest = after.partition(shown) if shown else ("", "", "")
    if _AT_ONCE.fullmatch(between):
        return ("warn" if re.match(r",?\s+that\b", rest) else "block"), shown, meant
    return "warn", shown, () if _OF_ELSE.search(between) else meant


def _meant(found: Mapping[str, str | None]) -> Iterator[date | None]:
    if found["iso"]:
        yield _date(*found["iso"].split("-"))
    for number in "1234":
        day, month, year = found.get(f"d{number}"), found.get(f"m{number}"), found.get(f"y{number}")
        if day and month and year:
            yield _date(year, _MONTHS.get(month.casefold(), month), day)
            if number == "3" and found["sep"] == "/":
                yield _date(year, day, month)


def _date(year: str | int, month: str | int, day: str | int) -> date | None:
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        return None


def _day_of(at: datetime) -> date:
    return at.astimezone(UTC).date()

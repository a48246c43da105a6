"""What must be right in each rule beyond its shape: citations, and the names of facts, places and calendars.

Every check yields all its faults, each on the line of the file where it is mended.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeAlias

from playbooks.calendars import Calendars
from playbooks.conditions import condition_faults
from playbooks.documents import Document, Path
from playbooks.errors import Fault, Mend
from playbooks.facts import DICTIONARY
from playbooks.law import SUBMITTED, Rule
from playbooks.places import UTC_PLACE, place, place_codes

_RESERVED = re.compile(r"CONTRACT|SLA-.*", re.IGNORECASE)
_LINK = re.compile(r"https://[^\s<>\"']+")


Said: TypeAlias = Mapping[str, Any]
"""A rule as its file says it, before anything of it is known to fit."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A rule with the part of its file that says it."""

    rule: Rule
    part: Document


def rule_faults(entry: Entry, calendars: Calendars) -> Iterator[Fault]:
    """What is wrong with one rule whose every key can be read, whatever the others say."""
    yield from _identity(entry)
    yield from _citation(entry)
    yield from part_faults(entry.part, calendars)


def part_faults(part: Document, calendars: Calendars, unread: Collection[str] = ()) -> Iterator[Fault]:
    """What is wrong with the names that a rule uses, also where other keys of it are `unread`."""
    told = {key: value for key, value in part.data.items() if key not in unread}
    yield from _condition(part, told)
    yield from _instants(part, told)
    yield from _places(part, told)
    yield from _calendars(part, told, calendars)


def _identity(entry: Entry) -> Iterator[Fault]:
    if _RESERVED.fullmatch(entry.rule.id):
        what = f"the id `{entry.rule.id}` is kept for the terms of contracts"
        yield entry.part.fault(("id",), what, "choose another id")
    if entry.rule.source != "law":
        yield entry.part.fault(
            ("source",), "a law file holds law", "put terms of contracts into the client file"
        )


def _citation(entry: Entry) -> Iterator[Fault]:
    citation = entry.rule.citation
    if not citation.locator.strip():
        mend = "add `locator`: the article, section or clause"
        yield entry.part.fault(("citation",), "the citation names no place in the act", mend)
    if not citation.link and not entry.rule.stub:
        mend = "add `link`, or mark the rule `stub: true` until its text has been found"
        yield entry.part.fault(("citation",), "the citation has no link to the text", mend)
    if citation.link and not _LINK.fullmatch(citation.link):
        yield entry.part.fault(("citation", "link"), "the link is not an address", "begin it with https://")


def _condition(part: Document, told: Said) -> Iterator[Fault]:
    text = _text(told.get("when"))
    for fault in condition_faults(text) if text else ():
        yield part.fault(("when",), fault.what, fault.mend)


def _instants(part: Document, told: Said) -> Iterator[Fault]:
    """Events are instants that facts hold, or the meeting of another rule."""
    instants = [name for name, known in DICTIONARY.items() if known.type == "instant"]
    for name in (name for limb in starts_of(told) for name in limb.split("|")):
        if name not in instants and not SUBMITTED.fullmatch(name):
            mend = f"submitted(RULE) or one of: {', '.join(instants)}"
            yield part.fault(("starts",), f"`{name}` is not an instant that facts hold", mend)
    met_by = _text(told.get("met_by"))
    if met_by and met_by not in instants:
        what = f"`{met_by}` is not an instant that facts hold"
        yield part.fault(("met_by",), what, f"one of: {', '.join(instants)}")


def _places(part: Document, told: Said) -> Iterator[Fault]:
    window = told.get("window")
    named: dict[Path, Any] = {("place",): told.get("place")}
    named |= {("window", "place"): window.get("place")} if isinstance(window, dict) else {}
    for path, code in named.items():
        try:
            place(_text(code) or UTC_PLACE.name)
        except Mend as error:
            yield part.fault(path, error.what, error.mend)


def _calendars(part: Document, told: Said, calendars: Calendars) -> Iterator[Fault]:
    """Calendars exist; where a date of the next year is meant, `calendar` holds that date."""
    named: dict[Path, str] = {("calendar",): _text(told.get("calendar"))}
    if told.get("counting") == "date_next_year" and not _is_date(given := named.pop(("calendar",))):
        what = f"`{given}` is no date of a year"
        yield part.fault(("calendar",), what, 'write month and day: "03-31"')
    legal, contested = told.get("legal"), told.get("contested")
    readings: dict[Path, Any] = {("legal",): legal}
    if isinstance(contested, list):
        readings |= {("contested", at): one for at, one in enumerate(contested)}
    for path, reading in readings.items():
        named[*path, "calendar"] = _text(reading.get("calendar")) if isinstance(reading, dict) else ""
    for path, name in named.items():
        try:
            if name not in ("", *calendars.entries, *place_codes()):
                calendars.named(name)
        except Mend as error:
            yield part.fault(path, error.what, error.mend)


def starts_of(told: Said) -> tuple[str, ...]:
    """The events of a rule as they are written, so far as they can be read."""
    given = told.get("starts")
    return tuple(limb for one in (given if isinstance(given, list) else [given]) if (limb := _text(one)))


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _is_date(text: str) -> bool:
    try:
        return date.fromisoformat(f"2001-{text}").strftime("%m-%d") == text
    except ValueError:
        return False

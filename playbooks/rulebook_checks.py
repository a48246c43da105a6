"""What must be right in the rulebook beyond the shape of each rule: citations, names, dates, dependencies.

Every check yields all its faults, each on the line of the file where it is mended.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from graphlib import CycleError, TopologicalSorter
from itertools import combinations

from playbooks.calendars import shipped_calendars
from playbooks.conditions import condition_faults
from playbooks.documents import Document
from playbooks.errors import Fault, Mend
from playbooks.facts import DICTIONARY
from playbooks.law import SUBMITTED, Rule
from playbooks.places import UTC_PLACE, place, place_codes

_RESERVED = re.compile(r"CONTRACT|SLA-.*", re.IGNORECASE)
_LINK = re.compile(r"https://[^\s<>\"']+")


@dataclass(frozen=True, slots=True)
class Entry:
    """A rule with the part of its file that says it."""

    rule: Rule
    part: Document


def rule_faults(entry: Entry) -> Iterator[Fault]:
    """What is wrong with one rule, whatever the others say."""
    yield from _identity(entry)
    yield from _citation(entry)
    yield from _condition(entry)
    yield from _instants(entry)
    yield from _places(entry)
    yield from _calendars(entry)


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


def _condition(entry: Entry) -> Iterator[Fault]:
    for fault in condition_faults(entry.rule.when):
        yield entry.part.fault(("when",), fault.what, fault.mend)


def _instants(entry: Entry) -> Iterator[Fault]:
    """Events are instants that facts hold, or the meeting of another rule."""
    instants = [name for name, known in DICTIONARY.items() if known.type == "instant"]
    for name in (name for limb in entry.rule.limbs for name in limb):
        if name not in instants and not SUBMITTED.fullmatch(name):
            mend = f"submitted(RULE) or one of: {', '.join(instants)}"
            yield entry.part.fault(("starts",), f"`{name}` is not an instant that facts hold", mend)
    if entry.rule.met_by is not None and entry.rule.met_by not in instants:
        what = f"`{entry.rule.met_by}` is not an instant that facts hold"
        yield entry.part.fault(("met_by",), what, f"one of: {', '.join(instants)}")


def _places(entry: Entry) -> Iterator[Fault]:
    window = entry.rule.window
    named = {("place",): entry.rule.place, ("window", "place"): window.place if window else ""}
    for path, code in named.items():
        try:
            place(code or UTC_PLACE.name)
        except Mend as error:
            yield entry.part.fault(path, error.what, error.mend)


def _calendars(entry: Entry) -> Iterator[Fault]:
    """Calendars exist; where a date of the next year is meant, `calendar` holds that date."""
    rule = entry.rule
    named: dict[tuple[str | int, ...], str] = {("calendar",): rule.calendar}
    if rule.counting == "date_next_year" and not _is_date(named.pop(("calendar",))):
        what = f"`{rule.calendar}` is no date of a year"
        yield entry.part.fault(("calendar",), what, 'write month and day: "03-31"')
    named |= {("legal", "calendar"): rule.legal.calendar} if rule.legal else {}
    named |= {("contested", at, "calendar"): one.calendar for at, one in enumerate(rule.contested)}
    for path, name in named.items():
        try:
            if name not in ("", *shipped_calendars().entries, *place_codes()):
                shipped_calendars().named(name)
        except Mend as error:
            yield entry.part.fault(path, error.what, error.mend)


def _is_date(text: str) -> bool:
    try:
        return date.fromisoformat(f"2001-{text}").strftime("%m-%d") == text
    except ValueError:
        return False


def book_faults(entries: Sequence[Entry], named: Collection[str]) -> Iterator[Fault]:
    """What is wrong between rules; `named` are the ids that any file gives, also to rules with faults."""
    yield from _lost(entries, named)
    yield from _circles(entries)
    yield from _overlaps(entries)


def _lost(entries: Sequence[Entry], named: Collection[str]) -> Iterator[Fault]:
    """References to rules that no file gives, or that are never met because they have no clock."""
    clocked = {entry.rule.id: entry.rule.has_clock for entry in entries}
    for entry in entries:
        wanted = [("starts", name) for name in entry.rule.depends_on]
        if entry.rule.follow_up is not None:
            wanted.append(("follow_up", entry.rule.follow_up))
        for key, name in wanted:
            if name not in named:
                what = f"`{key}` names a rule that does not exist: `{name}`"
                yield entry.part.fault((key,), what, "check its spelling, or add the rule")
            elif key == "starts" and not clocked.get(name, True):
                what = f"`{name}` has no clock, so that it is never met and this never starts"
                yield entry.part.fault((key,), what, "start from a rule of kind notify or assess")


def _circles(entries: Sequence[Entry]) -> Iterator[Fault]:
    """The first circle of rules that wait for each other."""
    first = {entry.rule.id: entry for entry in reversed(entries)}
    graph: defaultdict[str, set[str]] = defaultdict(set)
    for entry in entries:
        graph[entry.rule.id] |= set(entry.rule.depends_on)
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        circle: list[str] = error.args[1]
        what = f"rules wait for each other: {' → '.join(reversed(circle))}"
        yield first[circle[0]].part.fault(("starts",), what, "let one of them start from a fact")


def _overlaps(entries: Sequence[Entry]) -> Iterator[Fault]:
    """Versions of one rule of which two would be law on the same day."""
    of_id: defaultdict[str, list[Entry]] = defaultdict(list)
    for entry in entries:
        if entry.rule.in_force_from is not None:
            of_id[entry.rule.id].append(entry)
    for versions in of_id.values():
        versions.sort(key=lambda entry: (entry.rule.in_force_from or date.min, entry.rule.version))
        for older, younger in combinations(versions, 2):
            ends, begins = older.rule.in_force_until, younger.rule.in_force_from
            if ends is None or (begins is not None and begins < ends):
                what = f"{younger.rule.key} begins while {older.rule.key} still holds"
                mend = (
                    f"give {older.rule.version} `in_force_until: {begins}`, in a copy if it is a shipped one"
                )
                yield younger.part.fault(("in_force_from",), what, mend)

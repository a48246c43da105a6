"""Whether one incident may close into another, and what the other learns by it. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from flows.incidents import CANDIDATE
from playbooks.errors import Refused
from playbooks.fact_types import UNKNOWN, FactValue
from playbooks.facts import FactView

ANCHORS: Final = ("detected_at", "aware_at")
"""From these the clocks count: of two the earlier stands."""
JOINED: Final = ("jurisdictions", "data_categories")
"""Where both know something, both hold."""

Pair = tuple[str | None, str | None]
"""The same subject in the younger and in the older: None for the incident itself, else a case's letters."""
Stated = tuple[str | None, str, FactValue]
"""The older's case or None, a fact's name, its value."""


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two incidents, as far as merging asks."""

    ref: str
    number: int
    state: str
    exercise_id: int | None
    is_restricted: bool
    into: str = ""
    """Where it was merged into already."""
    is_begun: bool = True
    notices_under_way: int = 0
    """Notices that were released and whose receipt nobody has recorded."""


def refuse_merge(younger: Side, older: Side) -> None:
    """Raise Refused unless the younger may close into the older."""
    if younger.number == older.number:
        raise Refused("an incident is not merged into itself", mend="name another one")
    if younger.state == "merged":
        raise Refused(f"it was merged into {younger.into} already", which=younger.ref)
    if younger.state not in ("open", CANDIDATE):
        raise Refused("it has ended already", which=younger.ref)
    _refuse_target(older)
    if younger.exercise_id != older.exercise_id:
        raise Refused("what is real and what is rehearsed are not merged", mend="name one of the same kind")
    if younger.is_restricted and not older.is_restricted:
        mend = "merge the other way, or let the other follow a restricted playbook first"
        raise Refused("a restricted incident is not merged into one that is open to more", mend=mend)
    if younger.state == "open" and younger.number < older.number:
        mend = f"merge {older.ref} into {younger.ref}"
        raise Refused("the younger closes into the older", mend=mend)
    if younger.notices_under_way:
        mend = "record their receipts first: afterwards nobody is asked for them"
        raise Refused("notices of it are on their way", which=younger.ref, mend=mend)
    if not (younger.is_begun and older.is_begun):
        raise Refused("it is being opened at this moment", mend="try again")


def _refuse_target(older: Side) -> None:
    if older.state == "merged":
        raise Refused(f"it was merged into {older.into} itself", which=older.ref, mend=f"name {older.into}")
    if older.state == CANDIDATE:
        raise Refused("a candidate takes nothing over", which=older.ref, mend="accept it first")
    if older.state != "open":
        raise Refused("it has ended", which=older.ref, mend="name one that is open")


def earliest_anchors(younger: FactView, older: FactView, cases: Sequence[Pair]) -> list[Stated]:
    """What the older must state so that each clock starts where it started earliest."""
    found: list[Stated] = []
    for name in ANCHORS:
        top = _earlier(older.known(name), younger.known(name))
        if isinstance(top, datetime) and top != older.incident.get(name):
            found.append((None, name, top))
        for there, here in cases:
            own = older.cases.get(here or "", {}).get(name)
            stands = own if isinstance(own, datetime) else top
            want = _earlier(older.known(name, here), younger.known(name, there))
            if isinstance(want, datetime) and (not isinstance(stands, datetime) or want < stands):
                found.append((here, name, want))
    return found


def new_facts(younger: FactView, older: FactView, pairs: Sequence[Pair]) -> list[Stated]:
    """What only the younger knows, and the places and categories that it adds to those of the older."""
    return [
        (here, name, joined)
        for here, name, mine, theirs in _compared(younger, older, pairs)
        if (joined := _joined(name, mine, theirs)) is not None
    ]


def differing_facts(
    younger: FactView, older: FactView, pairs: Sequence[Pair]
) -> list[tuple[str | None, str]]:
    """What both know, and differently: the older's word stands."""
    return [
        (here, name)
        for here, name, mine, theirs in _compared(younger, older, pairs)
        if mine is not UNKNOWN and mine != theirs and name not in JOINED
    ]


def _compared(
    younger: FactView, older: FactView, pairs: Sequence[Pair]
) -> Iterator[tuple[str | None, str, FactValue, FactValue]]:
    """Each fact that the younger states of a subject: where, its name, what the older says, its value."""
    for there, here in pairs:
        theirs = younger.incident if there is None else younger.cases.get(there, {})
        mine = older.incident if here is None else older.cases.get(here, {})
        for name, value in theirs.items():
            if value is not UNKNOWN and name not in ANCHORS:
                yield here, name, mine.get(name, UNKNOWN), value


def _joined(name: str, mine: FactValue, theirs: FactValue) -> FactValue | None:
    if mine is UNKNOWN:
        return theirs
    if name in JOINED and isinstance(mine, frozenset) and isinstance(theirs, frozenset):
        return mine | theirs if theirs - mine else None
    return None


def _earlier(one: FactValue, other: FactValue) -> FactValue:
    known = [at for at in (one, other) if isinstance(at, datetime)]
    return min(known) if known else UNKNOWN

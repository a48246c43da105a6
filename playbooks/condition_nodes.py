"""The parts of a condition, and what each comes to over the facts. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias, assert_never

from playbooks.facts import UNKNOWN, FactValue, FactView, Range
from playbooks.truth import Comparison, Interval, Truth, all_true, any_true, negated


@dataclass(frozen=True, slots=True)
class FactName:
    """A fact by name: of the case at hand (or the incident), or, as `case.name`, of each case in turn."""

    name: str
    of_each_case: bool = False


@dataclass(frozen=True, slots=True)
class Stated:
    """A yes-no fact standing alone."""

    fact: FactName


@dataclass(frozen=True, slots=True)
class IsOneOf:
    """A choice that equals one of these values."""

    fact: FactName
    values: frozenset[str]


@dataclass(frozen=True, slots=True)
class Contains:
    """A set of choices that holds this value."""

    fact: FactName
    value: str


@dataclass(frozen=True, slots=True)
class Compared:
    """A count, a range or an instant beside a constant or another instant."""

    fact: FactName
    how: Comparison
    other: int | datetime | FactName


@dataclass(frozen=True, slots=True)
class Not:
    """The opposite of its part."""

    part: Node


@dataclass(frozen=True, slots=True)
class All:
    """Every part holds."""

    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Any:
    """At least one part holds."""

    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class OverCases:
    """Its part holds for every case, or for at least one; until there is a case, for the incident."""

    every: bool
    part: Node


Node: TypeAlias = Stated | IsOneOf | Contains | Compared | Not | All | Any | OverCases


@dataclass(frozen=True, slots=True)
class Ground:
    """What a condition stands on: all that is known, the case at hand, the case a quantifier has reached."""

    view: FactView
    case: str | None
    each: str | None = None

    def value(self, fact: FactName) -> FactValue:
        """Return the fact's value where this name points, UNKNOWN if nobody has stated it."""
        return self.view.known(fact.name, self.each if fact.of_each_case else self.case)

    def each_case(self) -> Iterator[Ground]:
        """Return the ground for every case in turn; the incident's own while there is none."""
        for case in self.view.cases or (None,):
            yield Ground(self.view, self.case, case)


def evaluated(node: Node, ground: Ground) -> Truth:
    """Return what a condition comes to: true, false, or unknown while the facts allow both."""
    match node:
        case Stated():
            value = ground.value(node.fact)
            return value if isinstance(value, bool) else UNKNOWN
        case IsOneOf():
            value = ground.value(node.fact)
            return value in node.values if isinstance(value, str) else UNKNOWN
        case Contains():
            return contains(ground.value(node.fact), node.value)
        case Compared():
            return _compared(node, ground)
        case Not():
            return negated(evaluated(node.part, ground))
        case All():
            return all_true(evaluated(part, ground) for part in node.parts)
        case Any():
            return any_true(evaluated(part, ground) for part in node.parts)
        case OverCases():
            truths = (evaluated(node.part, each) for each in ground.each_case())
            return all_true(truths) if node.every else any_true(truths)
        case _:
            assert_never(node)


def contains(held: FactValue, wanted: str) -> Truth:
    """Return whether a set of choices holds this value; a part of a place lies within the whole."""
    if not isinstance(held, frozenset):
        return UNKNOWN
    if wanted in held or any(one.startswith(f"{wanted}-") for one in held):
        return True  # US-CA lies within US
    whole = wanted.partition("-")[0]  # US says that the state is not known, whatever others are named
    return UNKNOWN if "unknown" in held or whole in held else False


def _compared(node: Compared, ground: Ground) -> Truth:
    left = ground.value(node.fact)
    right = ground.value(node.other) if isinstance(node.other, FactName) else node.other
    if isinstance(left, datetime) and isinstance(right, datetime):
        return Interval.of(left).compare(node.how, right)
    if isinstance(left, int | Range) and isinstance(right, int):
        return Interval.of(left).compare(node.how, right)
    return UNKNOWN


def names_in(node: Node) -> Iterator[FactName]:
    """Return every fact name a condition reads."""
    match node:
        case Stated() | IsOneOf() | Contains():
            yield node.fact
        case Compared():
            yield node.fact
            if isinstance(node.other, FactName):
                yield node.other
        case Not() | OverCases():
            yield from names_in(node.part)
        case All() | Any():
            for part in node.parts:
                yield from names_in(part)
        case _:
            assert_never(node)


def members_of(node: Node) -> Iterator[tuple[str, str]]:
    """Return every value that a condition looks for in a set of choices, with the name of the fact."""
    match node:
        case Contains():
            yield node.fact.name, node.value
        case Not() | OverCases():
            yield from members_of(node.part)
        case All() | Any():
            for part in node.parts:
                yield from members_of(part)
        case _:
            return

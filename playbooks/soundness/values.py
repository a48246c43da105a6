"""Values that stand for all others: one for each way in which a set of conditions can judge a fact.

Two values that every comparison of the conditions treats alike count as one, so that looking at these few is
looking at all.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import combinations
from typing import Final, TypeAlias, TypeVar

from playbooks.condition_nodes import (
    All,
    Any,
    Compared,
    Contains,
    FactName,
    Ground,
    IsOneOf,
    Node,
    Not,
    OverCases,
    Stated,
    evaluated,
)
from playbooks.conditions import Condition
from playbooks.facts import DICTIONARY, FactSpec, FactValue, FactView, Range

Point = TypeVar("Point", int, datetime)
Atom: TypeAlias = Stated | IsOneOf | Contains | Compared

MOST_MEMBERS: Final = 5
"""Of how many members of a set every subset is looked at; of more, each alone, all, and none."""
MOST_INSTANTS: Final = 3
"""How many instants that are compared with each other get an instant of their own."""
_DAY_ONE: Final = datetime(2026, 1, 1, tzinfo=UTC)
_MINUTE: Final = timedelta(minutes=1)


def representatives(conditions: Iterable[Condition]) -> dict[str, tuple[FactValue, ...]]:
    """Return, for each fact the conditions read, the known values that stand for all of them."""
    atoms: dict[str, list[Atom]] = {}
    for condition in conditions:
        for atom in _atoms(condition.root):
            for name in _facts_of(atom):
                atoms.setdefault(name, []).append(atom)
    beside = sum(1 for name, of in atoms.items() if any(_is_beside_another(atom) for atom in of))
    return {name: _distinct(name, of, beside) for name, of in atoms.items()}


def _atoms(node: Node) -> Iterator[Atom]:
    match node:
        case Not() | OverCases():
            yield from _atoms(node.part)
        case All() | Any():
            for part in node.parts:
                yield from _atoms(part)
        case _:
            yield node


def _facts_of(atom: Atom) -> tuple[str, ...]:
    if isinstance(atom, Compared) and isinstance(atom.other, FactName):
        return (atom.fact.name, atom.other.name)
    return (atom.fact.name,)


def _is_beside_another(atom: Atom) -> bool:
    return isinstance(atom, Compared) and isinstance(atom.other, FactName)


def _distinct(name: str, atoms: list[Atom], beside: int) -> tuple[FactValue, ...]:
    """Keep one candidate for each way of being judged; instants beside each other stay as they are."""
    candidates = _candidates(DICTIONARY[name], atoms, beside)
    if any(_is_beside_another(atom) for atom in atoms):
        return tuple(dict.fromkeys(candidates))
    kept: dict[tuple[object, ...], FactValue] = {}
    for value in candidates:
        kept.setdefault(tuple(_judged(atom, name, value) for atom in atoms), value)
    return tuple(kept.values())


def _judged(atom: Atom, name: str, value: FactValue) -> object:
    view = FactView({name: value}, {"case": {name: value}})
    return evaluated(atom, Ground(view, None, "case"))


def _candidates(spec: FactSpec, atoms: list[Atom], beside: int) -> Iterator[FactValue]:
    match spec.type:
        case "yes_no":
            yield from (True, False)
        case "choice":
            yield from spec.values
        case "choices":
            yield from _sets(spec, sorted({atom.value for atom in atoms if isinstance(atom, Contains)}))
        case "range" | "integer":
            yield from _counts(spec, sorted(_constants(atoms, int)))
        case "instant":
            yield from _instants([_DAY_ONE, *_constants(atoms, datetime)], beside)
        case _:
            return


def _constants(atoms: list[Atom], kind: type[Point]) -> set[Point]:
    return {atom.other for atom in atoms if isinstance(atom, Compared) and isinstance(atom.other, kind)}


def _instants(points: list[datetime], beside: int) -> Iterator[datetime]:
    for at in points:
        yield from (at - _MINUTE, at, at + _MINUTE)
    yield from (max(points) + _MINUTE * (2 + more) for more in range(min(beside, MOST_INSTANTS)))


def _counts(spec: FactSpec, points: list[int]) -> Iterator[FactValue]:
    for point in points:
        yield from (near for near in (point - 1, point, point + 1) if near >= 0)
    if spec.type == "range":
        for low, high in combinations([0, *points], 2):
            yield Range(low=low, high=high)
        yield from (Range(low=low) for low in (0, *points))


def _sets(spec: FactSpec, members: list[str]) -> Iterator[FactValue]:
    sizes = range(len(members) + 1) if len(members) <= MOST_MEMBERS else (0, 1, len(members))
    others = [value for value in spec.values if value not in members]
    for size in sizes:
        for held in combinations(members, size):
            yield frozenset(held or others[:1])
            yield frozenset({*held, "unknown"})
    yield from (frozenset({value}) for value in others)

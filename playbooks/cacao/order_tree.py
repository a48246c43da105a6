"""An order of steps as a tree of what follows what and what runs side by side.

CACAO has no joins between branches: a parallel step waits for all of its branches. An order made of series
and parallels alone is said exactly. Where it is not (an N of waits), the first steps are put before the rest:
stricter than the plan, never looser.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Series:
    """Parts that follow one another."""

    parts: tuple[Tree, ...]


@dataclass(frozen=True, slots=True)
class Side:
    """Parts that run side by side."""

    parts: tuple[Tree, ...]


Tree: TypeAlias = str | Series | Side
Before: TypeAlias = Mapping[str, frozenset[str]]
"""For each step all that must end before it, near or far."""


def tree_of(steps: tuple[str, ...], before: Before) -> Tree:
    """Return the tree of these steps, in which every step stands behind all it must wait for."""
    if len(steps) == 1:
        return steps[0]
    apart = _components(steps, before, related=True)
    if len(apart) > 1:
        return Side(tuple(tree_of(part, before) for part in apart))
    layers = _components(steps, before, related=False)
    if len(layers) == 1:
        first = tuple(step for step in steps if not before[step].intersection(steps))
        layers = [first, tuple(step for step in steps if step not in first)]
    layers.sort(key=lambda layer: len(before[layer[0]].intersection(steps)))
    return Series(tuple(tree_of(layer, before) for layer in layers))


def _components(steps: tuple[str, ...], before: Before, *, related: bool) -> list[tuple[str, ...]]:
    """Return the parts that hang together by an order between two steps, or by the absence of one."""
    left = dict.fromkeys(steps)
    found: list[tuple[str, ...]] = []
    while left:
        reached = [next(iter(left))]
        part: set[str] = set()
        del left[reached[0]]
        while reached:
            one = reached.pop()
            part.add(one)
            near = [other for other in left if (one in before[other] or other in before[one]) == related]
            for other in near:
                del left[other]
            reached += near
        found.append(tuple(step for step in steps if step in part))
    return found


def order_in(tree: Tree) -> dict[str, frozenset[str]]:
    """Return, for each step of a tree, all the steps that it puts before it."""
    before: dict[str, frozenset[str]] = {}

    def walk(part: Tree, behind: frozenset[str]) -> frozenset[str]:
        if isinstance(part, str):
            before[part] = behind
            return frozenset({part})
        inside: frozenset[str] = frozenset()
        for one in part.parts:
            inside |= walk(one, behind | inside if isinstance(part, Series) else behind)
        return inside

    walk(tree, frozenset())
    return before

"""An order of steps as a tree of what follows what and what runs side by side.

CACAO has no joins between branches: a parallel step waits for all of its branches. An order made of series
and parallels alone is said exactly. Where it is not (an N of waits), it is cut in two at the place that adds
the fewest waits: stricter than the plan, never looser.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, TypeAlias

_MOST_WEIGHED: Final = 64
"""Beyond so many tangled steps the first ones go first, so that an order made to be costly is not."""


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
        layers = _cut(steps, before)
    layers.sort(key=lambda layer: len(before[layer[0]].intersection(steps)))
    return Series(tuple(tree_of(layer, before) for layer in layers))


def _cut(steps: tuple[str, ...], before: Before) -> list[tuple[str, ...]]:
    """Return two layers of an order that no series makes, chosen so that the fewest waits are added."""
    bits = {step: 1 << at for at, step in enumerate(steps)}
    earlier = {step: sum(bits[other] for other in before[step].intersection(steps)) for step in steps}

    def added(first: int) -> int:
        rest = (earlier[step] for step in steps if not bits[step] & first)
        return sum((first & ~behind).bit_count() for behind in rest)

    best = min(_first_layers(steps, bits, earlier), key=added)
    first = tuple(step for step in steps if bits[step] & best)
    return [first, tuple(step for step in steps if not bits[step] & best)]


def _first_layers(steps: tuple[str, ...], bits: Mapping[str, int], earlier: Mapping[str, int]) -> list[int]:
    """Return what could go first, as bits: one step with all before it, or all but one and those behind."""
    if len(steps) > _MOST_WEIGHED:
        return [sum(bits[step] for step in steps if not earlier[step])]
    whole = (1 << len(steps)) - 1
    later = {step: sum(bits[other] for other in steps if earlier[other] & bits[step]) for step in steps}
    up_to = {earlier[step] | bits[step] for step in steps}
    all_but = {whole & ~(later[step] | bits[step]) for step in steps}
    return sorted((up_to | all_but) - {0, whole})


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

"""Where each step of a plan stands on a picture: phases side by side, notify beneath, chains together.

A small layered layout of our own. Lengths are pixels of the picture's own grid.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import ceil
from typing import Final

from notify.plan_card import CARD_WIDTH, Card, card_of
from playbooks.models import Phase, Playbook, Step

MARGIN, HEAD, GAP, PHASE_GAP, INDENT = 24, 34, 14, 34, 16
TOP: Final = 78
"""What the picture's title takes."""
TALLEST: Final = 660
"""How tall a phase may grow before its chains are laid side by side."""
Chain = tuple[tuple[Card, int, int | None], ...]
"""Cards beneath one another: each with how deep it is set in, and the number of the card it follows."""


@dataclass(frozen=True, slots=True)
class Placed:
    """A card and its upper left corner."""

    card: Card
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Link:
    """That one card follows another of its phase."""

    before: Placed
    behind: Placed


@dataclass(frozen=True, slots=True)
class Box:
    """One phase: its frame, its cards, and which follows which."""

    phase: Phase
    x: float
    y: float
    width: float
    height: float
    cards: tuple[Placed, ...]
    links: tuple[Link, ...]


@dataclass(frozen=True, slots=True)
class Sheet:
    """The whole picture: the trunk's phases in order, notify if there is one, and its size."""

    trunk: tuple[Box, ...]
    notify: Box | None
    width: float
    height: float


def laid_out(plan: Playbook) -> Sheet:
    """Place every step of a playbook."""
    x: float = MARGIN
    trunk: list[Box] = []
    for phase in (one for one in plan.phases if one.id != "notify"):
        chains = _chains(plan, phase)
        columns = max(1, ceil(sum(_height(chain) for chain in chains) / TALLEST))
        trunk.append(_box(phase, chains, x, TOP, columns))
        x += trunk[-1].width + PHASE_GAP
    bottom = max((box.y + box.height for box in trunk), default=TOP)
    notify = _notify(plan, trunk, x - PHASE_GAP, bottom + PHASE_GAP)
    ends = [*trunk, *([notify] if notify else [])]
    width = max(box.x + box.width for box in ends) + MARGIN
    return Sheet(tuple(trunk), notify, width, max(box.y + box.height for box in ends) + MARGIN)


def _notify(plan: Playbook, trunk: Sequence[Box], right: float, y: float) -> Box | None:
    """The phase beside the trunk, in as many columns as the trunk is wide from triage on."""
    phase = next((one for one in plan.phases if one.id == "notify"), None)
    if phase is None:
        return None
    x = next((box.x for box in trunk if box.phase.id == "triage"), float(MARGIN))
    columns = max(1, int((right - x - GAP) // (CARD_WIDTH + GAP)))
    chains = _chains(plan, phase)
    return _box(phase, chains, x, y, min(columns, len(chains)))


def _box(phase: Phase, chains: list[Chain], x: float, y: float, columns: int) -> Box:
    cards: list[Placed] = []
    links: list[Link] = []
    deepest = max(deep for chain in chains for _, deep, _ in chain) * INDENT
    wide, tall = CARD_WIDTH + deepest + GAP, 0.0
    shared = _shared_out(chains, columns)
    for at, column in enumerate(shared):
        below = y + HEAD
        for chain in column:
            first = len(cards)
            for card, deep, follows in chain:
                cards.append(Placed(card, x + GAP + at * wide + deep * INDENT, below))
                below += card.height + GAP
                if follows is not None:
                    links.append(Link(cards[first + follows], cards[-1]))
        tall = max(tall, below - y)
    return Box(phase, x, y, wide * len(shared) + GAP, tall, tuple(cards), tuple(links))


def _shared_out(chains: list[Chain], columns: int) -> list[list[Chain]]:
    """The chains in columns of about the same height, in their order."""
    fair = sum(_height(chain) for chain in chains) / columns
    shared: list[list[Chain]] = [[]]
    filled = 0.0
    for chain in chains:
        if shared[-1] and len(shared) < columns and filled + _height(chain) / 2 > fair * len(shared):
            shared.append([])
        shared[-1].append(chain)
        filled += _height(chain)
    return shared


def _height(chain: Chain) -> float:
    return sum(card.height + GAP for card, _, _ in chain)


def _chains(plan: Playbook, phase: Phase) -> list[Chain]:
    """The steps of a phase, each beneath the last one it follows there."""
    followed = {step.id: _followed(step, phase) for step in phase.steps}
    followers: dict[str, list[Step]] = {}
    for step in phase.steps:
        if before := followed[step.id]:
            followers.setdefault(before, []).append(step)
    roots = [step for step in phase.steps if followed[step.id] is None]
    return [tuple(_chain(plan, root, followed, followers)) for root in roots]


def _followed(step: Step, phase: Phase) -> str | None:
    """The one step of its phase under which a step is placed."""
    order = [one.id for one in phase.steps]
    return max((name for name in step.after if name in order), key=order.index, default=None)


def _chain(
    plan: Playbook, root: Step, followed: dict[str, str | None], followers: dict[str, list[Step]]
) -> Iterator[tuple[Card, int, int | None]]:
    numbers: dict[str, int] = {}
    waiting = [(root, 0)]
    while waiting:
        step, deep = waiting.pop()
        before = followed[step.id]
        numbers[step.id] = len(numbers)
        yield card_of(plan, step, before), deep, None if before is None else numbers[before]
        behind = followers.get(step.id, [])
        waiting += [(one, deep + (len(behind) > 1)) for one in reversed(behind)]

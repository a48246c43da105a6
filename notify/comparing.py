"""What changed between two texts: runs of words kept, added and removed.

The runs give both texts back: kept and added make the new one, kept and removed the old one. Long texts are
compared by lines, or as a whole, so that no text keeps a reader waiting.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Final, Literal

Change = Literal["kept", "added", "removed"]

MOST_PIECES: Final = 4_000
"""Pieces, of both texts together, up to which they are matched one by one."""
MOST_PAIRS: Final = 100_000
"""Pairs of equal pieces up to which they are matched: what one search for a match costs."""
_WORD: Final = re.compile(r"\S+[^\S\n]*|\s+")


@dataclass(frozen=True, slots=True)
class Run:
    """A stretch of text that both have, or one of them alone."""

    change: Change
    text: str


def compare(old: str, new: str) -> tuple[Run, ...]:
    """The runs from the old text to the new; where words were exchanged, what was removed stands first."""
    for pieces in (_WORD.findall, _lines):
        before, after = pieces(old), pieces(new)
        start, end = _shared(before, after)
        if _is_short(before[start : len(before) - end], after[start : len(after) - end]):
            return tuple(_joined(_runs(before, after, start, end)))
    return tuple(_joined([Run("removed", old), Run("added", new)] if old != new else [Run("kept", new)]))


def _lines(text: str) -> list[str]:
    return text.splitlines(keepends=True)


def _shared(old: Sequence[str], new: Sequence[str]) -> tuple[int, int]:
    """How many pieces both begin with, and how many of the others both end with."""
    most = min(len(old), len(new))
    start = next((at for at in range(most) if old[at] != new[at]), most)
    rest = most - start
    return start, next((at for at in range(rest) if old[-1 - at] != new[-1 - at]), rest)


def _is_short(old: Sequence[str], new: Sequence[str]) -> bool:
    """Whether matching the pieces one by one ends soon."""
    if len(old) + len(new) > MOST_PIECES:
        return False
    there = Counter(old)
    return sum(there[piece] * times for piece, times in Counter(new).items()) <= MOST_PAIRS


def _runs(old: Sequence[str], new: Sequence[str], start: int, end: int) -> Iterator[Run]:
    yield Run("kept", "".join(old[:start]))
    before, after = old[start : len(old) - end], new[start : len(new) - end]
    for tag, from_, to, since, until in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if tag == "equal":
            yield Run("kept", "".join(before[from_:to]))
            continue
        yield Run("removed", "".join(before[from_:to]))
        yield Run("added", "".join(after[since:until]))
    yield Run("kept", "".join(old[len(old) - end :]))


def _joined(runs: Iterable[Run]) -> Iterator[Run]:
    """The runs without empty ones, neighbours of one kind made one."""
    waiting: Run | None = None
    for run in runs:
        if not run.text:
            continue
        if waiting is not None and waiting.change == run.change:
            waiting = Run(run.change, waiting.text + run.text)
            continue
        if waiting is not None:
            yield waiting
        waiting = run
    if waiting is not None:
        yield waiting

"""The texts of a payload with the keys above them, however deep or wide it is."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Any, TypeAlias

MOST_PARTS = 20_000
LONGEST_KEY = 200

Path: TypeAlias = tuple[str, ...]


class Leaves:
    """Every text and number of a payload under its last two keys, breadth first and without recursion."""

    def __init__(self, payload: Any) -> None:
        self._waiting: deque[tuple[Path, Any]] = deque([((), payload)])
        self._room = MOST_PARTS
        self.is_cut = False
        """Whether the payload has more parts than are looked at; known once they were walked."""

    def __iter__(self) -> Iterator[tuple[Path, str]]:
        """Walk the payload once."""
        while self._waiting:
            path, value = self._waiting.popleft()
            if isinstance(value, Mapping):
                self._put(((*path, str(key)[:LONGEST_KEY])[-2:], inner) for key, inner in value.items())
            elif isinstance(value, list | tuple):
                self._put((path, inner) for inner in value)
            elif isinstance(value, str | int) and not isinstance(value, bool):
                yield path, str(value)

    def _put(self, parts: Iterable[tuple[Path, Any]]) -> None:
        parts = iter(parts)
        taken = list(islice(parts, self._room))
        self._room -= len(taken)
        self._waiting.extend(taken)
        self.is_cut |= next(parts, None) is not None

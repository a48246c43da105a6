"""How much of a log is read in one go, so that no action runs for ever."""

from __future__ import annotations

import time
from dataclasses import dataclass, field


@dataclass(slots=True)
class Limits:
    """Bounds over all sources of one reading together."""

    rows: int = 50_000_000
    seconds: float = 1_200
    _began: float = field(default_factory=time.monotonic)

    def why_stop(self, rows: int) -> str:
        """Why the reading ends after that many rows of a source; empty while it goes on."""
        if rows >= self.rows:
            return f"the reading ended after {rows:,} rows, its bound: the rest was not read"
        if time.monotonic() - self._began > self.seconds:
            return f"the reading ended after {self.seconds:g} s, its bound: the rest was not read"
        return ""

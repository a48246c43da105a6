"""How many requests a source may send: a bucket of tokens for each, kept in the desk's process.

A bucket holds one minute's worth and fills evenly. Only what has proved its source takes from it.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable

_MINUTE = 60.0


class Rates:
    """The buckets of this process; `monotonic` counts seconds."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._buckets: dict[int, tuple[float, float]] = {}

    def charge(self, source_id: int, per_minute: int) -> int:
        """Take one request from a source's bucket; whole seconds to wait where it is empty, else 0.

        A `per_minute` of 0 sets no limit.
        """
        if not per_minute:
            return 0
        now = self._monotonic()
        left, filled_at = self._buckets.get(source_id, (float(per_minute), now))
        left = min(left + (now - filled_at) * per_minute / _MINUTE, float(per_minute))
        if left < 1.0:
            self._buckets[source_id] = (left, now)
            return math.ceil((1.0 - left) * _MINUTE / per_minute)
        self._buckets[source_id] = (left - 1.0, now)
        return 0

"""Dry runs at the door, one at a time, so that no tool that rehearses costs another its alerts.

Each decides within a transaction that is undone, and so holds up the writer for as long as it takes. They
have a thread of their own, a rest after each, and a short queue.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Any

from flows.intake.claims import Understood
from flows.intake.deliveries import KnownSource
from playbooks.errors import Retry

MOST_WAITING = 8
"""Rehearsals that may wait; whoever comes beyond them is asked to come again."""

_REST = 1.0  # times as long as the one before took

Foretell = Callable[[KnownSource, Understood, datetime], dict[str, Any]]
"""What a source's claims would become at a wall time, as the body of the answer; it writes nothing."""


class Rehearsals:
    """The dry runs of one desk."""

    def __init__(self, foretell: Foretell) -> None:
        self._foretell = foretell
        self._thread = ThreadPoolExecutor(1, "rehearsals")
        self._waiting = 0
        self._rests_until = 0.0

    async def foretold(self, source: KnownSource, content: Understood, wall: datetime) -> dict[str, Any]:
        """What the claims would become, once it is their turn; raises Retry where too many wait."""
        if self._waiting >= MOST_WAITING:
            raise Retry("too many rehearsals wait", mend="send it again")
        self._waiting += 1
        try:
            loop = asyncio.get_running_loop()
            return await loop.run_in_executor(self._thread, self._in_turn, source, content, wall)
        finally:
            self._waiting -= 1

    def _in_turn(self, source: KnownSource, content: Understood, wall: datetime) -> dict[str, Any]:
        time.sleep(max(0.0, self._rests_until - time.monotonic()))
        began = time.monotonic()
        try:
            return self._foretell(source, content, wall)
        finally:
            ended = time.monotonic()
            self._rests_until = ended + _REST * (ended - began)

"""A thread for what must follow a commit and may wait on the network: no answer waits for it."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

log = logging.getLogger("seventytwo.nudge")

PATIENCE = 5.0  # seconds


class Nudge:
    """Calls `act` soon after each nudge, one call for all the nudges meanwhile."""

    def __init__(self, act: Callable[[], object]) -> None:
        self._act = act
        self._wanted = threading.Event()
        self._ends = False
        self._thread = threading.Thread(target=self._run, name="nudge", daemon=True)

    def __call__(self) -> None:
        """Ask for a call of `act`; returns at once."""
        self._wanted.set()

    def start(self) -> None:
        """Begin to act on nudges."""
        self._thread.start()

    def stop(self) -> None:
        """End once the call under way, if any, is over, or after a while: reconcile does the rest."""
        self._ends = True
        self._wanted.set()
        self._thread.join(PATIENCE)

    def _run(self) -> None:
        while self._wanted.wait():
            self._wanted.clear()
            if self._ends:
                return
            try:
                self._act()
            except Exception:
                # What was committed stays; reconcile starts it later.
                log.exception("what follows a new incident failed and is left to reconcile")

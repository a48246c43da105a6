"""How often one address may try to log in, before any code is looked at."""

from __future__ import annotations

from collections import OrderedDict, deque
from datetime import datetime, timedelta

TRIES = 10
WITHIN = timedelta(minutes=1)

_ADDRESSES = 10_000


class Throttle:
    """Remembers the latest tries of each address; a handle's own slow-down is kept in the store."""

    def __init__(self, tries: int = TRIES, within: timedelta = WITHIN) -> None:
        self._tries, self._within = tries, within
        self._seen: OrderedDict[str, deque[datetime]] = OrderedDict()

    def wait(self, address: str, wall: datetime) -> timedelta:
        """Count a try and return how long this address must wait; nothing when it may try now."""
        recent = self._seen.pop(address, deque[datetime]())
        while recent and recent[0] <= wall - self._within:
            recent.popleft()
        self._seen[address] = recent
        while len(self._seen) > _ADDRESSES:
            self._seen.popitem(last=False)
        if len(recent) >= self._tries:
            return recent[0] + self._within - wall
        recent.append(wall)
        return timedelta(0)

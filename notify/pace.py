"""How fast a channel may be told things, and how long to wait after a failure: pure arithmetic over `now`."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta

INTERVAL = timedelta(seconds=1)  # Slack: about one message a second and channel, short bursts pass
BURST = 5
EDIT_INTERVAL = timedelta(seconds=1.2)  # Slack: fifty edits a minute, in all channels together
EDIT_BURST = 10
SKEW = timedelta(minutes=5)  # how far the channel's clock may lag behind ours
FIRST_WAIT = timedelta(seconds=1)
LONGEST_WAIT = timedelta(seconds=30)


class Pace:
    """The allowance of each channel: a burst at once, then one message an interval; refusals pause it."""

    def __init__(self, interval: timedelta = INTERVAL, burst: int = BURST) -> None:
        self._interval, self._slack = interval, interval * (burst - 1)
        self._booked: dict[str, datetime] = {}
        self._paused: dict[str, datetime] = {}
        self._everywhere: datetime | None = None
        self._lock = threading.Lock()

    def free_at(self, channel: str, now: datetime) -> datetime:
        """When the next message may go to the channel; `now` if at once."""
        booked = self._booked.get(channel, now) - self._slack
        return max(now, booked, self._paused.get(channel, now), self._everywhere or now)

    def spare_at(self, channel: str, now: datetime) -> datetime:
        """When one may go and still leave room for another at once: edits, which never delay what is new."""
        booked = self._booked.get(channel)
        spare = now if booked is None else booked + self._interval - self._slack
        return max(self.free_at(channel, now), spare)

    def take(self, channel: str, now: datetime) -> None:
        """Count a message sent to the channel at `now`."""
        with self._lock:
            self._booked[channel] = max(self._booked.get(channel, now), now) + self._interval

    def take_spare(self, channel: str, now: datetime) -> bool:
        """Count one if there is room for another after it; False if not."""
        if self.spare_at(channel, now) > now:
            return False
        self.take(channel, now)
        return True

    def pause(self, channel: str, now: datetime, until: datetime) -> None:
        """Send nothing to the channel until then; when two channels are refused at once, to none."""
        if any(other != channel and end > now for other, end in self._paused.items()):
            self._everywhere = max(until, self._everywhere or until)
        self._paused = {name: end for name, end in self._paused.items() if end > now} | {channel: until}

    def later(self, channel: str, now: datetime, place: int) -> datetime:
        """When the message at `place` (0 first) among those waiting for the channel should be tried."""
        return self.free_at(channel, now) + place * self._interval


def wait_after(attempts: int) -> timedelta:
    """How long to wait after the given number of attempts: 1, 2, 4 … 30 seconds."""
    doublings = min(max(attempts - 1, 0), 10)
    return min(FIRST_WAIT * (1 << doublings), LONGEST_WAIT)

"""Times as a log writes them: with an offset, without one, in seconds since 1970, or by a pattern."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any

from playbooks.forensics.reading import MOST_OFFSETS, Reading
from playbooks.zones import occurrences, zone

FIRST, LAST = datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)
TWICE = "times that clocks show twice were taken as the earlier"
NEVER = "times that clocks jump over were taken by the offset before the jump"
MOST_KNOWN = 50_000

_MILLISECONDS = 1_000


class Times:
    """The times of one source; what is taken for granted is counted in its reading."""

    def __init__(self, kind: str, zone_name: str, reading: Reading) -> None:
        self._parse = _parser(kind)
        self._zone, self._reading = zone(zone_name), reading
        self._of_hour: dict[datetime, tuple[timedelta, str]] = {}
        self._offsets: dict[tzinfo, int] = {}

    def read(self, given: Any) -> datetime:
        """The instant (UTC); raises ValueError where it is none, or none of this century."""
        told = given if isinstance(given, datetime) else self._parse(given)
        where = told.tzinfo
        if where is None:
            at = self._local(told)
        else:
            if len(self._offsets) >= MOST_KNOWN:
                self.close()
            self._offsets[where] = self._offsets.get(where, 0) + 1
            at = told if where is UTC else told.astimezone(UTC)
        if not FIRST <= at < LAST:
            raise ValueError("out of all reason")
        return at

    def close(self) -> None:
        """Tell the reading which offsets were met."""
        for where, count in self._offsets.items():
            name = datetime(2000, 1, 1, tzinfo=where).strftime("%z") or "other"
            offsets = self._reading.offsets
            offsets[name if name in offsets or len(offsets) < MOST_OFFSETS else "others"] += count
        self._offsets.clear()

    def _local(self, told: datetime) -> datetime:
        self._reading.naive += 1
        hour = told.replace(minute=0, second=0, microsecond=0)
        known = self._of_hour.get(hour)
        if known is None:
            if len(self._of_hour) >= MOST_KNOWN:
                self._of_hour.clear()
            known = self._of_hour[hour] = self._offset(hour)
        offset, remark = known
        if remark:
            self._reading.mended[remark] += 1
        return (told - offset).replace(tzinfo=UTC)

    def _offset(self, hour: datetime) -> tuple[timedelta, str]:
        """The offset of a local hour, and what is to be said of it; clocks change at hours alone."""
        offset = hour.replace(tzinfo=self._zone).utcoffset() or timedelta(0)
        shown = len(occurrences(hour, self._zone))
        return offset, {0: NEVER, 2: TWICE}.get(shown, "")


def _parser(kind: str) -> Callable[[Any], datetime]:
    match kind:
        case "iso":
            return lambda given: datetime.fromisoformat(given.strip())
        case "epoch":
            return lambda given: datetime.fromtimestamp(float(given), UTC)
        case "epoch_ms":
            return lambda given: datetime.fromtimestamp(float(given) / _MILLISECONDS, UTC)
        case _:
            return lambda given: datetime.strptime(given.strip(), kind)  # noqa: DTZ007 - a naive one is read as such

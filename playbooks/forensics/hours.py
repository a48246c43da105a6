"""When somebody is at work: by their own roster, or by the hours given for all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from playbooks.zones import zone

MOST_KNOWN = 50_000


@dataclass(frozen=True, slots=True)
class WorkingHours:
    """Days of the week (0 is Monday) and the hours of a shift, by the clocks of a zone.

    A shift that ends before it begins runs past midnight and belongs to the day on which it began.
    """

    zone_name: str
    days: frozenset[int]
    begins: timedelta
    ends: timedelta

    def holds(self, at: datetime) -> bool:
        """Whether an instant lies within a shift."""
        local = at.astimezone(zone(self.zone_name))
        clock = timedelta(hours=local.hour, minutes=local.minute, seconds=local.second)
        today, yesterday = local.weekday(), (local.weekday() - 1) % 7
        if self.begins < self.ends:
            return today in self.days and self.begins <= clock < self.ends
        return (today in self.days and clock >= self.begins) or (yesterday in self.days and clock < self.ends)


@dataclass(frozen=True)
class Rosters:
    """Everybody's hours: an account's own, else those of all; none where nobody has said."""

    usual: WorkingHours | None = None
    of_account: Mapping[str, WorkingHours] = field(default_factory=dict)
    _known: dict[tuple[WorkingHours, int], bool] = field(default_factory=dict)

    def is_after_hours(self, account: str, at: datetime) -> bool | None:
        """Whether an account was used outside its hours, to the minute; None where it has none."""
        hours = self.of_account.get(account, self.usual)
        if hours is None:
            return None
        key = (hours, int(at.timestamp()) // 60)
        if key not in self._known:
            if len(self._known) >= MOST_KNOWN:
                self._known.clear()
            self._known[key] = not hours.holds(at)
        return self._known[key]

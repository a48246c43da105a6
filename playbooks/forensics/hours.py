"""When somebody is at work: by their own roster, or by the hours given for all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
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


class Rosters:
    """Everybody's hours: an account's own, else those of all; none where nobody has said.

    Accounts are case-folded.
    """

    def __init__(
        self, usual: WorkingHours | None = None, of_account: Mapping[str, WorkingHours] | None = None
    ) -> None:
        known = {hours: _Minutes(hours) for hours in (of_account or {}).values()}
        self._usual = _Minutes(usual) if usual is not None else None
        self._own = {account.casefold(): known[hours] for account, hours in (of_account or {}).items()}

    def is_after_hours(self, account: str, at: datetime, second: int) -> bool | None:
        """Whether an account was used outside its hours, to the minute; None where it has none.

        `second` is the instant in whole seconds since 1970, which whoever asks has at hand.
        """
        minutes = self._own.get(account, self._usual)
        return None if minutes is None else minutes.is_outside(at, second // 60)


class _Minutes:
    """Which minutes lie outside some hours, as far as it was asked."""

    def __init__(self, hours: WorkingHours) -> None:
        self._hours = hours
        self._known: dict[int, bool] = {}

    def is_outside(self, at: datetime, minute: int) -> bool:
        known = self._known.get(minute)
        if known is None:
            if len(self._known) >= MOST_KNOWN:
                self._known.clear()
            known = self._known[minute] = not self._hours.holds(at)
        return known

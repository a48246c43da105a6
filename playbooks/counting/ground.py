"""What every way of counting a period shares: where it is counted, what it gives, and the days of a place."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import MAXYEAR, date, datetime, timedelta
from zoneinfo import ZoneInfo

from playbooks.calendars import Calendar, Calendars
from playbooks.places import Place
from playbooks.timebase import stamp
from playbooks.zones import start_of_day, zone

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Ground:
    """Where a period is counted: the clock of a place, and a calendar, its own unless another is named."""

    place: Place
    calendars: Calendars
    calendar_name: str = ""

    @property
    def zone(self) -> ZoneInfo:
        """The zone of the place."""
        return zone(self.place.zone_name)

    @property
    def calendar(self) -> Calendar:
        """The working days that count; found when a method first asks, for that is what costs."""
        return self.calendars.named(self.calendar_name or self.place.calendar)

    def day_of(self, at: datetime) -> date:
        """The day on which an instant falls there."""
        return at.astimezone(self.zone).date()

    def end_of(self, day: date) -> datetime:
        """The end of a day there: the first instant (UTC) of the next, itself no longer inside."""
        return start_of_day(day + DAY, self.zone)

    def local(self, at: datetime) -> str:
        """An instant as the clocks of the place show it, to the minute."""
        return f"{at.astimezone(self.zone):%Y-%m-%d %H:%M} {self.place.zone_name}"


@dataclass(frozen=True, slots=True)
class Counted:
    """The instant (UTC) at which a period ends, and in words how it was counted."""

    at: datetime
    how: str


def ending_with(day: date, how: str, ground: Ground) -> Counted:
    """A period that ends with a day of the place."""
    end = ground.end_of(day)
    return Counted(end, f"{how}: ends with {day}, that is at {stamp(end)}")


def months_after(local: datetime, months: int) -> datetime:
    """The same day number so many months later, or the last day of a month that has no such day."""
    year, month = divmod(local.year * 12 + local.month - 1 + months, 12)
    if year > MAXYEAR:
        raise OverflowError(year)
    return local.replace(year=year, month=month + 1, day=min(local.day, monthrange(year, month + 1)[1]))


def wall(at: datetime, ground: Ground) -> datetime:
    """What the clocks of the place show at an instant, without their offset."""
    return at.astimezone(ground.zone).replace(tzinfo=None, fold=0)

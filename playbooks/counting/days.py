"""Periods in days, months and years: whole days of the place, which end where the next day begins."""

from __future__ import annotations

from collections.abc import Callable
from datetime import MAXYEAR, date, datetime, timedelta

from playbooks.counting.ground import Counted, Ground, ending_with, months_after, wall
from playbooks.errors import Mend
from playbooks.timebase import stamp
from playbooks.zones import first_instant


def days_excl(anchor: datetime, days: float, ground: Ground) -> Counted:
    """So many days, the day of the event not counted."""
    return ending_with(*_excl(anchor, days, ground), ground)


def days_incl(anchor: datetime, days: float, ground: Ground) -> Counted:
    """So many days, of which the day of the event is the first."""
    return ending_with(*_incl(anchor, days, ground), ground)


def days_excl_rolled(anchor: datetime, days: float, ground: Ground) -> Counted:
    """As `days_excl`; a last day that is no working day moves to the next one."""
    return _rolled(_excl, anchor, days, ground)


def days_incl_rolled(anchor: datetime, days: float, ground: Ground) -> Counted:
    """As `days_incl`; a last day that is no working day moves to the next one."""
    return _rolled(_incl, anchor, days, ground)


def days_after_year_end(anchor: datetime, days: float, ground: Ground) -> Counted:
    """So many days after 31 December of the year of the event (45 CFR 164.408(c))."""
    last = date(ground.day_of(anchor).year, 12, 31)
    return ending_with(last + timedelta(days=int(days)), f"{last} + {days:g} days", ground)


def date_next_year(anchor: datetime, month_day: str, ground: Ground) -> Counted:
    """The end of a date, written as month-day, of the year after that of the event."""
    year = ground.day_of(anchor).year + 1
    if year > MAXYEAR:
        raise OverflowError(year)
    try:
        day = date.fromisoformat(f"{year:04d}-{month_day}")
    except ValueError as error:
        raise Mend(
            f"`{month_day[:16]}` is no date of a year", mend="write month and day, as in 03-31"
        ) from error
    return ending_with(day, f"event in {year - 1}, due by {month_day} of the next year", ground)


def month_same_time(anchor: datetime, months: float, ground: Ground) -> Counted:
    """The same time of the same day number so many months later, on the local clock of the place.

    A month without that day has its last one instead. A local time that clocks jump over becomes the first
    instant after it, one that they show twice its first.
    """
    local = months_after(wall(anchor, ground), int(months))
    at = first_instant(local, ground.zone)
    unit = "month" if months == 1 else "months"
    how = f"{ground.local(anchor)} + {months:g} {unit}, same local time = {ground.local(at)}"
    return Counted(at, f"{how}, that is {stamp(at)}")


def month_1182(anchor: datetime, months: float, ground: Ground) -> Counted:
    """Months under Regulation 1182/71: to the end of the same day number, or of the last day (art 3(2)(c)).

    A last day that is a Saturday, Sunday or holiday moves to the next working day (art 3(4)).
    """
    return _rolled(_months, anchor, months, ground)


_LastDay = Callable[[datetime, float, Ground], tuple[date, str]]


def _excl(anchor: datetime, days: float, ground: Ground) -> tuple[date, str]:
    day = ground.day_of(anchor)
    return day + timedelta(days=int(days)), f"{day}, not counted itself, + {days:g} days"


def _incl(anchor: datetime, days: float, ground: Ground) -> tuple[date, str]:
    day = ground.day_of(anchor)
    return day + timedelta(days=int(days) - 1), f"{days:g} days, of which {day} is the first"


def _months(anchor: datetime, months: float, ground: Ground) -> tuple[date, str]:
    local = wall(anchor, ground)
    unit = "month" if months == 1 else "months"
    how = f"{local.date()} + {months:g} {unit}, to the end of the day (Regulation 1182/71 art 3(2)(c), 3(4))"
    return months_after(local, int(months)).date(), how


def _rolled(last_day: _LastDay, anchor: datetime, value: float, ground: Ground) -> Counted:
    day, how = last_day(anchor, value, ground)
    working = ground.calendar.next_working(day)
    if working != day:
        free = ground.calendar.why_free(day)
        how += f"; {day} is {free}, no working day by calendar {ground.calendar.name}, so the next one counts"
    return ending_with(working, how, ground)

"""Periods in business days by a named calendar, and in the business hours of a contract."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from playbooks.counting.ground import DAY, Counted, Ground, ending_with
from playbooks.law import BusinessHours
from playbooks.timebase import stamp
from playbooks.zones import first_instant, zone

EDGAR_ZONE = "America/New_York"
EDGAR_CLOSES = time(17, 30)
"""When a filing counts as made on the next business day (Regulation S-T, 17 CFR 232.13)."""
_LONGEST_SEARCH = 3660
"""Days after which a period of business hours is given up: ten years."""


def bdays_excl(anchor: datetime, days: float, ground: Ground) -> Counted:
    """So many working days, the day of the event not counted."""
    last, how = _nth(anchor, days, ground)
    return ending_with(last, how, ground)


def bdays_sec(anchor: datetime, days: float, ground: Ground) -> Counted:
    """So many business days until EDGAR closes; from a day that is none the next one is the first."""
    last, how = _nth(anchor, days, ground)
    at = first_instant(datetime.combine(last, EDGAR_CLOSES), zone(EDGAR_ZONE))
    return Counted(at, f"{how}: {last}, when EDGAR closes at 17:30 {EDGAR_ZONE}, that is {stamp(at)}")


def business_hours(anchor: datetime, hours: float, window: BusinessHours, ground: Ground) -> Counted | None:
    """So many elapsed hours within the hours of a contract; None where they do not fit into ten years."""
    left, day = timedelta(hours=hours), ground.day_of(anchor)
    for _ in range(_LONGEST_SEARCH):
        opens, closes = _open_on(day, window, ground)
        begins = max(opens, anchor)
        if begins < closes:
            if left <= closes - begins:
                at = begins + left
                return Counted(at, _how(anchor, hours, window, ground, at))
            left -= closes - begins
        day += DAY
    return None


def _nth(anchor: datetime, days: float, ground: Ground) -> tuple[date, str]:
    day, calendar = ground.day_of(anchor), ground.calendar
    last = calendar.nth_after(day, int(days)) if days >= 1 else calendar.next_working(day)
    note = f" ({calendar.note.rstrip('.')})" if calendar.note else ""
    how = f"{day}, not counted itself, + {days:g} working days by calendar {calendar.name}{note}"
    skipped = calendar.skipped(day, last)
    return last, f"{how}, without {', '.join(skipped)}" if skipped else how


def _open_on(day: date, window: BusinessHours, ground: Ground) -> tuple[datetime, datetime]:
    """From when to when the window is open on a day; empty on other weekdays and on holidays."""
    opens, closes = (
        first_instant(datetime.combine(day, time.fromisoformat(text)), ground.zone)
        for text in (window.opens, window.closes)
    )
    if day.weekday() not in window.days or ground.calendar.holiday(day) is not None:
        return opens, opens
    return opens, closes


def _how(anchor: datetime, hours: float, window: BusinessHours, ground: Ground, at: datetime) -> str:
    days = ", ".join(f"{date(2024, 1, 1 + weekday):%a}" for weekday in sorted(set(window.days)))
    return (
        f"{stamp(anchor)} + {hours:g} business hours ({days}, {window.opens} to {window.closes}"
        f" {ground.place.zone_name}, holidays of {ground.calendar.name} apart) = {stamp(at)}"
    )

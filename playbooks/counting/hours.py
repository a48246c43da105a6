"""Periods in hours: elapsed hours, and hours under Regulation (EEC, Euratom) 1182/71."""

from __future__ import annotations

from datetime import datetime, timedelta

from playbooks.counting.ground import DAY, Counted, Ground, ending_with
from playbooks.timebase import stamp
from playbooks.zones import start_of_day

_HOUR = timedelta(hours=1)
_TWO_DAYS = 48


def hours_elapsed(anchor: datetime, hours: float, _ground: Ground) -> Counted:
    """So many times 3600 seconds after the event, whatever the clocks on the wall do."""
    at = anchor + timedelta(hours=hours)
    return Counted(at, f"{stamp(anchor)} + {hours:g} elapsed hours = {stamp(at)}")


def hours_1182(anchor: datetime, hours: float, ground: Ground) -> Counted:
    """The end of an hour period that leaves out the hour of the event (Regulation 1182/71 art 3(1), 3(2)(a)).

    An event on the hour lies inside the hour that begins; the local clock of the place says which that is.
    """
    start = _next_hour(anchor, ground)
    at = start + timedelta(hours=hours)
    how = (
        f"the hour of the event not counted (Regulation 1182/71 art 3(1), clock of {ground.place.zone_name}),"
        f" {stamp(start)} + {hours:g} elapsed hours = {stamp(at)}"
    )
    return Counted(at, how)


def hours_1182_touch(anchor: datetime, hours: float, ground: Ground) -> Counted:
    """As `hours_1182`, until the period has touched two working days (art 3(5)); contested."""
    return _with_two_working_days(anchor, hours, ground, whole=False)


def hours_1182_full(anchor: datetime, hours: float, ground: Ground) -> Counted:
    """As `hours_1182`, until the period has held two whole working days (art 3(5)); contested."""
    return _with_two_working_days(anchor, hours, ground, whole=True)


def _next_hour(anchor: datetime, ground: Ground) -> datetime:
    """The start of the next hour of the local clock; an event on the hour waits for the one after."""
    local = anchor.astimezone(ground.zone)
    gone = timedelta(minutes=local.minute, seconds=local.second, microseconds=local.microsecond)
    return anchor - gone + _HOUR


def _with_two_working_days(anchor: datetime, hours: float, ground: Ground, *, whole: bool) -> Counted:
    plain = hours_1182(anchor, hours, ground)
    if hours < _TWO_DAYS:
        return Counted(plain.at, f"{plain.how}; shorter than two days, so art 3(5) says nothing of it")
    start = _next_hour(anchor, ground)
    first = ground.day_of(start)
    if whole and start != start_of_day(first, ground.zone):
        first += DAY
    second = ground.calendar.nth_after(first - DAY, 2)
    held = ground.end_of(second) <= plain.at if whole else start_of_day(second, ground.zone) < plain.at
    verb = "holds two whole" if whole else "touches two"
    if held:
        return Counted(plain.at, f"{plain.how}; it {verb} working days, so art 3(5) adds nothing")
    how = f"{plain.how}; extended until it {verb} working days (art 3(5), calendar {ground.calendar.name})"
    return ending_with(second, how, ground)

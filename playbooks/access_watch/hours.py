"""Stretches of the clock, and in whose shift an instant lies, by a zone's own clocks."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from playbooks.forensics.hours import WorkingHours
from playbooks.zones import start_of_day, zone

_DAY = timedelta(days=1)


def stretch_begins(at: datetime, zone_name: str, within: timedelta) -> datetime:
    """When (UTC) the stretch around an instant began, counted from that day's start in the zone.

    An hour that clocks show twice is two stretches; the last stretch of a day ends with the day, and one of a
    day is that day, however many hours it has.
    """
    where = zone(zone_name)
    midnight = start_of_day(at.astimezone(where).date(), where)
    return midnight if within >= _DAY else midnight + (at - midnight) // within * within


def shift_day(hours: WorkingHours, at: datetime) -> date | None:
    """The day on which the shift around an instant began, by its clocks; None outside every shift."""
    local = at.astimezone(zone(hours.zone_name))
    today = local.date()
    clock = timedelta(hours=local.hour, minutes=local.minute, seconds=local.second)
    if hours.begins < hours.ends:
        is_within = hours.begins <= clock < hours.ends
        return today if is_within and today.weekday() in hours.days else None
    if clock >= hours.begins and today.weekday() in hours.days:
        return today
    yesterday = today - _DAY
    return yesterday if clock < hours.ends and yesterday.weekday() in hours.days else None

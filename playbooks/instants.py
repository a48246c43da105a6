"""Instants as people write them on a command line or in a form, read without guessing.

What is told with an offset stands. A local time needs a zone; one that clocks there jump over is refused, and
one that they show twice is taken as the earlier, which is never late, with a note that says so.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from playbooks.errors import InstantFault
from playbooks.timebase import stamp
from playbooks.zones import first_instant, occurrences, start_of_day, zone

_SHAPE = re.compile(
    r"(?P<day>\d{4}-\d\d-\d\d)"
    r"(?:[T ](?P<clock>\d\d:\d\d(?::\d\d(?:\.\d{1,6})?)?) ?(?P<offset>Z|[+-]\d\d:?\d\d)?)?",
    re.ASCII,
)
_YEARS = range(1970, 2200)
_WESTMOST, _EASTMOST = timedelta(hours=-12), timedelta(hours=14)
_LAST_MINUTE = 59
_HOW = "write 2026-11-20T10:23+01:00, or a local time with a zone"


def read_instant(text: str, zone_name: str | None = None) -> tuple[datetime, tuple[str, ...]]:
    """The instant (UTC) that a text means, and notes on what was taken for granted; else `InstantFault`.

    A date alone is the start of that day in the zone. The zone counts only where the text has no offset.
    """
    where = None if zone_name is None else zone(zone_name)
    found = _SHAPE.fullmatch(text.strip())
    if found is None:
        raise InstantFault("not an instant", which=text.strip()[:40], mend=_HOW)
    told = _told(found)
    if told.utcoffset() is not None:
        return told.astimezone(UTC), ()
    if where is None:
        raise InstantFault("an instant without an offset", which=text.strip(), mend="add Z, +hh:mm or a zone")
    if found["clock"] is None:
        return _start_of(told.date(), where)
    return _local(told, where)


def _told(found: re.Match[str]) -> datetime:
    """What the text says, naive where it has no offset."""
    _refuse_offset(found["offset"] or "Z", found.string.strip())
    text = f"{found['day']}T{found['clock'] or '00:00'}{found['offset'] or ''}"
    try:
        told = datetime.fromisoformat(text)
    except ValueError as error:
        raise InstantFault(f"no such time: {error}", which=text, mend=_HOW) from error
    if told.year not in _YEARS:
        raise InstantFault("a year out of all reason", which=text, mend="check the year")
    return told


def _refuse_offset(offset: str, text: str) -> None:
    """Refuse an offset that no clock on Earth has."""
    if offset == "Z":
        return
    hours, minutes = int(offset[1:3]), int(offset[-2:])
    lies = timedelta(hours=hours, minutes=minutes) * (-1 if offset[0] == "-" else 1)
    if minutes > _LAST_MINUTE or not _WESTMOST <= lies <= _EASTMOST:
        what, mend = f"no clock is {offset} from UTC", "offsets lie between -12:00 and +14:00"
        raise InstantFault(what, which=text, mend=mend)


def _start_of(day: date, where: ZoneInfo) -> tuple[datetime, tuple[str, ...]]:
    at = start_of_day(day, where)
    if at.astimezone(where).date() != day:
        raise InstantFault(
            "a date that does not exist there", which=f"{day} {where.key}", mend="check the date"
        )
    return at, (f"{day} is taken as the start of that day in {where.key}, {stamp(at)}",)


def _local(local: datetime, where: ZoneInfo) -> tuple[datetime, tuple[str, ...]]:
    shown = (
        f"{local.isoformat(timespec='auto' if local.second or local.microsecond else 'minutes')} {where.key}"
    )
    found = occurrences(local, where)
    if not found:
        after = first_instant(local, where).astimezone(where)
        raise InstantFault(
            "a local time that does not exist: the clocks jump over it",
            which=shown,
            mend=f"the first time after the jump is {after.isoformat(timespec='minutes')}",
        )
    if len(found) == 1:
        return found[0], ()
    earlier, later = (at.astimezone(where).isoformat(timespec="minutes") for at in found)
    note = f"{shown} happens twice; taken as the earlier, {earlier}. For the other give its offset: {later}"
    return found[0], (note,)

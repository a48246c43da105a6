"""Whose account it is, as far as the watch must know: zone, roster, clients, last day, privilege."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from playbooks.fact_types import Frozen
from playbooks.forensics.hours_file import Hours, Zone
from playbooks.wording import Line, Slug
from playbooks.zones import start_of_day, zone

_LONGEST_OFF = 366


def _days(given: Any) -> Any:
    """A day, or the first and the last of several: `2026-12-24..2027-01-02`."""
    first, dots, last = str(given).partition("..")
    try:
        begins = date.fromisoformat(first.strip())
        ends = date.fromisoformat(last.strip()) if dots else begins
    except ValueError:
        raise ValueError("write a day as 2026-12-24, several as 2026-12-24..2027-01-02") from None
    if not 0 <= (ends - begins).days < _LONGEST_OFF:
        raise ValueError("the last day comes after the first, within a year")
    return begins, ends


DaysOff = Annotated[tuple[date, date], BeforeValidator(_days)]
Off = Annotated[tuple[DaysOff, ...], Field(max_length=500)]


class Roster(Hours):
    """A shift that several people work, with the days on which nobody of them does."""

    id: Slug
    days_off: Off = ()


class Person(Frozen):
    """One person's accounts, and what is usual for them; what is not said is not judged."""

    accounts: Annotated[tuple[Line, ...], Field(min_length=1, max_length=1_000)]
    zone: Zone | None = None
    """Of their days; else that of their roster."""
    roster: Slug | None = None
    days_off: Off = ()
    clients: Annotated[tuple[Line, ...], Field(max_length=5_000)] | None = None
    """The clients whose records they work with, by our references; an empty list means none at all."""
    leaves_on: date | None = None
    """Their last day."""
    privileged: Literal["", "admin", "break_glass"] = ""
    exempt: Annotated[tuple[Slug, ...], Field(max_length=100)] = ()
    """The rules that are not asked of them, such as a nightly export's account."""

    def left_at(self, zone_name: str) -> datetime | None:
        """The first instant (UTC) after their last day, in their zone; None while nobody knows one."""
        if self.leaves_on is None:
            return None
        return start_of_day(self.leaves_on + timedelta(days=1), zone(zone_name))


def every_day(off: Off) -> frozenset[date]:
    """Each day of several spans of days off."""
    return frozenset(first + timedelta(days=n) for first, last in off for n in range((last - first).days + 1))

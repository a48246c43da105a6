"""Hours, zones and stretches as files write them."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from playbooks.documents import as_validation_error
from playbooks.errors import InstantFault
from playbooks.fact_types import Frozen
from playbooks.forensics.hours import WorkingHours
from playbooks.wording import Period
from playbooks.zones import zone

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_CLOCK = r"^([01]\d|2[0-3]):[0-5]\d$"


def _known_zone(name: str) -> str:
    try:
        zone(name)
    except InstantFault as fault:
        raise as_validation_error(fault) from fault
    return name


def _within_a_day(period: timedelta) -> timedelta:
    if period > timedelta(days=1):
        raise ValueError("a stretch is at most a day; write 1h, 4h or 1d")
    return period


Zone = Annotated[str, AfterValidator(_known_zone)]
"""The IANA name of a zone."""
Stretch = Annotated[Period, AfterValidator(_within_a_day)]
"""A stretch of the clock over which accesses are counted."""
Clock = Annotated[str, Field(pattern=_CLOCK)]
Day = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]


class Hours(Frozen):
    """Working hours by the clocks of a zone; they may run past midnight."""

    zone: Zone
    days: Annotated[tuple[Day, ...], Field(min_length=1, max_length=7)] = _DAYS[:5]  # type: ignore[assignment] # these very words
    begins: Clock
    ends: Clock

    def as_hours(self) -> WorkingHours:
        """These hours as they are reckoned with."""
        days = frozenset(_DAYS.index(day) for day in self.days)
        return WorkingHours(self.zone, days, _clock(self.begins), _clock(self.ends))


def _clock(text: str) -> timedelta:
    hours, minutes = text.split(":")
    return timedelta(hours=int(hours), minutes=int(minutes))

"""What a file says of calendars of working days: bases, days free in every year, closures and openings."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from pydantic import AfterValidator, Field

from playbooks.documents import as_validation_error
from playbooks.errors import Mend
from playbooks.fact_types import Frozen

_LEAP_YEAR = 2000

Reason = Annotated[str, Field(min_length=1, max_length=120)]


def _of_a_year(month_day: str) -> str:
    """A date that leap years at least have."""
    try:
        date.fromisoformat(f"{_LEAP_YEAR}-{month_day}")
    except ValueError as error:
        fault = Mend(f"`{month_day}` is no date of a year", mend="write month and day, such as '03-31'")
        raise as_validation_error(fault) from error
    return month_day


class SpecialDay(Frozen):
    """One day that is closed, or open, against the rule of its calendar."""

    on: date
    reason: Reason


class YearlyDay(Frozen):
    """A day closed in every year."""

    day: Annotated[
        str,
        Field(pattern=r"^(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$", description="month-day"),
        AfterValidator(_of_a_year),
    ]
    reason: Reason


class EasterDay(Frozen):
    """A day closed in every year, so many days from Easter Sunday (Western)."""

    days: Annotated[int, Field(ge=-100, le=100)]
    reason: Reason


class CalendarEntry(Frozen):
    """What a file says of one calendar; without a base its name is the code of a state or part."""

    country: Annotated[str, Field(pattern=r"^[A-Z]{2}$")] | None = None
    subdivision: Annotated[str, Field(max_length=16)] | None = None
    categories: tuple[Annotated[str, Field(max_length=20)], ...] = ()
    alone: bool = Field(default=False, description="weekends and the days given here, nothing else")
    every_year: tuple[YearlyDay, ...] = Field(default=(), max_length=60)
    from_easter: tuple[EasterDay, ...] = Field(default=(), max_length=20)
    closures: tuple[SpecialDay, ...] = ()
    openings: tuple[SpecialDay, ...] = ()
    note: Annotated[str, Field(max_length=300)] = ""

    def extended(self, more: CalendarEntry) -> CalendarEntry:
        """This entry with what another adds: its days besides, its base and note in place of this one's."""
        days = ("every_year", "from_easter", "closures", "openings")
        given = {name: getattr(more, name) for name in more.model_fields_set}
        given |= {name: getattr(self, name) + getattr(more, name) for name in days}
        return self.model_copy(update=given)


class CalendarFile(Frozen):
    """The calendars that one file gives, by name."""

    calendars: dict[Annotated[str, Field(pattern=r"^[A-Z][A-Za-z0-9-]{0,31}$")], CalendarEntry]

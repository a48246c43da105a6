"""Working days by named calendar: the `holidays` package, and the closures and openings people add as data.

`holidays` is imported when the first working day is asked for, because most clocks never ask.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from difflib import get_close_matches
from functools import cache
from importlib.resources import files
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

from playbooks.calendar_file import CalendarEntry, CalendarFile
from playbooks.documents import Document, read_document, validated
from playbooks.errors import Fault, FileFaults, Mend
from playbooks.folders import documents_in
from playbooks.zones import zones_of_countries

if TYPE_CHECKING:
    from holidays import HolidayBase

_DAY = timedelta(days=1)
_SATURDAY = 5
_LANGUAGE = "en_US"
_CODE = re.compile(r"([A-Z]{2})(?:-([A-Z0-9]{1,3}))?", re.ASCII)


@dataclass(slots=True)
class Calendar:
    """The working days of one place or institution."""

    name: str
    entry: CalendarEntry
    base: HolidayBase | None
    """None: Saturdays and Sundays alone are free."""
    _closed: dict[date, str] = field(init=False)
    _open: frozenset[date] = field(init=False)
    _yearly: dict[str, str] = field(init=False)
    _filled: set[int] = field(init=False, default_factory=set)
    _filling: Lock = field(init=False, default_factory=Lock)

    def __post_init__(self) -> None:
        self._closed = {day.on: day.reason for day in self.entry.closures}
        self._open = frozenset(day.on for day in self.entry.openings)
        self._yearly = {day.day: day.reason for day in self.entry.every_year}

    @property
    def note(self) -> str:
        """What is to be known of its days."""
        return self.entry.note

    def holiday(self, day: date) -> str | None:
        """Why that day is free, weekends apart; None for any other day. An opening wins, being earlier."""
        if day in self._open:
            return None
        added = self._closed.get(day) or self._yearly.get(f"{day:%m-%d}") or self._moving(day)
        return added or (None if self.base is None else self._of_year(self.base, day).get(day))

    def is_working(self, day: date) -> bool:
        """Whether that day is a working day."""
        if day in self._open:
            return True
        if self.base is None:
            return day.weekday() < _SATURDAY and self.holiday(day) is None
        return self._of_year(self.base, day).is_working_day(day) and self.holiday(day) is None

    def why_free(self, day: date) -> str:
        """The reason for which that day is no working day, in words."""
        return self.holiday(day) or f"a {day:%A}"

    def next_working(self, day: date) -> date:
        """That day, or the first working day after it."""
        while not self.is_working(day):
            day += _DAY
        return day

    def nth_after(self, day: date, count: int) -> date:
        """The working day that many working days after a day, which is not counted itself."""
        for _ in range(count):
            day = self.next_working(day + _DAY)
        return day

    def skipped(self, after: date, until: date) -> tuple[str, ...]:
        """The holidays, weekends apart, that lie after a day and before another, with their reasons."""
        days = (after + _DAY * count for count in range(1, (until - after).days))
        free = ((day, self.holiday(day)) for day in days if day.weekday() < _SATURDAY)
        return tuple(f"{day} ({reason})" for day, reason in free if reason)

    def _of_year(self, base: HolidayBase, day: date) -> HolidayBase:
        """The holidays with all of the day's year that are known: of far years some may be missing.

        The package marks a year as known before it has filled it, which another thread must not see.
        """
        if day.year not in self._filled:
            with self._filling, warnings.catch_warnings():
                warnings.simplefilter("ignore")
                base.get(day)
                self._filled.add(day.year)
        return base

    def _moving(self, day: date) -> str | None:
        if not self.entry.from_easter:
            return None
        away = (day - _easter(day.year)).days
        return next((moving.reason for moving in self.entry.from_easter if moving.days == away), None)


@dataclass(frozen=True, slots=True)
class Calendars:
    """All calendars by name: those of the files, and any state or part that `holidays` knows."""

    entries: Mapping[str, CalendarEntry]
    _made: dict[str, Calendar] = field(init=False, default_factory=dict)

    def __reduce__(self) -> tuple[type[Calendars], tuple[Mapping[str, CalendarEntry]]]:
        """As its entries alone: another process makes its own of them."""
        return Calendars, (self.entries,)

    def named(self, name: str) -> Calendar:
        """The calendar of that name; `""` has weekends alone, an unknown name raises `Mend`."""
        if name not in self._made:
            entry = self.entries.get(name, CalendarEntry())
            self._made[name] = Calendar(name or "weekends alone", entry, _base(name, entry))
        return self._made[name]


@cache
def shipped_calendars() -> Calendars:
    """The calendars of this house alone."""
    text = files("playbooks").joinpath("calendars.yaml").read_bytes()
    return Calendars(_entries(read_document(text, "playbooks/calendars.yaml")))


def load_calendars(folders: Iterable[Path]) -> Calendars:
    """The calendars of this house with what an organisation's folders add; FileFaults lists all faults.

    Each YAML file holds `calendars:`, by name. Days are added to a calendar of ours, base and note
    replace its own.
    """
    entries = dict(shipped_calendars().entries)
    faults: list[Fault] = []
    for folder in folders:
        documents, unread = documents_in(folder)
        faults += unread
        for document in documents:
            try:
                for name, entry in _entries(document).items():
                    entries[name] = entries.get(name, CalendarEntry()).extended(entry)
                    faults += _base_faults(name, entries[name], document)
            except FileFaults as error:
                faults += error.faults
    if faults:
        raise FileFaults(tuple(faults))
    return Calendars(entries)


@cache
def parts_of(country: str) -> tuple[str, ...]:
    """The codes of the parts whose own holidays are known; none for an unknown country."""
    import holidays  # noqa: PLC0415 - it costs more than all else of a clock

    try:
        return tuple(holidays.country_holidays(country).subdivisions)
    except NotImplementedError:
        return ()


def _entries(document: Document) -> Mapping[str, CalendarEntry]:
    return validated(CalendarFile, document).calendars


def _base_faults(name: str, entry: CalendarEntry, document: Document) -> list[Fault]:
    try:
        _base(name, entry)
    except Mend as error:
        keys, what, mend = _wrong_key(name, entry) or ((), error.what, error.mend)
        return [document.fault(("calendars", name, *keys), what, mend)]
    return []


def _wrong_key(name: str, entry: CalendarEntry) -> tuple[tuple[str, ...], str, str] | None:
    """Which key of a calendar names a base that nobody knows, with its mend; None where it is the name."""
    code = _CODE.fullmatch(name)
    country = entry.country or (code[1] if code else "")
    if not country:
        given = next((key for key in ("subdivision", "categories") if getattr(entry, key)), None)
        what, mend = f"`{given}` without `country`", "add `country`, such as DE"
        return ((given,), what, mend) if given else None
    kinds = _kinds_of(country)
    if kinds is None and country not in zones_of_countries():
        what, mend = f"`country`: `{country}` is no country known here", "write its code, such as DE"
        return (("country",), what, mend) if entry.country else None
    part, parts = entry.subdivision, parts_of(country)
    if part and part not in parts:
        mend = f"one of: {', '.join(parts)}" if parts else "leave it out: none of its parts are known"
        return ("subdivision",), f"`subdivision`: `{part}` is no part of {country} known here", mend
    if odd := next((kind for kind in entry.categories if kind not in (kinds or ())), None):
        mend = f"one of: {', '.join(kinds)}" if kinds else "leave it out: its holidays are not known"
        return ("categories",), f"`{odd}` is no category of holidays of {country}", mend
    return None


def _kinds_of(country: str) -> tuple[str, ...] | None:
    """The categories of a country's holidays; None where nobody has written them down."""
    import holidays  # noqa: PLC0415 - it costs more than all else of a clock

    try:
        return tuple(holidays.country_holidays(country).supported_categories)
    except NotImplementedError:
        return None


def _base(name: str, entry: CalendarEntry) -> HolidayBase | None:
    """The holidays that a calendar starts from, named in English; None where nobody has written them down."""
    if not name or entry.alone:
        return None
    import holidays  # noqa: PLC0415 - it costs more than all else of a clock

    code = _CODE.fullmatch(name)
    country = entry.country or (code[1] if code else "")
    part = entry.subdivision or (code[2] if code and not entry.country else None)
    if part and part not in parts_of(country):
        raise _unknown(name, country)
    try:
        kinds = entry.categories or None
        return holidays.country_holidays(country, subdiv=part, categories=kinds, language=_LANGUAGE)
    except (NotImplementedError, ValueError) as error:
        if country in zones_of_countries() and not parts_of(country) and not entry.categories:
            return None
        raise _unknown(name, country) from error


def _unknown(name: str, country: str) -> Mend:
    known = [*shipped_calendars().entries, *(f"{country}-{part}" for part in parts_of(country))]
    near = get_close_matches(name, known, n=3)
    mend = f"did you mean {' or '.join(near)}?" if near else "use the code of a place, such as BR or DE-BY"
    return Mend(f"`{name}` is no calendar known here", mend=mend)


@cache
def _easter(year: int) -> date:
    from dateutil.easter import easter  # noqa: PLC0415 - only one country's calendars ask

    return easter(year)

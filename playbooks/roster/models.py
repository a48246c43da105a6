"""A roster file as frozen data: shifts by role, weekday and local time, each with its people in order."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Annotated, Any, Final, Literal, Self, get_args

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from playbooks.documents import Document, as_validation_error, read_document, validated
from playbooks.errors import FileFaults, InstantFault, Mend
from playbooks.fact_types import Frozen
from playbooks.models import Role
from playbooks.wording import Day
from playbooks.zones import zone

Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
WEEK: Final[tuple[Weekday, ...]] = get_args(Weekday)
ROLES: Final[tuple[str, ...]] = get_args(Role)
_TIME = re.compile(r"(?:[01]\d|2[0-3]):[0-5]\d", re.ASCII)
_MIDNIGHT = "24:00"


def _time(text: object) -> str:
    if not isinstance(text, str) or not (_TIME.fullmatch(text) or text == _MIDNIGHT):
        raise as_validation_error(Mend("is no time of day", mend="write it as 08:00, or 24:00 for the end"))
    return text


def _start(text: object) -> str:
    if text == _MIDNIGHT:
        raise as_validation_error(Mend("a shift begins before midnight or at 00:00", mend="write 00:00"))
    return _time(text)


def _zone(name: str) -> str:
    try:
        return zone(name).key
    except InstantFault as fault:
        raise as_validation_error(fault) from fault


def _each_once(given: tuple[str, ...]) -> tuple[str, ...]:
    if len(set(given)) < len(given):
        raise as_validation_error(Mend("the same stands here twice", mend="keep one of them"))
    return given


def time_of(text: str) -> time:
    """A time of day as a roster writes it; 24:00 is the next midnight's."""
    return time() if text == _MIDNIGHT else time.fromisoformat(text)


Start = Annotated[str, BeforeValidator(_start)]
Clock = Annotated[str, BeforeValidator(_time)]
Zone = Annotated[str, AfterValidator(_zone)]
Handle = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,30}[a-z0-9]$")]


class Shift(Frozen):
    """Hours of the week in which somebody is on duty for a role: the first of `people` who is there.

    `until` at or before `from_` is on the next day. The days, `valid_from` and `valid_until` (that day
    included) are those on which a shift begins.
    """

    role: Role
    days: Annotated[tuple[Weekday, ...], Field(min_length=1), AfterValidator(_each_once)] = WEEK
    from_: Start = Field(alias="from")
    until: Clock
    zone: Zone | None = None
    people: Annotated[tuple[Handle, ...], Field(min_length=1, max_length=10), AfterValidator(_each_once)]
    valid_from: Day | None = None
    valid_until: Day | None = None

    @model_validator(mode="after")
    def _possible(self) -> Self:
        if self.valid_from and self.valid_until and self.valid_until < self.valid_from:
            mend = "exchange `valid_from` and `valid_until`"
            raise as_validation_error(Mend("it ends before it begins", mend=mend))
        return self

    def holds_on(self, day: date) -> bool:
        """Whether a shift begins on that day."""
        begun = self.valid_from is None or self.valid_from <= day
        return (
            begun and WEEK[day.weekday()] in self.days and not (self.valid_until and self.valid_until < day)
        )

    def hours_of(self, day: date) -> tuple[datetime, datetime]:
        """The local times, naive, at which the shift of that day begins and ends."""
        begins, ends = time_of(self.from_), time_of(self.until)
        last = day + timedelta(days=1) if ends <= begins else day
        return datetime.combine(day, begins), datetime.combine(last, ends)


class DutyRoster(Frozen):
    """A whole roster; `zone` is that of every shift without one, `digest_at` the local time of the digest."""

    zone: Zone
    digest_at: Start | None = None
    shifts: Annotated[tuple[Shift, ...], Field(min_length=1, max_length=500)]

    def zone_of(self, shift: Shift) -> str:
        """The name of the zone whose clocks a shift follows."""
        return shift.zone or self.zone

    @property
    def roles(self) -> tuple[str, ...]:
        """The roles that it has shifts for, each once."""
        return tuple(dict.fromkeys(shift.role for shift in self.shifts))


@dataclass(frozen=True, slots=True)
class Away:
    """Somebody who is not there from one instant until another, half-open, and who stands in."""

    handle: str
    begins_at: datetime
    until: datetime
    stand_in: str = ""

    def covers(self, at: datetime) -> bool:
        """Whether they are away at that instant."""
        return self.begins_at <= at < self.until


@dataclass(frozen=True, slots=True)
class RosterFile:
    """A roster as it was read, and the document that knows its lines."""

    document: Document
    roster: DutyRoster


def read_roster_file(text: bytes | str, file: str) -> RosterFile:
    """Read a roster file; FileFaults lists every fault with its line and mend."""
    document = read_document(text, file)
    if not isinstance(document.data, dict):
        raise FileFaults((document.fault((), "no roster", "begin with `zone:` and `shifts:`"),))
    return RosterFile(document, validated(DutyRoster, document))


def as_stored(roster: DutyRoster) -> dict[str, Any]:
    """The roster as the store keeps it."""
    return roster.model_dump(mode="json", by_alias=True, exclude_none=True)


@lru_cache(maxsize=16)
def from_stored(text: str) -> DutyRoster:
    """The roster that was stored, from its JSON."""
    return DutyRoster.model_validate_json(text)

"""Who is on duty at an instant, and when that changes.

Local times become instants by the first instant at which clocks there show them, or have jumped over them. A
shift that ends and the next that begins at one local time thus meet at one instant, whatever clocks do.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Final

from playbooks.roster.models import Away, DutyRoster, Shift
from playbooks.zones import first_instant, zone

_DAY: Final = timedelta(days=1)
_LOOK_AHEAD: Final = timedelta(days=15)


@dataclass(frozen=True, slots=True)
class Standing:
    """What decides, beside the roster, who is on duty: who is away, and who may be named for which role.

    `able` holds pairs of role and handle; None where anybody may be named.
    """

    absences: tuple[Away, ...] = ()
    able: frozenset[tuple[str, str]] | None = None

    def may(self, role: str, handle: str) -> bool:
        """Whether somebody may be named for a role."""
        return self.able is None or (role, handle) in self.able


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of time, half-open, in which the same people are on duty."""

    begins_at: datetime
    until: datetime
    people: tuple[str, ...]


PLAIN: Final = Standing()


def on_duty(roster: DutyRoster, role: str, at: datetime, standing: Standing = PLAIN) -> tuple[str, ...]:
    """Who is on duty for a role at an instant, one for each shift that runs then, in the roster's order."""
    found: dict[str, None] = {}
    for shift in roster.shifts:
        if shift.role == role and _runs(roster, shift, at):
            present = present_of(shift, at, standing)
            if present:
                found[present] = None
    return tuple(found)


def present_of(shift: Shift, at: datetime, standing: Standing) -> str | None:
    """The first of a shift's people who is there and may be named; a stand-in comes before the next."""
    seen: set[str] = set()
    for handle in shift.people:
        if found := _there(handle, shift.role, at, standing, seen):
            return found
    return None


def _there(handle: str, role: str, at: datetime, standing: Standing, seen: set[str]) -> str | None:
    """Somebody, or who stands in for them, or who stands in for those; nobody is looked at twice."""
    waiting = [handle]
    while waiting:
        one = waiting.pop(0)
        if not one or one in seen:
            continue
        seen.add(one)
        away = [absence for absence in standing.absences if absence.handle == one and absence.covers(at)]
        if not away and standing.may(role, one):
            return one
        waiting += [absence.stand_in for absence in away]
    return None


def spans(
    roster: DutyRoster, role: str, begins_at: datetime, until: datetime, standing: Standing = PLAIN
) -> list[Span]:
    """The stretches between two instants with who is on duty in each; neighbours differ."""
    edges = sorted({begins_at, *_edges(roster, (role,), begins_at, until, standing.absences)})
    found: list[Span] = []
    for edge, following in zip(edges, [*edges[1:], until], strict=True):
        people = on_duty(roster, role, edge, standing)
        if found and found[-1].people == people:
            found[-1] = Span(found[-1].begins_at, following, people)
        else:
            found.append(Span(edge, following, people))
    return found


def next_change(
    roster: DutyRoster, roles: Collection[str], after: datetime, standing: Standing = PLAIN
) -> datetime | None:
    """The next instant at which somebody else is on duty for one of the roles; None in a fortnight."""
    firsts = [
        stretch[0].until
        for role in roles
        if len(stretch := spans(roster, role, after, after + _LOOK_AHEAD, standing)) > 1
    ]
    return min(firsts, default=None)


def last_change(
    roster: DutyRoster, role: str, since: datetime, at: datetime, standing: Standing = PLAIN
) -> datetime | None:
    """The latest instant after `since` and until `at`, included, at which the people of a role changed."""
    stretch = spans(roster, role, since, at + timedelta(microseconds=1), standing)
    return stretch[-1].begins_at if len(stretch) > 1 else None


def last_edge(roster: DutyRoster, at: datetime, absences: Sequence[Away] = ()) -> datetime | None:
    """The latest instant of the last two days, `at` included, at which anybody's duty or absence turned."""
    edges = _edges(roster, roster.roles, at - 2 * _DAY, at + timedelta(microseconds=1), absences)
    return max(edges, default=None)


def shift_hours(roster: DutyRoster, shift: Shift, begins_at: datetime, until: datetime) -> Iterator[Span]:
    """The hours of a shift that touch a stretch of time, each with all its people."""
    name = roster.zone_of(shift)
    day, last = (begins_at.astimezone(zone(name)).date() - 2 * _DAY, until.astimezone(zone(name)).date())
    while day <= last:
        if shift.holds_on(day):
            starts, ends = (_instant(local, name) for local in shift.hours_of(day))
            if starts < until and begins_at < ends and starts < ends:
                yield Span(starts, ends, shift.people)
        day += _DAY


def _runs(roster: DutyRoster, shift: Shift, at: datetime) -> bool:
    hours = shift_hours(roster, shift, at, at + timedelta(microseconds=1))
    return any(span.begins_at <= at < span.until for span in hours)


def _edges(
    roster: DutyRoster,
    roles: Collection[str],
    begins_at: datetime,
    until: datetime,
    absences: Sequence[Away],
) -> Iterable[datetime]:
    """Every instant in between at which who is on duty can change."""
    for shift in roster.shifts:
        if shift.role in roles:
            for span in shift_hours(roster, shift, begins_at, until):
                yield from (at for at in (span.begins_at, span.until) if begins_at < at < until)
    for away in absences:
        yield from (at for at in (away.begins_at, away.until) if begins_at < at < until)


@lru_cache(maxsize=4096)
def _instant(local: datetime, name: str) -> datetime:
    return first_instant(local, zone(name))

"""Who is on duty when, as the roster says it: stretches of time, in seconds after the simulation begins.

The stretches come from `playbooks.roster.duty.spans`, a fortnight at a time, when a run reaches them.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from datetime import datetime, timedelta
from math import inf
from typing import Final

from playbooks.roster.duty import Standing, spans
from playbooks.roster.models import DutyRoster, Shift
from playbooks.simulation.model import Staff

_AT_ONCE: Final = timedelta(days=14)


class Rota:
    """The hours of one role: numbers of responders, in the order in which they are asked."""

    __slots__ = (
        "_able",
        "_at",
        "_begun",
        "_next",
        "_roster",
        "_settled",
        "_since",
        "_standing",
        "begins",
        "ends",
        "people",
        "role",
        "untils",
    )

    def __init__(
        self, role: str, people: Iterable[str], staff: Staff, since: datetime, at: dict[str, int]
    ) -> None:
        self.role, self._since, self._at, self._next = role, since, at, since
        self._roster = roster_of(role, tuple(people), staff)
        self._able = frozenset(at[handle] for handle in people)
        able = frozenset((role, handle) for handle in people)
        self._standing = Standing(staff.absences, able)
        self.begins: list[float] = []
        self.untils: list[float] = []
        self.people: list[tuple[int, ...]] = []
        self.ends: list[dict[int, float]] = []
        """Until when each of them stays on duty without a break."""
        self._settled = self._begun = 0
        """How many stretches have their ends for good; how many there are, the last fortnight's too."""
        if self._roster is None:
            self._settled = self._begun = 1
            there = tuple(at[handle] for handle in people)
            self.begins, self.untils = [0.0], [inf]
            self.people, self.ends = [there], [dict.fromkeys(there, inf)]

    def may_hold(self, person: int) -> bool:
        """Whether somebody can ever be on duty for the role."""
        return person in self._able

    def stretch(self, now: float) -> int:
        """The number of the stretch that holds an instant."""
        while not self.untils or self.untils[-1] <= now:
            self._extend()
        return bisect_right(self.begins, now) - 1

    def end_of_duty(self, stretch: int, person: int) -> float:
        """Until when somebody on duty in a stretch stays so, as far as its fortnight and the next tell."""
        while stretch >= self._settled:
            self._extend()
        return self.ends[stretch][person]

    def _extend(self) -> None:
        assert self._roster is not None
        begins, until = self._next, self._next + _AT_ONCE
        for span in spans(self._roster, self.role, begins, until, self._standing):
            self.begins.append((span.begins_at - self._since).total_seconds())
            self.untils.append((span.until - self._since).total_seconds())
            there = tuple(self._at[handle] for handle in dict.fromkeys(span.people))
            self.people.append(there)
            self.ends.append(dict.fromkeys(there, self.untils[-1]))
        self._next = until
        for number in range(len(self.begins) - 2, self._settled - 1, -1):
            following, ends = self.ends[number + 1], self.ends[number]
            for person in ends:
                ends[person] = following.get(person, self.untils[number])
        self._settled, self._begun = self._begun, len(self.begins)


def roster_of(role: str, people: tuple[str, ...], staff: Staff) -> DutyRoster | None:
    """The roster that decides for a role; None where its people are there at any hour."""
    if staff.roster is not None and role in staff.roster.roles:
        return staff.roster
    away = {absence.handle for absence in staff.absences}
    if not people or away.isdisjoint(people):
        return None
    always = {"role": role, "from": "00:00", "until": "24:00"}
    shifts = tuple(Shift.model_validate({**always, "people": (handle,)}) for handle in people)
    return DutyRoster(zone="UTC", shifts=shifts)

"""The hours in which fewer people are on duty for a role than are needed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from playbooks.roster.duty import PLAIN, Standing, spans
from playbooks.roster.models import DutyRoster


@dataclass(frozen=True, slots=True)
class Gap:
    """A stretch of time in which a role has too few people: who is there, and how many are needed."""

    role: str
    begins_at: datetime
    until: datetime
    people: tuple[str, ...]
    needed: int


def gaps(
    roster: DutyRoster | None,
    needed: Mapping[str, int],
    begins_at: datetime,
    until: datetime,
    standing: Standing = PLAIN,
) -> list[Gap]:
    """Every gap of the roles between two instants, by time; without a roster each is one gap."""
    if roster is None:
        return [Gap(role, begins_at, until, (), count) for role, count in sorted(needed.items())]
    found = [
        Gap(role, span.begins_at, span.until, span.people, count)
        for role, count in sorted(needed.items())
        for span in spans(roster, role, begins_at, until, standing)
        if len(span.people) < count
    ]
    return sorted(found, key=lambda gap: (gap.begins_at, gap.role))

"""What one file of the watch may hold."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from pydantic import Field

from playbooks.access_watch.geography import Network
from playbooks.access_watch.people import Person, Roster
from playbooks.access_watch.rules import AnyRule
from playbooks.fact_types import Frozen
from playbooks.forensics.hours_file import Zone
from playbooks.wording import Period, Slug


class WatchSettings(Frozen):
    """How the watch itself behaves."""

    zone: Zone = "UTC"
    """Of the days of whoever has no roster and no zone, and of stretches that are counted by client alone."""
    usual_roster: Slug | None = None
    """The hours of whoever has no roster of their own; without it they have none."""
    late: Period = timedelta(days=1)
    """How long after the newest row an older one still counts together with those of its stretch."""
    oldest: Period = timedelta(days=7)
    """What ended longer ago is not told: a first look at an old log raises nothing of last year."""
    most_alerts: Annotated[int, Field(ge=1, le=500)] = 100
    """Alerts of one log and run; what is left waits for the next."""
    broken_rows: Annotated[float, Field(ge=0, le=100)] = 1.0
    """Percent of the rows of a run that may be unreadable before that is told."""


class WatchFile(Frozen):
    """One file; each part may stand in any file, `settings` in one."""

    settings: WatchSettings | None = None
    rules: Annotated[tuple[Annotated[AnyRule, Field(discriminator="kind")], ...], Field(max_length=500)] = ()
    rosters: Annotated[tuple[Roster, ...], Field(max_length=1_000)] = ()
    people: Annotated[tuple[Person, ...], Field(max_length=50_000)] = ()
    networks: Annotated[tuple[Network, ...], Field(max_length=10_000)] = ()

"""What most payloads offer, read in one way: observables by a table of paths, levels, instants in UTC."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from itertools import chain
from typing import Any

from flows.intake.adapters.picking import instant, seen
from flows.intake.adapters.spotting import named
from playbooks.alerts.view import Severity
from playbooks.forensics.observable_kinds import Seen

Levels = tuple[tuple[float, Severity], ...]
"""The least number of each level, the highest first."""


def observables(body: Any, table: Mapping[str, tuple[str, ...]]) -> tuple[Seen, ...]:
    """What stands at the paths given for each kind of observable, once each; `*` is every item."""
    found = chain.from_iterable(seen(kind, named(body, *paths)) for kind, paths in table.items())
    return tuple(dict.fromkeys(found))


def graded(value: float | None, levels: Levels, *, unsaid: Severity = "medium") -> Severity:
    """A tool's number on our scale: the first level it reaches, info below all; `unsaid` without a number."""
    if value is None:
        return unsaid
    return next((severity for least, severity in levels if value >= least), "info")


def utc_instant(body: Any, *paths: str) -> datetime | None:
    """The first instant at one of the paths, for a tool that documents its times as UTC."""
    at = instant(body, *paths)
    return at.replace(tzinfo=UTC) if at is not None and at.tzinfo is None else at

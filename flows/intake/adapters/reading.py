"""What most payloads offer, read in one way: observables by a table of paths, levels, UTC, lists."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from itertools import chain
from typing import Any

from flows.intake.adapters.picking import instant, seen
from flows.intake.adapters.shapes import must_be_list, must_be_object
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


def items(body: Any, *inside: str) -> Iterator[dict[str, Any]]:
    """The objects a body carries: each of a list, or of the list under one of the keys, else itself.

    Raises PayloadFault where one is no object, or the list is too long.
    """
    listed, path = _listed(body, inside)
    if listed is None:
        yield must_be_object(body)
        return
    for index, one in enumerate(must_be_list(listed, path)):
        yield must_be_object(one, (*path, index))


def first_item(body: Any, *inside: str) -> dict[str, Any]:
    """The first object that a body carries, empty where there is none: for recognising; never raises."""
    listed, _ = _listed(body, inside)
    first = body if listed is None else next(iter(listed), None)
    return first if isinstance(first, dict) else {}


def _listed(body: Any, inside: tuple[str, ...]) -> tuple[list[Any] | None, tuple[str, ...]]:
    if isinstance(body, list):
        return body, ()
    if not isinstance(body, dict):
        return None, ()
    key = next((key for key in inside if isinstance(body.get(key), list)), None)
    return (None, ()) if key is None else (body[key], (key,))

"""Taking what is wanted out of a payload whose shape nobody guarantees: absent and wrong kinds are none."""

from __future__ import annotations

import math
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from dateutil import parser as lenient

from flows.intake.adapters.shapes import wrong_field
from flows.intake.claims import believable
from playbooks.forensics.observable_kinds import Seen, as_observable

LONGEST = 10_000
"""Characters of one text that is looked at."""
_MOST_SEEN = 200
_NO_DATE = datetime(1, 1, 1)  # noqa: DTZ001 - naive as the text may be
_ZONES = {
    name: hours * 3600
    for name, hours in (
        *(("UT", 0), ("GMT", 0), ("EST", -5), ("EDT", -4), ("CST", -6), ("CDT", -5)),
        *(("MST", -7), ("MDT", -6), ("PST", -8), ("PDT", -7)),
    )
}
_EPOCH_UNITS = ((1e17, 1e9), (1e14, 1e6), (1e11, 1e3), (0.0, 1.0))


def at(body: Any, path: str) -> Any:
    """The value at a dotted path (`a.b.0.c`), None where there is none; a key with dots counts whole."""
    if isinstance(body, dict) and path in body:
        return body[path]
    for part in path.split("."):
        if isinstance(body, dict):
            body = body.get(part)
        elif isinstance(body, list) and part.isdigit() and int(part) < len(body):
            body = body[int(part)]
        else:
            return None
    return body


def word(body: Any, *paths: str) -> str:
    """The first text or number at one of the paths, as text; empty where there is none."""
    for path in paths:
        value = at(body, path)
        if isinstance(value, str) and value.strip():
            return value.strip()[:LONGEST]
        if isinstance(value, int | float) and not isinstance(value, bool):
            return repr(value) if abs(value) < 1e300 else ""
    return ""


def words(body: Any, *paths: str) -> tuple[str, ...]:
    """Every text at the paths, lists of texts among them, in order and once each."""
    found: dict[str, None] = {}
    for path in paths:
        value = at(body, path)
        for one in value if isinstance(value, list) else [value]:
            if isinstance(one, str) and one.strip():
                found[one.strip()[:LONGEST]] = None
    return tuple(found)[:_MOST_SEEN]


def must_word(body: Any, *paths: str) -> str:
    """The first text at one of the paths; raises PayloadFault naming the first path where there is none."""
    found = word(body, *paths)
    if not found:
        raise wrong_field(paths[0].split("."), "text is wanted")
    return found


def number(body: Any, *paths: str) -> float | None:
    """The first finite number at one of the paths, written as text or not."""
    for path in paths:
        value = at(body, path)
        if isinstance(value, bool):
            continue
        try:
            found = float(value)
        except (TypeError, ValueError, OverflowError):
            continue
        if math.isfinite(found):
            return found
    return None


def objects(body: Any, path: str) -> list[dict[str, Any]]:
    """The objects of the list at a path; what is no object is passed over."""
    value = at(body, path)
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def instant(body: Any, *paths: str) -> datetime | None:
    """The first instant at one of the paths: ISO 8601, RFC 2822, or seconds, ms, µs or ns since 1970.

    Without an offset it stays naive: whoever knows the source's zone completes it.
    """
    for path in paths:
        if (found := as_instant(at(body, path))) is not None:
            return found
    return None


def as_instant(value: Any) -> datetime | None:
    """The instant that a value tells, None where it tells none that can be meant."""
    return believable(_written(value))


def _written(value: Any) -> datetime | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return _since_1970(value)
    if not isinstance(value, str) or not value.strip() or len(value) > 60:
        return None
    text = value.strip()
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        pass
    try:
        return _since_1970(float(text))
    except ValueError:
        return _otherwise(text)


def seen(kind: str, values: Iterable[str]) -> tuple[Seen, ...]:
    """The observables of a kind that texts spell; what spells none is left out."""
    found = (as_observable(kind, value) for value in values)
    return tuple(dict.fromkeys(one for one in found if one is not None))[:_MOST_SEEN]


def _since_1970(value: float) -> datetime | None:
    for least, unit in _EPOCH_UNITS:
        if value >= least:
            try:
                return datetime.fromtimestamp(value / unit, UTC)
            except (ValueError, OverflowError, OSError):
                return None
    return None


def _otherwise(text: str) -> datetime | None:
    """The instant in any other order of words; one without a date is none."""
    try:
        found = lenient.parse(text, default=_NO_DATE, tzinfos=_zone)
    except (ValueError, OverflowError, TypeError, ArithmeticError):
        return None
    return found if found.year > _NO_DATE.year else None


def _zone(name: str | None, offset: int | None) -> timezone | None:
    """The zone of an offset in seconds, or of a name of RFC 2822; an unknown name is no zone."""
    seconds = offset if offset is not None else _ZONES.get((name or "").upper())
    return None if seconds is None else timezone(timedelta(seconds=seconds))

"""Instants in a scenario's values, written as spans: `{{ now - 30m }}` becomes the instant it means. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from pydantic import TypeAdapter, ValidationError

from playbooks.wording import Period

_INSTANT: Final = re.compile(
    r"\{\{ *(?P<anchor>now|start) *(?:(?P<sign>[+-]) *(?P<span>[1-9]\d{0,5}[mhd]) *)?\}\}", re.ASCII
)
_PERIOD: Final = TypeAdapter[timedelta](Period)
_EXAMPLE: Final = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


def filled(values: Mapping[str, Any], now: datetime, start: datetime) -> dict[str, Any]:
    """Return the values with each `{{ now }}` and `{{ start }}`, and a span from it, as an instant.

    `now` is that of the answer or of the inject, `start` that of the exercise; both incident time, aware.
    """
    return {name: _filled(value, now, start) for name, value in values.items()}


def example_of(value: Any) -> Any:
    """Return a value as it would be filled at some instant, to see whether it can be used at all."""
    return _filled(value, _EXAMPLE, _EXAMPLE)


def braced(text: str) -> Iterator[str]:
    """Yield whatever stands in double braces, with them; a text is walked once, however many it opens."""
    closes = 0
    while (opens := text.find("{{", closes)) >= 0 and (end := text.find("}}", opens + 2)) >= 0:
        closes = end + 2
        yield text[opens:closes]


def is_dated(value: Any) -> bool:
    """Whether an instant stands in a value, as a span or a misspelt one."""
    if isinstance(value, str):
        return any(braced(value))
    return isinstance(value, list | tuple) and any(map(is_dated, value))


def misspelt(value: Any) -> Iterator[str]:
    """Yield whatever stands in double braces and is no instant."""
    if isinstance(value, str):
        yield from (part for part in braced(value) if _offset(_INSTANT.fullmatch(part)) is None)
    elif isinstance(value, Mapping):
        for part in value.values():
            yield from misspelt(part)
    elif isinstance(value, list | tuple):
        for part in value:
            yield from misspelt(part)


def _filled(value: Any, now: datetime, start: datetime) -> Any:
    if isinstance(value, list | tuple):
        return [_filled(part, now, start) for part in value]
    if not isinstance(value, str):
        return value
    return _INSTANT.sub(lambda found: _stamp(found, {"now": now, "start": start}), value)


def _stamp(found: re.Match[str], anchors: Mapping[str, datetime]) -> str:
    """The instant that is meant; the words as they stand where they mean none."""
    offset = _offset(found)
    if offset is None:
        return found[0]
    return f"{(anchors[found['anchor']] + offset).astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def _offset(found: re.Match[str] | None) -> timedelta | None:
    """How far the instant lies from what it hangs on; None where that is no span."""
    if found is None:
        return None
    if not found["span"]:
        return timedelta(0)
    try:
        span = _PERIOD.validate_python(found["span"])
    except ValidationError:
        return None
    return -span if found["sign"] == "-" else span

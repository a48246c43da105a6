"""Values as the words that a tired reader understands at once. Pure."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, assert_never

from playbooks.fact_types import FactSpec, FactValue, Range, Unknown
from playbooks.facts import DICTIONARY, from_json


def clock_words(at: datetime) -> str:
    """An instant in UTC, to the minute: `20 Nov 2026 14:05Z`."""
    return f"{at.astimezone(UTC):%d %b %Y %H:%MZ}"


def span_words(span: timedelta) -> str:
    """A length of time in its two largest units, rounded down: `2 d 4 h`, `3 h 5 min`, `12 min`."""
    minutes = int(abs(span) / timedelta(minutes=1))
    days, rest = divmod(minutes, 24 * 60)
    hours, minutes = divmod(rest, 60)
    if days:
        return f"{days} d {hours} h" if hours else f"{days} d"
    if hours:
        return f"{hours} h {minutes} min" if minutes else f"{hours} h"
    return f"{minutes} min" if minutes else "under a minute"


def left_words(due_at: datetime, now: datetime) -> str:
    """How much time is left, or by how much it is over."""
    if due_at < now:
        return f"over by {span_words(now - due_at)}"
    return f"{span_words(due_at - now)} left"


def fact_label(name: str) -> str:
    """What the dictionary calls a fact; a retired one keeps its name."""
    return DICTIONARY[name].label if name in DICTIONARY else _spaced(name)


def fact_words(name: str, stored: Any) -> str:
    """A stored fact as its reader says it."""
    if name not in DICTIONARY:
        return value_words(stored)
    return _in_words(DICTIONARY[name], from_json(name, stored))


def kind_words(kind: str) -> str:
    """The kind of a timeline entry as a phrase."""
    return _spaced(kind).capitalize()


def value_words(value: Any) -> str:
    """A JSON value of a timeline entry as text."""
    if value is None or value == "":
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list) and all(isinstance(part, str) for part in value):
        return ", ".join(value)
    if isinstance(value, str | int | float):
        return str(value)
    return json.dumps(value, sort_keys=True, ensure_ascii=False)


def payload_words(payload: Mapping[str, Any], without: Collection[str] = ()) -> tuple[tuple[str, str], ...]:
    """A timeline entry's payload as labelled lines; what it says of facts comes in their words."""
    lines: list[tuple[str, str]] = []
    for name, value in payload.items():
        if name in without:
            continue
        if name == "facts" and isinstance(value, dict):
            lines += [(fact_label(fact), fact_words(fact, stored)) for fact, stored in value.items()]
        elif value not in (None, "", [], {}):
            lines.append((_spaced(name), value_words(value)))
    return tuple(lines)


def _in_words(spec: FactSpec, value: FactValue) -> str:
    labels = {choice.value: choice.label for choice in spec.choices}
    match value:
        case Unknown():
            return "unknown"
        case bool():
            return "yes" if value else "no"
        case str():
            return labels.get(value, value)
        case frozenset():
            return ", ".join(labels.get(one, one) for one in sorted(value)) or "none"
        case datetime():
            return clock_words(value)
        case Range() | int():
            return str(value)
    assert_never(value)


def _spaced(name: str) -> str:
    return name.replace("_", " ")

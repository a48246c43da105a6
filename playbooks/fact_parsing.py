"""From what a form or a tool gives to the value of a fact, and to JSON and back. Pure; refuses the absurd."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, assert_never

from pydantic import ValidationError

from playbooks.errors import FactFault
from playbooks.fact_types import UNKNOWN, FactSpec, FactValue, Range, Unknown

_COUNT = r"\d{1,3}(?:,\d{3})+|\d{1,15}"
_BETWEEN = re.compile(rf"({_COUNT})\s*(?:-|–|\.\.|to)\s*({_COUNT})", re.ASCII)  # noqa: RUF001 (people type it)
_AT_LEAST = re.compile(rf"(?:({_COUNT})\s*\+|(?:>=|at least)\s*({_COUNT}))", re.ASCII)
_AT_MOST = re.compile(rf"(?:<=|up to|at most)\s*({_COUNT})", re.ASCII)
_EXACTLY = re.compile(rf"({_COUNT})", re.ASCII)
_HANDLE = re.compile(r"[a-z0-9](?:[a-z0-9._-]{0,62}[a-z0-9])?", re.ASCII)
_INSTANT = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.\d{1,6})?)?(?:Z|[+-]\d\d:?\d\d)", re.ASCII)
_EARLIEST, _LATEST = datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)
_SKEW = timedelta(minutes=5)  # clocks of two machines differ; what lies further ahead is a mistake
_LONGEST_TEXT = 4_000
_YES_NO = {"yes": True, "true": True, "no": False, "false": False}


def parse_value(spec: FactSpec, given: Any, *, now: datetime | None = None) -> FactValue:
    """Turn what was given into a value of this fact; FactFault says what is wrong and how to mend it."""
    if isinstance(given, Unknown) or (_is_unknown(given) and spec.type != "text"):
        return UNKNOWN
    match spec.type:
        case "yes_no":
            return _yes_no(spec, given)
        case "choice":
            return _choice(spec, given)
        case "choices":
            return _choices(spec, given)
        case "range":
            return _range(spec, given)
        case "integer":
            return _integer(spec, given)
        case "instant":
            return _instant(spec, given, now)
        case "text":
            return _text(spec, given)
        case "clients":
            return _clients(spec, given)
        case _:
            assert_never(spec.type)


def _is_unknown(given: Any) -> bool:
    return isinstance(given, str) and given.strip().lower() == "unknown"


def _fault(spec: FactSpec, given: Any, mend: str) -> FactFault:
    shown = repr(given) if len(repr(given)) <= 80 else repr(given)[:77] + "..."
    return FactFault(f"{spec.label}: {shown} cannot be used", which=spec.name, mend=mend)


def _yes_no(spec: FactSpec, given: Any) -> bool:
    if isinstance(given, bool):
        return given
    if isinstance(given, str) and given.strip().lower() in _YES_NO:
        return _YES_NO[given.strip().lower()]
    raise _fault(spec, given, "answer yes, no or unknown")


def _choice(spec: FactSpec, given: Any) -> str:
    for choice in spec.choices:
        if choice.value == given:  # as it is kept
            return choice.value
    by_folded = {value.casefold(): value for value in spec.values}
    if isinstance(given, str) and given.strip().casefold() in by_folded:
        return by_folded[given.strip().casefold()]
    raise _fault(spec, given, f"choose one of: {', '.join(spec.values)}, unknown")


def _choices(spec: FactSpec, given: Any) -> frozenset[str]:
    """Read several choices; `unknown` among them says that there may be more."""
    tokens = _tokens(spec, given)
    return frozenset("unknown" if _is_unknown(token) else _choice(spec, token) for token in tokens)


def _tokens(spec: FactSpec, given: Any) -> list[Any]:
    if isinstance(given, str):
        tokens: list[Any] = [token for token in re.split(r"[,;\s]+", given) if token]
    elif isinstance(given, Iterable) and not isinstance(given, Mapping):
        tokens = list(given)
    else:
        tokens = []
    if not tokens:
        raise _fault(spec, given, "name at least one, or unknown")
    return tokens


def _clients(spec: FactSpec, given: Any) -> frozenset[str]:
    tokens = _tokens(spec, given)
    for token in tokens:
        if not isinstance(token, str) or not _HANDLE.fullmatch(token):
            raise _fault(spec, token, "give the clients' references, separated by commas")
    return frozenset(tokens)


def _range(spec: FactSpec, given: Any) -> Range:
    low, high = _bounds(spec, given)
    if low < 0 or (high is not None and high < low):
        raise _fault(spec, given, "give a count of zero or more, or the lower bound first: 100-250")
    if max(low, high or 0) > spec.maximum:
        raise _fault(spec, given, f"more than {spec.maximum:,} cannot be")
    return Range(low=low, high=high)


def _bounds(spec: FactSpec, given: Any) -> tuple[int, int | None]:
    if isinstance(given, Range):
        return given.low, given.high
    if isinstance(given, int) and not isinstance(given, bool):
        return given, given
    if isinstance(given, str):
        return _bounds_of_text(spec, given.strip().lower())
    raise _fault(spec, given, "give a count (120), a range (100-250), a bound (500+, up to 80) or unknown")


def _bounds_of_text(spec: FactSpec, text: str) -> tuple[int, int | None]:
    if found := _EXACTLY.fullmatch(text):
        return _count(found[1]), _count(found[1])
    if found := _BETWEEN.fullmatch(text):
        return _count(found[1]), _count(found[2])
    if found := _AT_LEAST.fullmatch(text):
        return _count(found[1] or found[2]), None
    if found := _AT_MOST.fullmatch(text):
        return 0, _count(found[1])
    raise _fault(spec, text, "give a count (120), a range (100-250), a bound (500+, up to 80) or unknown")


def _count(text: str) -> int:
    return int(text.replace(",", ""))


def _integer(spec: FactSpec, given: Any) -> int:
    if isinstance(given, str) and _EXACTLY.fullmatch(given.strip()):
        given = _count(given.strip())
    if isinstance(given, int) and not isinstance(given, bool) and 0 <= given <= spec.maximum:
        return given
    raise _fault(spec, given, f"give a whole number from 0 to {spec.maximum:,}")


def _instant(spec: FactSpec, given: Any, now: datetime | None) -> datetime:
    moment = given if isinstance(given, datetime) else _instant_of_text(spec, given)
    if moment.utcoffset() is None:
        raise _fault(spec, given, "add Z or an offset: 2026-03-01T14:05Z")
    if not _EARLIEST <= moment <= _LATEST:
        raise _fault(spec, given, "give an instant between the years 2000 and 2100")
    if now is not None and not spec.may_lie_ahead and moment > now + _SKEW:
        raise _fault(spec, given, f"it lies ahead: it is {now.astimezone(UTC):%Y-%m-%dT%H:%MZ} now")
    return moment.astimezone(UTC)


def _instant_of_text(spec: FactSpec, given: Any) -> datetime:
    if isinstance(given, str) and _INSTANT.fullmatch(given.strip().upper()):
        try:
            return datetime.fromisoformat(given.strip().upper())
        except ValueError as no_such_instant:
            raise _fault(spec, given, "no such day or hour exists") from no_such_instant
    raise _fault(spec, given, "write an instant with Z or an offset: 2026-03-01T14:05Z")


def _text(spec: FactSpec, given: Any) -> str:
    if not isinstance(given, str) or not given.strip():
        raise _fault(spec, given, "write something, or leave the fact unstated")
    text = given.strip().replace("\r\n", "\n")
    if len(text) > _LONGEST_TEXT:
        raise _fault(spec, text, f"at most {_LONGEST_TEXT:,} characters; attach the rest as evidence")
    if not all(character.isprintable() or character in "\n\t" for character in text):
        raise _fault(spec, text, "remove the control characters")
    return text


def value_to_json(value: FactValue) -> Any:
    """Return a value as JSON holds it."""
    match value:
        case Unknown():
            return {"unknown": True}
        case Range():
            return {"low": value.low, "high": value.high}
        case frozenset():
            return sorted(value)
        case datetime():
            return value.astimezone(UTC).isoformat()
        case bool() | int() | str():
            return value
        case _:
            assert_never(value)


def value_from_json(spec: FactSpec, stored: Any) -> FactValue:
    """Return the value that `value_to_json` made; FactFault when it is none of this fact's."""
    if stored == {"unknown": True}:
        return UNKNOWN
    if spec.type == "range" and isinstance(stored, Mapping):
        try:
            return _range(spec, Range.model_validate(stored))
        except ValidationError as no_range:
            raise _fault(spec, dict(stored), "a stored range has a low count and a high one") from no_range
    return parse_value(spec, stored)

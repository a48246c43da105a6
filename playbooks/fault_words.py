"""What pydantic finds wrong, in words for the person who wrote the file: what is wrong, and what to write."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from difflib import get_close_matches
from types import MappingProxyType
from typing import Any, Final, TypeAlias

from pydantic_core import ErrorDetails

Words: TypeAlias = tuple[str, str]
"""What is wrong, and its mend."""

_KEYS: Final = "write keys under it, each with its value"
_LIST: Final = "write a list: each part on a line of its own that begins with `- `"
_TEXT: Final = "write a text; put a number or a word such as true between quotes"
_NUMBER: Final = "write a plain number, such as 72"
_WHOLE: Final = "write a whole number, such as 3"
_YES_NO: Final = "write true or false"
_DATE: Final = "write it as 2026-11-20"
_SIMPLE: Final[Mapping[str, Words]] = MappingProxyType(
    {
        **dict.fromkeys(("dict_type", "mapping_type"), ("is no group of keys", _KEYS)),
        **dict.fromkeys(("model_type", "model_attributes_type"), ("is no group of keys", _KEYS)),
        **dict.fromkeys(("list_type", "tuple_type", "set_type", "frozen_set_type"), ("is no list", _LIST)),
        "string_type": ("is no text", _TEXT),
        **dict.fromkeys(("float_type", "float_parsing", "finite_number"), ("is no number", _NUMBER)),
        **dict.fromkeys(("int_type", "int_parsing", "int_from_float"), ("is no whole number", _WHOLE)),
        **dict.fromkeys(("bool_type", "bool_parsing"), ("is neither true nor false", _YES_NO)),
        **dict.fromkeys(("date_type", "date_parsing", "date_from_datetime_parsing"), ("is no date", _DATE)),
        **dict.fromkeys(("date_from_datetime_inexact",), ("is no date", _DATE)),
    }
)
_BOUNDS: Final[Mapping[str, Callable[[Mapping[str, Any]], Words]]] = MappingProxyType(
    {
        "less_than": lambda ctx: ("is too large", f"write less than {ctx['lt']:g}"),
        "less_than_equal": lambda ctx: ("is too large", f"write {ctx['le']:g} at most"),
        "greater_than": lambda ctx: ("is too small", f"write more than {ctx['gt']:g}"),
        "greater_than_equal": lambda ctx: ("is too small", f"write {ctx['ge']:g} at least"),
        "string_too_long": lambda ctx: (
            "is too long",
            f"write {_many(ctx['max_length'], 'character')} at most",
        ),
        "string_too_short": lambda ctx: (
            "is too short",
            f"write {_many(ctx['min_length'], 'character')} at least",
        ),
        "too_long": lambda ctx: (
            f"has {ctx.get('actual_length') or 'too many'} parts",
            f"leave {ctx['max_length']} at most",
        ),
        "too_short": lambda ctx: ("has too few parts", f"give {_many(ctx['min_length'], 'part')} at least"),
    }
)
FORMS: Final[Mapping[str, str]] = MappingProxyType(
    {
        r"^[PSM](/[PSM])*-[HML]$": "write what was read (P the text, S what others say of it, M memory)"
        " and how sure it is (H, M, L), such as P-H",
        r"^([01]\d|2[0-3]):[0-5]\d$": "write a time of day between quotes, such as '09:00'",
        r"^(hmac|bearer|basic|api_key)$": "write how the tool proves itself: hmac, bearer, basic or api_key",
        r"^[A-Z]{2}$": "write a country in two capitals, such as DE",
        r"^(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$": "write month and day between quotes, such as '03-31'",
        r"^[A-Za-z0-9][A-Za-z0-9._-]*$": "write letters, digits, dots, hyphens and underscores, no spaces",
        r"^[0-9A-Za-z.-]+$": "write letters, digits, dots and hyphens, no spaces",
        r"^[A-Z][A-Za-z0-9-]{0,31}$": "begin with a capital, then letters, digits and hyphens, 32 at most",
        r"^[a-z0-9]+(-[a-z0-9]+)*$": "write small letters and digits, joined by hyphens",
        r"^([a-z0-9]+(-[a-z0-9]+)*)?$": "write small letters and digits, joined by hyphens, or nothing",
        r"^[A-Za-z_][\w$]{0,62}(\.[A-Za-z_][\w$]{0,62})?$": "write the name of a table, or schema.table",
        r"^[a-z][a-z0-9-]{0,62}[a-z0-9]$": "write small letters, digits and hyphens, a letter first",
        r"^[a-z][a-z0-9_]*$": "write small letters, digits and underscores, a letter first",
        r"^[a-z][a-z0-9_]{0,31}$": "write small letters, digits and underscores, a letter first, 32 at most",
        r"^[a-z][a-z0-9_]{0,39}$": "write small letters, digits and underscores, a letter first, 40 at most",
        r"^[0-9]{1,6}(\.[0-9]{1,6}){0,2}$": "write it as 1, 1.2 or 1.2.3",
        r"^[a-z][a-z0-9-]{0,30}[a-z0-9]$": "write a handle: small letters, digits, hyphens, a letter first",
        r"^[a-z]{2}$": "write a language in two small letters, such as de",
        r"^[A-Za-z0-9.*-]{2,60}$": "write a rule's id; * stands for any part of it",
        r"^\d\d$": "write two digits between quotes",
        r"^https://[!#-;=?-~]+$": "write a link that begins with https://, without spaces",
        r"^(#[\w-]{1,79}|[CG][A-Z0-9]{2,79})?$": "write a channel's name, such as '#incidents', or its id",
    }
)
"""What a form wants, by the pattern that says it to the machine."""


def words(detail: ErrorDetails, name: str) -> Words:
    """What is wrong with the part of that name, and what to write instead."""
    kind, ctx = detail["type"], detail.get("ctx", {})
    if kind in _SIMPLE:
        what, mend = _SIMPLE[kind]
        return f"{name} {what}{_given(detail)}", mend
    if kind in _BOUNDS:
        what, mend = _BOUNDS[kind](ctx)
        return f"{name} {what}{_given(detail) if 'than' in kind else ''}", mend
    if kind == "string_pattern_mismatch":
        mend = FORMS.get(ctx["pattern"], f"its form is {ctx['pattern']}")
        return f"{name} is not of its form{_given(detail)}", mend
    if kind in ("literal_error", "enum"):
        return f"{name} is none of the words known here{_given(detail)}", _choice(detail["input"], ctx)
    message = detail["msg"].removeprefix("Value error, ")
    if message.startswith(("one of: ", "write ")):
        return f"{name} cannot be that{_given(detail)}", message
    what, _, mend = message.partition("; ")
    return f"{name}: {what[:1].lower()}{what[1:]}", mend or f"correct {name}"


def _choice(given: object, ctx: Mapping[str, Any]) -> str:
    known = str(ctx["expected"]).replace("'", "").replace(" or ", ", ").split(", ")
    near = get_close_matches(str(given), known, n=1)
    return f"did you mean {near[0]}? One of: {', '.join(known)}" if near else f"one of: {', '.join(known)}"


def _given(detail: ErrorDetails) -> str:
    """The value as it was written, where that is one plain value."""
    value = detail["input"]
    if value is None:
        return ": nothing stands there"
    if isinstance(value, bool):
        return f": `{str(value).lower()}`"
    return f": `{str(value)[:60]}`" if isinstance(value, str | int | float) else ""


def _many(count: int, of: str) -> str:
    return f"{count:,} {of}" if count == 1 else f"{count:,} {of}s"

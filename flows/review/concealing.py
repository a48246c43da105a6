"""The last guard of a report for one client: no string in it may name another client of the incident.

What may be quoted was decided before, row by row; this catches the name that somebody wrote into a text
about the one client.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import fields, is_dataclass, replace
from typing import Any, TypeVar

WITHHELD = "[withheld]"

_Kept = TypeVar("_Kept")


def conceal(value: _Kept, names: Sequence[str]) -> _Kept:
    """The same value with every one of `names`, in any letter case, replaced in every string."""
    if not names:
        return value
    longest_first = sorted(names, key=len, reverse=True)
    words = "|".join(r"\s+".join(re.escape(part) for part in name.split()) for name in longest_first)
    pattern = re.compile(rf"(?<![\w-])(?:{words})(?![\w-])", re.IGNORECASE)
    concealed: _Kept = _walk(value, pattern)
    return concealed


def _walk(value: Any, pattern: re.Pattern[str]) -> Any:
    if isinstance(value, str):
        return pattern.sub(WITHHELD, value)
    if isinstance(value, tuple):
        return tuple(_walk(one, pattern) for one in value)
    if is_dataclass(value) and not isinstance(value, type):
        changed = {field.name: _walk(getattr(value, field.name), pattern) for field in fields(value)}
        return replace(value, **changed)
    return value

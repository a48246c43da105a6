"""Which JSON lines leave nothing to doubt: every parser reads them alike, so the fast one may.

Plain is an object on one line without escapes, whose values for the log's columns the reference takes as they
stand. That none of `keys_of` stands in one twice is asked of whole chunks.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from flows.access_watch.plain_rows import TIMES
from flows.forensics.log_sources import LogSource

_NUMBER = r"-?(?:0|[1-9]\d{0,14})(?:\.\d{1,15})?"
_WHOLE = r"(?:0|-?[1-9]\d{0,14})"
_COUNT = r'(?:0|[1-9]\d{0,14}|"(?:\d{1,15}|-)?"|null)'
_KEY = re.compile(r"[\w@ -]+", re.ASCII)
_DEEPEST = 2


def plain_objects(source: LogSource, *, is_utf8: bool) -> re.Pattern[bytes] | None:
    """A pattern that matches as many plain lines as follow one another; None where no line is plain."""
    paths = {one: told.split(".") for one, told in source.columns.named.items()}
    keys = [key for path in paths.values() for key in path]
    is_simple = all(_KEY.fullmatch(key) for key in keys) and all(
        len(path) <= _DEEPEST for path in paths.values()
    )
    if source.time not in TIMES or not is_simple:
        return None
    inside = rf'[^"\\\x00-\x1f{"" if is_utf8 else chr(92) + "x80-" + chr(92) + "xff"}]'
    text = rf'"{inside}{{0,9999}}+"'
    simple = rf"(?:{text}|{_NUMBER}|true|false|null)"
    wanted = {path[-1]: _value(one, source.time, text) for one, path in paths.items()}
    dotted = [".".join(path) for path in paths.values() if len(path) > 1]
    inner = _object(_pair(wanted, dotted, inside, rf"(?:{simple}|\[(?:{simple}(?:, ?{simple})*+)?\])"))
    outer = _object(
        _pair(wanted, dotted, inside, rf"(?:{simple}|\[(?:{simple}(?:, ?{simple})*+)?\]|{inner})")
    )
    at = re.escape(paths["at"][-1])
    return re.compile(rf'(?:(?=[^\n]*"{at}":){outer}\r?\n)*+'.encode("latin-1"))


def keys_of(source: LogSource) -> list[str]:
    """The keys on the way to the values of the log's columns, as they stand in a plain line."""
    keys = (key for told in source.columns.named.values() for key in told.split("."))
    return [f'"{key}":' for key in dict.fromkeys(keys)]


def _value(one: str, time: str, text: str) -> str:
    if one == "at":
        return rf'(?:"{TIMES[time]}"{"" if time == "iso" else "|" + TIMES[time]})'
    return _COUNT if one in ("records", "bytes") else rf"(?:{text}|{_WHOLE}|null)"


def _pair(wanted: Mapping[str, str], dotted: Iterable[str], inside: str, other: str) -> str:
    """A key with its value; a key that is wanted has a value that fits, or a whole object below it."""
    keys = "|".join(map(re.escape, [*wanted, *dotted]))
    own = "|".join(rf'"{re.escape(key)}": ?{value}' for key, value in wanted.items())
    return rf'(?:{own}|"(?!(?:{keys})"){inside}{{0,999}}+": ?{other})'


def _object(pair: str) -> str:
    return rf"\{{(?:{pair}(?:, ?{pair})*+)?\}}"

"""Addresses as analysts spell them, so that nothing turns them into a link, and back.

`defang(refang(x)) == defang(x)` and `refang(defang(x)) == refang(x)` for every text. Whoever takes text from
outside bounds its length first.
"""

from __future__ import annotations

import re
import unicodedata

_MARKED = r"(?:\.|dot|@|at|:)"
_MARKS = re.compile(rf"\[{_MARKED}\]|\({_MARKED}\)|\{{{_MARKED}\}}", re.IGNORECASE)
_SCHEME = re.compile(r"(?<![a-z0-9])h(?:tt|xx)p(?=s?:)", re.IGNORECASE)
_READ_AS = str.maketrans(
    {"\u3002": ".", "\uff0e": ".", "\uff61": ".", "\uff20": "@", "\uff1a": ":", "\uff0f": "/"}
)
_SAFE = str.maketrans({".": "[.]", "@": "[@]"})
_LIVE, _DEAD = str.maketrans("xX", "tT"), str.maketrans("tT", "xX")


def refang(text: str) -> str:
    """The text with hxxp, [.], (dot), [@] and [:] spelled as machines do, and nothing invisible in it."""
    shown, before = _visible(text).translate(_READ_AS), ""
    while shown != before:  # each round is shorter: a mark may stand within another
        before, shown = shown, _MARKS.sub(_unmarked, shown)
    return _SCHEME.sub(lambda found: found[0].translate(_LIVE), shown)


def defang(text: str) -> str:
    """The text spelled so that no program makes a link or an address of it."""
    dead = _SCHEME.sub(lambda found: found[0].translate(_DEAD), refang(text))
    return dead.replace("://", "[:]//").translate(_SAFE)


def _visible(text: str) -> str:
    """Without control and format characters, which would vanish on the screen and close the gap they made."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(char for char in text if char == " " or unicodedata.category(char)[0] not in "CZ")


def _unmarked(found: re.Match[str]) -> str:
    inner = found[0][1:-1].lower()
    return {"dot": ".", "at": "@"}.get(inner, inner)

"""Addresses as analysts spell them, so that nothing turns them into a link, and back.

`defang(refang(x)) == defang(x)` and `refang(defang(x)) == refang(x)` for every text. Whoever takes text from
outside bounds its length first.
"""

from __future__ import annotations

import re
import unicodedata

_MARKED = {".": ".", "dot": ".", "@": "@", "at": "@", ":": ":"}
_PLAIN = re.compile(r"[\w .@/-]*", re.ASCII)
_OPENS = {"]": "[", ")": "(", "}": "{"}
_SCHEME = re.compile(r"(?<![a-z0-9])h(?:tt|xx)p(?=s?:)", re.IGNORECASE)
_READ_AS = str.maketrans(
    {"\u3002": ".", "\uff0e": ".", "\uff61": ".", "\uff20": "@", "\uff1a": ":", "\uff0f": "/"}
)
_SAFE = str.maketrans({".": "[.]", "@": "[@]"})
_LIVE, _DEAD = str.maketrans("xX", "tT"), str.maketrans("tT", "xX")


def refang(text: str) -> str:
    """The text with hxxp, [.], (dot), [@] and [:] spelled as machines do, and nothing invisible in it."""
    if _PLAIN.fullmatch(text):
        return text  # most texts: nothing in it is spelled otherwise
    shown = _unmarked(_visible(text).translate(_READ_AS))
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


def _unmarked(text: str) -> str:
    """Without the brackets around marks, in one go: a mark may stand within another, however deep."""
    if _OPENS.keys().isdisjoint(text):
        return text
    read: list[str] = []
    for char in text:
        inner = _marked(read, _OPENS[char]) if char in _OPENS else ""
        if inner:
            del read[-len(inner) - 1 :]
        read.append(_MARKED.get(inner, char))
    return "".join(read)


def _marked(read: list[str], opens: str) -> str:
    """The mark that stands after that opening bracket at the end of what was read; empty where none does."""
    for inner in _MARKED:
        ends = read[-len(inner) - 1 :]
        if len(ends) > len(inner) and ends[0] == opens and "".join(ends[1:]).lower() == inner:
            return inner
    return ""

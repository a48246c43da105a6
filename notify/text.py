"""Foreign text made inert: for Slack, for a terminal, for a cell of a table, for a letter.

Whatever a tool, a form or a file gave us may be hostile. These functions keep its meaning and take away
its power: to mention, to link, to colour, to reverse the reading direction, to start a formula.
"""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import quote, urlsplit

VALUE_LIMIT = 300
URL_LIMIT = 1_000
RAW_LIMIT = 20_000  # longer text is cut before it is looked at, so that cost stays bounded
COMBINING_LIMIT = 3

_ANSI = re.compile(
    r"\x1b\[[0-?]*[ -/]*[@-~]"  # CSI: colours, cursor, erase
    r"|\x9b[0-?]*[ -/]*[@-~]"  # CSI as one C1 character
    r"|(?:\x1b[\]P^_X]|[\x9d\x90\x9e\x9f\x98])[^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c)?"  # OSC, DCS, PM, APC, SOS
    r"|\x1b[ -/]*[0-~]"  # the two-character ones
)
_SPACE = re.compile(r"\s+")
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "|", "%")
_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
# Slack knows no escape for its own marks, so each is swapped for a character that looks like it.
_LOOKALIKES = str.maketrans({"*": "\u2217", "~": "\u223c", "`": "'"})
_EDGE_UNDERSCORE = re.compile(r"(?<!\w)_|_(?!\w)")
_EMOJI = re.compile(r":(?=[\w+'-]*[a-z][\w+'-]*:)", re.IGNORECASE)
_BROADCAST = re.compile(r"@(?=(?:channel|here|everyone|group)\b)", re.IGNORECASE)


def plain(value: object) -> str:
    """The value as text of one or more lines without control, format or direction characters."""
    text = _ANSI.sub("", _as_text(value)[:RAW_LIMIT])
    lines = unicodedata.normalize("NFC", text).splitlines()
    return "\n".join(_visible(line) for line in lines)


def one_line(value: object) -> str:
    """The value as one line of visible characters, runs of space made one."""
    return _SPACE.sub(" ", plain(value)).strip()


def terminal(value: object, limit: int = VALUE_LIMIT) -> str:
    """The value as one line that no terminal obeys, at most `limit` characters."""
    return clip(defang(one_line(value)), limit)


def slack(value: object, limit: int = VALUE_LIMIT) -> str:
    """The value as mrkdwn that mentions, links and formats nothing; `limit` counts escaped characters."""
    text = _BROADCAST.sub("\uff20", defang(one_line(value))).translate(_LOOKALIKES)
    text = _EMOJI.sub("\u2236", _EDGE_UNDERSCORE.sub("\uff3f", text))
    return _clip_escaped(text, limit)


def csv_cell(value: object) -> str:
    """The value as a cell that no spreadsheet takes for a formula."""
    text = plain(value)
    return f"'{text}" if text.lstrip().startswith(_FORMULA) else text


def defang(text: str) -> str:
    """Addresses spelled so that nothing turns them into a link, as analysts write them."""
    return text.replace("://", "[:]//")


def clip(text: str, limit: int) -> str:
    """At most `limit` characters, the last an ellipsis where something was cut."""
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "\u2026"


def safe_url(url: object) -> str | None:
    """An http(s) address that cannot end its link early, or none."""
    text = _as_text(url)
    if len(text) > URL_LIMIT or text != one_line(text) or " " in text:
        return None
    try:
        parts = urlsplit(text)
    except ValueError:
        return None
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.username is not None:
        return None
    return quote(text, safe=":/?#[]@!$&'()*+,;=%~-._").replace("&", "&amp;")


def _as_text(value: object) -> str:
    return value if isinstance(value, str) else str(value)


def _visible(line: str) -> str:
    """Drop what cannot be seen, turn any kind of space into a space, and end towers of accents."""
    kept: list[str] = []
    tower = 0
    for char in line:
        category = unicodedata.category(char)
        tower = tower + 1 if category in {"Mn", "Me"} else 0
        if char == "\t" or category.startswith("Z"):
            kept.append(" ")
        elif not category.startswith("C") and tower <= COMBINING_LIMIT:
            kept.append(char)
    return "".join(kept)


def _clip_escaped(text: str, limit: int) -> str:
    """Escape character by character, so that a cut never falls into an entity."""
    whole = "".join(_ENTITIES.get(char, char) for char in text)
    if len(whole) <= limit:
        return whole
    kept, size = [], 1
    for char in text:
        piece = _ENTITIES.get(char, char)
        size += len(piece)
        if size > limit:
            break
        kept.append(piece)
    return "".join(kept).rstrip() + "\u2026"

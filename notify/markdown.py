"""Foreign text made inert for Markdown: it formats, links and mentions nothing, and breaks no table."""

from __future__ import annotations

import re

from notify.text import clip, defang, one_line

MARKDOWN_LIMIT = 4_000

_MARKS = re.compile(r"([\\`*_{}\[\]<>#|~!$^&])")
_START = re.compile(r"^(\d{1,9}(?=[.)])|(?=[-+=:]))")
_HOST = re.compile(r"\bwww\.", re.IGNORECASE)


def markdown(value: object, limit: int = MARKDOWN_LIMIT) -> str:
    """The value as one line of Markdown that is nothing but text, wherever in a line it stands."""
    text = clip(one_line(value), limit)
    text = _HOST.sub(lambda found: f"{found[0][:-1]}[.]", defang(text)).replace("@", "[@]")
    return _START.sub(r"\1\\", _MARKS.sub(r"\\\1", text))

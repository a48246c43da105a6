"""What the terminal shows: foreign text inert, columns aligned, instants in UTC."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from shutil import get_terminal_size
from textwrap import wrap

import typer

from notify.text import plain, terminal

WIDTH = 100
"""How wide a page is at most, in characters."""
_LEAST = 24
"""The narrowest that words are wrapped to."""
_GAP = "  "
_BROKEN = re.compile(r"(?<!\n)\n(?!\n|[-*] |\d+\. )")
"""An end of a line that only the width of the file brought about, as Markdown has it."""


def say(line: str = "") -> None:
    """Show one line of ours; foreign text in it has been through `terminal`."""
    typer.echo(line)


def columns(heads: Sequence[str], rows: Iterable[Sequence[object]], none: str) -> None:
    """Show rows under their heads, every cell inert, or say `none`.

    In a terminal the last column is wrapped to its width; what is piped keeps one line for each row.
    """
    cells = [[_cell(value) for value in row] for row in rows]
    if not cells:
        say(none)
        return
    table = [list(heads), *cells]
    *widths, _ = [max(len(row[at]) for row in table) for at in range(len(heads))]
    lead = sum(widths) + len(_GAP) * len(widths)
    room = get_terminal_size((WIDTH, 24)).columns - lead
    may_wrap = sys.stdout.isatty() and room >= _LEAST
    for *row, last in table:
        first = _GAP.join((*(text.ljust(width) for text, width in zip(row, widths, strict=True)), ""))
        parts = wrap(last, room, break_long_words=False, break_on_hyphens=False) if may_wrap else [last]
        for part in parts:
            say(f"{first}{part}".rstrip())
            first = " " * lead


def say_block(head: str, words: str, indent: int) -> None:
    """Show words under one another, each paragraph of theirs kept, behind a head that stands once."""
    lead = " " * indent
    width = min(WIDTH, get_terminal_size((WIDTH, 24)).columns)
    for line in _BROKEN.sub(" ", plain(words)).splitlines():
        for part in wrap(terminal(line, 4_000), max(_LEAST, width - indent - len(head))):
            say(f"{lead}{head}{part}")
            head = " " * len(head)


def when(at: datetime | None) -> str:
    """An instant as 2026-03-01 14:00Z, a dash for none."""
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%MZ}" if at else "-"


def _cell(value: object) -> str:
    if isinstance(value, datetime):
        return when(value)
    if isinstance(value, list | tuple):
        return terminal(",".join(str(part) for part in value)) or "-"
    return terminal("" if value is None else value) or "-"

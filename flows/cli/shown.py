"""What the terminal shows: foreign text inert, columns aligned, instants in UTC."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from textwrap import wrap

import typer

from notify.text import plain, terminal

WIDTH = 100
"""How wide a page is, in characters."""
_BROKEN = re.compile(r"(?<!\n)\n(?!\n|[-*] |\d+\. )")
"""An end of a line that only the width of the file brought about, as Markdown has it."""


def say(line: str = "") -> None:
    """Show one line of ours; foreign text in it has been through `terminal`."""
    typer.echo(line)


def columns(heads: Sequence[str], rows: Iterable[Sequence[object]], none: str) -> None:
    """Show rows under their heads, every cell inert, or say `none`."""
    cells = [[_cell(value) for value in row] for row in rows]
    if not cells:
        say(none)
        return
    table = [list(heads), *cells]
    widths = [max(len(row[at]) for row in table) for at in range(len(heads))]
    for row in table:
        say("  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip())


def say_block(head: str, words: str, indent: int) -> None:
    """Show words under one another, each paragraph of theirs kept, behind a head that stands once."""
    lead = " " * indent
    for line in _BROKEN.sub(" ", plain(words)).splitlines():
        for part in wrap(terminal(line, 4_000), WIDTH - indent - len(head)):
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

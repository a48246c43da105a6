"""What the terminal shows: foreign text inert, columns aligned, instants in UTC."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

import typer

from notify.text import terminal


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


def when(at: datetime | None) -> str:
    """An instant as 2026-03-01 14:00Z, a dash for none."""
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%MZ}" if at else "-"


def _cell(value: object) -> str:
    if isinstance(value, datetime):
        return when(value)
    if isinstance(value, list | tuple):
        return terminal(",".join(str(part) for part in value)) or "-"
    return terminal("" if value is None else value) or "-"

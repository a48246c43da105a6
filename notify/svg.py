"""The pieces that our pictures are made of: outside strings inert, no script, no font, no address."""

from __future__ import annotations

from markupsafe import escape

from notify.text import clip, one_line

INK, QUIET, LINE = "#22252b", "#646a75", "#dedbd3"
CALM, SOON, OVER, ACCENT = "#2f7a55", "#b87300", "#b3372f", "#2d5f8b"
FONT = "system-ui, sans-serif"


def inert(value: object, limit: int = 200) -> str:
    """The value as one escaped line that no picture obeys."""
    return str(escape(clip(one_line(value), limit)))


def text_at(x: float, y: float, value: object, more: str) -> str:
    """A line of text that begins, or by `text-anchor` ends, at this place."""
    return f'<text x="{x}" y="{y}" {more}>{inert(value)}</text>'


def line_between(
    x1: float, y1: float, x2: float, y2: float, colour: str, width: float = 1, more: str = ""
) -> str:
    """A straight line from one place to another."""
    ends = f'x1="{x1}" y1="{y1}" x2="{x2}" y2="{y2}"'
    return f'<line {ends} stroke="{colour}" stroke-width="{width}" {more}/>'

"""Pages of a report as PDF: headings, paragraphs, tables, badges and bars, every outside string inert."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from fpdf import FPDF
from fpdf.enums import TableBordersLayout, XPos, YPos
from fpdf.fonts import FontFace

from notify.svg import ACCENT, CALM, INK, LINE, OVER, QUIET, SOON
from notify.text import clip, plain
from notify.typeface import FONT, drop_typeface, showable, take_typeface

__all__ = [
    "ACCENT",
    "CALM",
    "INK",
    "LINE",
    "MARGIN",
    "OVER",
    "QUIET",
    "SOON",
    "WIDTH",
    "Cell",
    "Paper",
    "rgb",
]

MARGIN: Final = 16.0
WIDTH: Final = 210 - 2 * MARGIN
"""Millimetres between the margins of A4."""
SOFT: Final = "#f4f2ed"
CELL_LIMIT: Final = 900
"""Characters in a cell: a row that is longer than a page cannot be laid out."""
TEXT_LIMIT: Final = 6_000
MOST_LINES: Final = 12
"""Line ends in a cell or an item of a list; more are spaces."""
_FOOT: Final = 18.0


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell with a colour or weight of its own."""

    words: object
    colour: str = INK
    bold: bool = False
    right: bool = False


class Paper(FPDF):
    """A4 pages with a mark above, and name and number below."""

    def __init__(self, *, title: str, mark: str, foot: str, made_at: datetime, needs: str) -> None:
        super().__init__(format="A4")
        self._mark, self._foot = mark, foot
        self.str_alias_nb_pages = None  # type: ignore[assignment] # else outside words could stand for it
        self.set_creation_date(made_at)
        self.set_producer("Seventytwo")
        self.set_title(_inert(title))
        self.set_lang("en")
        take_typeface(self, needs)
        self.set_margins(MARGIN, 14)
        self.c_margin = 0
        self.set_auto_page_break(auto=True, margin=_FOOT)
        self.add_page()

    def header(self) -> None:
        """The mark on every page."""
        self.set_fill_color(*rgb(ACCENT))
        self.set_text_color(255)
        self.set_font(FONT, "B", 8.5)
        self.cell(WIDTH, 6, _inert(self._mark), fill=True, align="C", new_x=XPos.LMARGIN, new_y=YPos.NEXT)
        self.ln(4)

    def footer(self) -> None:
        """What it is, and the page."""
        self.set_y(-13)
        self.set_font(FONT, "", 8)
        self.set_text_color(*rgb(QUIET))
        self.cell(WIDTH - 15, 4, _inert(clip(self._foot, 110)))
        self.cell(15, 4, f"{self.page_no()}", align="R")

    def close(self) -> None:
        """Let go of the files of the typefaces."""
        drop_typeface(self)

    def room(self, height: float) -> None:
        """Begin a new page where so many millimetres are not left on this one."""
        if self.get_y() + height > self.h - _FOOT:
            self.add_page()

    def headline(self, words: object) -> None:
        """The title of the whole."""
        self.text_block(words, size=20, bold=True, after=1)

    def heading(self, words: str, *, new_page: bool = False) -> None:
        """A heading with its rule; never alone at the foot of a page."""
        if new_page:
            self.add_page()
        self.room(32)
        self.ln(4)
        self.text_block(words, size=13, bold=True, after=0.5)
        self.set_draw_color(*rgb(INK))
        self.set_line_width(0.5)
        self.line(MARGIN, self.get_y(), MARGIN + WIDTH, self.get_y())
        self.ln(2.5)

    def lower_heading(self, words: object) -> None:
        """A heading within a section."""
        self.room(16)
        self.ln(1.5)
        self.text_block(words, size=10.5, bold=True, after=0.8)

    def text_block(
        self, words: object, *, size: float = 9.5, bold: bool = False, colour: str = INK, after: float = 1.4
    ) -> None:
        """A paragraph over the whole width."""
        style = "B" if bold else ""
        self.set_font(FONT, style, size)
        self.set_text_color(*rgb(colour))
        shown = _inert(words, TEXT_LIMIT, style)
        self.multi_cell(WIDTH, size * 0.48, shown, align="L", new_x=XPos.LMARGIN, new_y=YPos.NEXT)
        self.ln(after)

    def bullet(self, words: object, *, sign: str = "\u2022") -> None:
        """An item of a list."""
        self.set_font(FONT, "", 9.5)
        self.set_text_color(*rgb(INK))
        self.cell(5.5, 4.6, sign)
        self.multi_cell(
            WIDTH - 5.5,
            4.6,
            _fitting(words, limit=TEXT_LIMIT),
            align="L",
            new_x=XPos.LMARGIN,
            new_y=YPos.NEXT,
        )
        self.ln(0.6)

    def grid(self, heads: Sequence[str], widths: Sequence[float], rows: Sequence[Sequence[object]]) -> None:
        """A table whose head is repeated on every page; widths are shares of the whole."""
        self.room(20)
        self.set_font(FONT, "", 8.2)
        self.set_text_color(*rgb(INK))
        self.set_draw_color(*rgb(LINE))
        self.set_line_width(0.2)
        self.set_fill_color(255)
        headed = FontFace(emphasis="BOLD", color=rgb(QUIET), size_pt=7.6)
        with self.table(
            col_widths=tuple(widths),
            width=WIDTH,
            align="LEFT",
            text_align="LEFT",
            v_align="TOP",
            line_height=3.9,
            padding=(1.0, 1.6, 1.0, 0),
            borders_layout=TableBordersLayout.HORIZONTAL_LINES,
            headings_style=headed,
            first_row_as_headings=bool(heads),
            markdown=False,
        ) as table:
            if heads:
                table.row([_inert(one) for one in heads])
            for row in rows:
                into = table.row()
                for value in row:
                    one = value if isinstance(value, Cell) else Cell(value)
                    style = "B" if one.bold else ""
                    face = FontFace(emphasis="BOLD" if one.bold else None, color=rgb(one.colour))
                    align = "RIGHT" if one.right else "LEFT"
                    into.cell(_fitting(one.words, style), style=face, align=align)
        self.ln(2)

    def badge(self, x: float, y: float, letter: str, colour: str, *, size: float = 6.0) -> None:
        """A letter in a coloured square at this place."""
        self.set_fill_color(*rgb(colour))
        self.rect(x, y, size, size, style="F", round_corners=True, corner_radius=0.8)
        self.set_text_color(255)
        self.set_font(FONT, "B", size * 1.75)
        self.set_xy(x, y)
        self.cell(size, size, letter, align="C")

    def card(self, x: float, y: float, width: float, big: str, small: str, colour: str) -> None:
        """A number with what it means, at this place."""
        self.set_fill_color(*rgb(SOFT))
        self.rect(x, y, width, 19, style="F")
        self.set_fill_color(*rgb(colour))
        self.rect(x, y, width, 1.1, style="F")
        self.set_text_color(*rgb(INK))
        self.set_font(FONT, "B", 14)
        self.set_xy(x + 2, y + 3)
        self.cell(width - 4, 6, _inert(big, style="B"))
        self.set_font(FONT, "", 7.8)
        self.set_xy(x + 2, y + 9.8)
        self.multi_cell(width - 4, 3.5, _inert(small), align="L")

    def label(
        self, width: float, words: object, *, size: float = 9, bold: bool = False, colour: str = INK
    ) -> None:
        """One line at the place reached, cut where it is too long."""
        style = "B" if bold else ""
        self.set_font(FONT, style, size)
        self.set_text_color(*rgb(colour))
        self.cell(width, size * 0.55, _inert(clip(str(words), 80), style=style))

    def rule(self, x: float, y: float, width: float, colour: str) -> None:
        """A thin line to write on."""
        self.set_draw_color(*rgb(colour))
        self.set_line_width(0.25)
        self.line(x, y, x + width, y)

    def bar(self, x: float, y: float, width: float, percent: int, colour: str) -> None:
        """A bar filled to so many percent, at this place."""
        self.set_fill_color(*rgb("#ecebe6"))
        self.rect(x, y, width, 2.6, style="F")
        if percent > 0:
            self.set_fill_color(*rgb(colour))
            self.rect(x, y, width * min(percent, 100) / 100, 2.6, style="F")


def rgb(colour: str) -> tuple[int, int, int]:
    """A colour such as #2f7a55 as three numbers."""
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def _fitting(words: object, style: str = "", *, limit: int = CELL_LIMIT) -> str:
    """The words with few line ends: a row of a table that is longer than a page cannot be laid out."""
    lines = _inert(words, limit, style).split("\n")
    return "\n".join([*lines[:MOST_LINES], " ".join(lines[MOST_LINES:])]).rstrip("\n")


def _inert(words: object, limit: int = 400, style: str = "") -> str:
    """The words without what cannot be seen or shown, and never longer than may be laid out."""
    return showable(clip(plain("" if words is None else words), limit), style)

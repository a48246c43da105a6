"""A letter as PDF: the same bytes for the same letter, on any machine with the locked packages."""

from __future__ import annotations

from contextlib import closing
from typing import Final

from fpdf import FPDF
from fpdf.enums import XPos, YPos

from notify.notices.letter import Letter, Part
from notify.typeface import FONT, drop_typeface, showable, take_typeface

_WIDTH: Final = 0.0
"""As wide as the margins let it be."""
_HEADED: Final = 24.0
"""Millimetres for a heading and the first lines below it: none stands alone at the foot of a page."""


def as_pdf(letter: Letter) -> bytes:
    """The letter as PDF, marked on every page."""
    with closing(_drawn(letter)) as sheet:
        return bytes(sheet.output())


class _Sheet(FPDF):
    """Pages that bear the marks above, and reference and number below."""

    def __init__(self, letter: Letter) -> None:
        super().__init__(format="A4")
        self._letter = letter
        self.str_alias_nb_pages = None  # type: ignore[assignment] # else words of the letter could stand for it
        self.set_creation_date(letter.prepared_at)
        self.set_producer("Seventytwo")
        self.set_title(letter.title)
        self.set_lang(letter.language)
        take_typeface(self, repr(letter))
        self.set_margins(25, 20)
        self.set_auto_page_break(auto=True, margin=22)

    def header(self) -> None:
        """The marks of the letter."""
        if marks := _marks(self._letter):
            self.set_font(FONT, "B", 9)
            self.multi_cell(_WIDTH, 5, marks, align="C", new_x=XPos.LMARGIN, new_y=YPos.NEXT)
            self.ln(3)

    def footer(self) -> None:
        """The marks once more, the reference, the page."""
        self.set_y(-18)
        self.set_font(FONT, "B", 8)
        self.cell(_WIDTH, 4, _marks(self._letter), align="C", new_x=XPos.LMARGIN, new_y=YPos.NEXT)
        self.set_font(FONT, "", 8)
        self.cell(_WIDTH, 4, f"{_reference(self._letter)}   {self.page_no()}", align="C")

    def close(self) -> None:
        """Let go of the files of the typefaces."""
        drop_typeface(self)

    def words(self, words: str, *, style: str = "", size: float = 10, after: float = 1) -> None:
        """A paragraph; characters that the typeface lacks are replaced by a mark."""
        self.set_font(FONT, style, size)
        self.multi_cell(
            _WIDTH, size * 0.5, showable(words, style), align="L", new_x=XPos.LMARGIN, new_y=YPos.NEXT
        )
        self.ln(after)


def _drawn(letter: Letter) -> _Sheet:
    sheet = _Sheet(letter)
    sheet.add_page()
    sheet.words(letter.title, style="B", size=14)
    if letter.law:
        sheet.words(letter.law, size=9, after=2)
    for line in letter.head:
        sheet.words(f"{line.label}: {line.words}", after=0)
    sheet.ln(3)
    if letter.duties:
        sheet.words(letter.under, style="B")
        for duty in letter.duties:
            sheet.words(f"\u2022 {duty}", after=0)
        sheet.ln(3)
    if letter.opening:
        sheet.words(letter.opening, after=3)
    for part in letter.parts:
        _draw_part(sheet, part)
    for words in letter.closing:
        sheet.words(words)
    return sheet


def _draw_part(sheet: _Sheet, part: Part) -> None:
    if sheet.will_page_break(_HEADED):
        sheet.add_page()
    sheet.words(part.heading, style="B", size=11)
    for line in part.lines:
        sheet.words(f"{line.label}: {line.words}" if line.label else line.words)
    sheet.ln(2)


def _marks(letter: Letter) -> str:
    return "  \u00b7  ".join(mark for mark in (letter.exercise, *letter.marks) if mark)


def _reference(letter: Letter) -> str:
    return letter.head[2].words

"""A letter as PDF: the same bytes for the same letter, on any machine with the locked packages."""

from __future__ import annotations

from contextlib import closing
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Final

import font_roboto
from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont
from fpdf import FPDF
from fpdf.enums import XPos, YPos
from fpdf.fonts import TTFFont

from notify.notices.letter import Letter, Part

_FONT: Final = "Roboto"
_FILES: Final = {"": "Roboto-Regular.ttf", "B": "Roboto-Bold.ttf"}
_WIDTH: Final = 0.0
"""As wide as the margins let it be."""
_HEADED: Final = 24.0
"""Millimetres for a heading and the first lines below it: none stands alone at the foot of a page."""
_COMMON: Final = frozenset(
    (
        *range(0x20, 0x180),
        0x1A0,
        0x1A1,
        0x1AF,
        0x1B0,
        *range(0x1EA0, 0x1EFA),
        *range(0x2010, 0x2028),
        0x20AC,
        0xFFFD,
    )
)
"""The characters of most letters: Latin, also Vietnamese, with dashes, quotation marks and the like."""
_MISSING: Final = "\ufffd"
"""What stands for a character that the typeface lacks; the text has it."""


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
        for style in _FILES:  # as add_font does, but for a file that is on no disk
            key = f"{_FONT.lower()}{style}"
            self.fonts[key] = TTFFont(self, _typeface(style, letter), key, style)  # type: ignore[arg-type]
        self.set_margins(25, 20)
        self.set_auto_page_break(auto=True, margin=22)

    def header(self) -> None:
        """The marks of the letter."""
        if marks := _marks(self._letter):
            self.set_font(_FONT, "B", 9)
            self.multi_cell(_WIDTH, 5, marks, align="C", new_x=XPos.LMARGIN, new_y=YPos.NEXT)
            self.ln(3)

    def footer(self) -> None:
        """The marks once more, the reference, the page."""
        self.set_y(-18)
        self.set_font(_FONT, "B", 8)
        self.cell(_WIDTH, 4, _marks(self._letter), align="C", new_x=XPos.LMARGIN, new_y=YPos.NEXT)
        self.set_font(_FONT, "", 8)
        self.cell(_WIDTH, 4, f"{_reference(self._letter)}   {self.page_no()}", align="C")

    def close(self) -> None:
        """Let go of the files of the typefaces."""
        for font in self.fonts.values():
            if isinstance(font, TTFFont):
                font.close()

    def words(self, words: str, *, style: str = "", size: float = 10, after: float = 1) -> None:
        """A paragraph; characters that the typeface lacks are replaced by a mark."""
        self.set_font(_FONT, style, size)
        known = _characters(style)
        shown = "".join(char if char == "\n" or ord(char) in known else _MISSING for char in words)
        self.multi_cell(_WIDTH, size * 0.5, shown, align="L", new_x=XPos.LMARGIN, new_y=YPos.NEXT)
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


def _font_file(name: str) -> Path:
    return Path(font_roboto.__file__).parent / "files" / name


def _typeface(style: str, letter: Letter) -> BytesIO:
    """As much of the typeface as the letter may need."""
    return BytesIO(_lean(style) if _COMMON.issuperset(map(ord, repr(letter))) else _whole(style))


@cache
def _whole(style: str) -> bytes:
    return _font_file(_FILES[style]).read_bytes()


@cache
def _lean(style: str) -> bytes:
    """The typeface for most letters: to read all of it again took most of the time of each."""
    options = Options(layout_features=[], hinting=False, notdef_outline=True, recommended_glyphs=True)
    options.drop_tables += ["GDEF", "GPOS", "GSUB", "hdmx"]
    with closing(TTFont(_font_file(_FILES[style]), recalcTimestamp=False)) as font:
        subsetter = Subsetter(options)
        subsetter.populate(unicodes=_COMMON)
        subsetter.subset(font)
        held = BytesIO()
        font.save(held)
    return held.getvalue()


@cache
def _characters(style: str) -> frozenset[int]:
    """What the typeface can show."""
    with closing(TTFont(_font_file(_FILES[style]))) as font:
        return frozenset(font.getBestCmap())

"""The typeface of our PDFs: as much of it as a document needs, and what it can show."""

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
from fpdf.fonts import TTFFont

FONT: Final = "Roboto"
_FILES: Final = {"": "Roboto-Regular.ttf", "B": "Roboto-Bold.ttf"}
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


def take_typeface(sheet: FPDF, words: str) -> None:
    """Give a document the typeface, regular and bold, for these words; `drop_typeface` lets go of it."""
    for style in _FILES:  # as add_font does, but for a file that is on no disk
        key = f"{FONT.lower()}{style}"
        held = BytesIO(_lean(style) if _COMMON.issuperset(map(ord, words)) else _whole(style))
        sheet.fonts[key] = TTFFont(sheet, held, key, style)  # type: ignore[arg-type]


def drop_typeface(sheet: FPDF) -> None:
    """Let go of the files of a document's typefaces."""
    for font in sheet.fonts.values():
        if isinstance(font, TTFFont):
            font.close()


def showable(words: str, style: str = "") -> str:
    """The words; a character that the typeface lacks is replaced by a mark."""
    known = _characters(style)
    return "".join(char if char == "\n" or ord(char) in known else _MISSING for char in words)


@cache
def _whole(style: str) -> bytes:
    return _font_file(style).read_bytes()


@cache
def _lean(style: str) -> bytes:
    """The typeface for most letters: to read all of it again took most of the time of each."""
    options = Options(layout_features=[], hinting=False, notdef_outline=True, recommended_glyphs=True)
    options.drop_tables += ["GDEF", "GPOS", "GSUB", "hdmx"]
    with closing(TTFont(_font_file(style), recalcTimestamp=False)) as font:
        subsetter = Subsetter(options)
        subsetter.populate(unicodes=_COMMON)
        subsetter.subset(font)
        held = BytesIO()
        font.save(held)
    return held.getvalue()


@cache
def _characters(style: str) -> frozenset[int]:
    """What the typeface can show."""
    with closing(TTFont(_font_file(style))) as font:
        return frozenset(font.getBestCmap())


def _font_file(style: str) -> Path:
    return Path(font_roboto.__file__).parent / "files" / _FILES[style]

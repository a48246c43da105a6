"""A timeline drawn on paper: what the SVG shows, in the same order and colours."""

from __future__ import annotations

from collections.abc import Sequence

from notify.paper import ACCENT, CALM, INK, LINE, OVER, QUIET, SOON, WIDTH, Paper, rgb
from notify.text import clip, one_line
from notify.timeline_picture import Band, Clock, Dot, Milestone, Picture
from notify.timeline_scale import Scale
from notify.timeline_svg import BAND
from notify.typeface import FONT, showable

GUTTER, LANE, CLOCK_LANE, HEAD = 46.0, 5.4, 7.2, 3.6
_LABEL = 34


def draw_timeline(paper: Paper, picture: Picture) -> None:
    """Draw a picture at the place reached, on a page of its own where this one is too full."""
    left, scale = paper.l_margin, _scale(paper, picture)
    heads = _placed(paper, picture.milestones, scale)
    rows = max((row for _, row in heads), default=0) + 2
    height = rows * HEAD + len(picture.bands) * LANE + len(picture.clocks) * CLOCK_LANE + 18
    paper.room(min(height, 220))
    paper.text_block(picture.title, size=9.5, bold=True, after=1)
    top = paper.get_y() + rows * HEAD
    clocks_top = top + len(picture.bands) * LANE + 1.5
    bottom = clocks_top + len(picture.clocks) * CLOCK_LANE
    _grid(paper, scale, top - 1, bottom)
    for mark, row in heads:
        _milestone(paper, mark, scale, paper.get_y() + row * HEAD, bottom)
    lanes = {band.label: top + place * LANE for place, band in enumerate(picture.bands)}
    for band in picture.bands:
        _band(paper, band, left, lanes[band.label], scale)
    for dot in picture.dots:
        if dot.band in lanes and scale.holds(dot.at):
            _dot(paper, dot, lanes[dot.band], scale)
    for place, clock in enumerate(picture.clocks):
        _clock(paper, clock, left, clocks_top + place * CLOCK_LANE, scale)
    paper.set_xy(left, bottom + 7)


def _scale(paper: Paper, picture: Picture) -> Scale:
    left = paper.l_margin
    return Scale(picture.start, picture.end, left + GUTTER, left + WIDTH - 3)


def _text(
    paper: Paper, x: float, y: float, words: str, *, size: float, bold: bool = False, colour: str = INK
) -> None:
    style = "B" if bold else ""
    paper.set_font(FONT, style, size)
    paper.set_text_color(*rgb(colour))
    paper.text(x, y, showable(one_line(words), style))


def _line(paper: Paper, x1: float, y1: float, x2: float, y2: float, colour: str, width: float = 0.2) -> None:
    paper.set_draw_color(*rgb(colour))
    paper.set_line_width(width)
    paper.line(x1, y1, x2, y2)


def _grid(paper: Paper, scale: Scale, top: float, bottom: float) -> None:
    for at, midnight in scale.ticks():
        x = scale.x(at)
        _line(paper, x, top, x, bottom, LINE, 0.35 if midnight else 0.15)
        words = f"{at:%d %b}" if midnight else f"{at:%H:%M}"
        paper.set_font(FONT, "", 6.5)
        half = paper.get_string_width(words) / 2
        _text(paper, x - half, bottom + 3.4, words, size=6.5, colour=INK if midnight else QUIET)
    _line(paper, scale.left, bottom, scale.right, bottom, QUIET, 0.25)


def _placed(paper: Paper, marks: Sequence[Milestone], scale: Scale) -> list[tuple[Milestone, int]]:
    """Each milestone with the row of its label: one that would run into another goes below."""
    free: list[float] = []
    placed = []
    paper.set_font(FONT, "B", 7)
    for mark in sorted((one for one in marks if scale.holds(one.at)), key=lambda one: one.at):
        left, right = _ends(paper, mark, scale)
        row = next((row for row, end in enumerate(free) if left >= end), len(free))
        free[row : row + 1] = [right]
        placed.append((mark, row))
    return placed


def _ends(paper: Paper, mark: Milestone, scale: Scale) -> tuple[float, float]:
    """Where a label begins and ends: to the right of its line where there is room."""
    x, width = scale.x(mark.at), paper.get_string_width(mark.label) + 2
    left = x + 0.8 if x + width <= scale.right + 3 else x - width + 1.2
    return left, left + width


def _milestone(paper: Paper, mark: Milestone, scale: Scale, y: float, bottom: float) -> None:
    x = scale.x(mark.at)
    with paper.local_context():
        paper.set_dash_pattern(dash=0.5, gap=0.8)
        _line(paper, x, y, x, bottom, ACCENT, 0.25)
    paper.set_font(FONT, "B", 7)
    left, _ = _ends(paper, mark, scale)
    _text(paper, left, y + 2.2, mark.label, size=7, bold=True, colour=ACCENT)


def _band(paper: Paper, band: Band, left: float, y: float, scale: Scale) -> None:
    _text(paper, left, y + 3.6, clip(band.label, _LABEL), size=7.5, bold=True)
    _line(paper, scale.left, y + LANE, scale.right, y + LANE, LINE, 0.15)
    if band.end >= scale.start and band.start <= scale.end:
        x = scale.x(band.start)
        paper.set_fill_color(*rgb(BAND))
        paper.rect(x, y + 1.1, max(scale.x(band.end) - x, 0.4), LANE - 2, style="F")


def _dot(paper: Paper, dot: Dot, y: float, scale: Scale) -> None:
    _disc(
        paper,
        scale.x(dot.at),
        y + 2.8,
        0.95,
        "#ffffff" if dot.refused else ACCENT,
        OVER if dot.refused else "#ffffff",
    )


def _disc(paper: Paper, x: float, y: float, radius: float, fill: str, edge: str) -> None:
    paper.set_fill_color(*rgb(fill))
    paper.set_draw_color(*rgb(edge))
    paper.set_line_width(0.3)
    paper.ellipse(x - radius, y - radius, 2 * radius, 2 * radius, style="DF")


def _clock(paper: Paper, clock: Clock, left: float, y: float, scale: Scale) -> None:
    _text(paper, left, y + 3, clip(clock.label, _LABEL), size=7.5, bold=True)
    _text(paper, left, y + 5.8, clip(clock.note, _LABEL + 6), size=6.3, colour=QUIET)
    middle, anchor, due = y + 3, scale.x(clock.anchor), scale.x(clock.due)
    with paper.local_context():
        paper.set_dash_pattern(dash=0.2, gap=0.7)
        _line(paper, anchor, middle, due, middle, QUIET, 0.2)
    _line(paper, anchor, middle, scale.x(min(clock.end, clock.due)), middle, CALM, 0.9)
    if clock.is_late and scale.x(clock.end) > due:
        _line(paper, due, middle, scale.x(clock.end), middle, OVER, 0.9)
    for tick in clock.ticks:
        if scale.holds(tick.at):
            _line(paper, scale.x(tick.at), middle - 1.8, scale.x(tick.at), middle + 1.8, SOON, 0.45)
    if scale.holds(clock.due):
        _diamond(paper, due, middle, OVER if clock.is_late else INK)
    if clock.met is not None and scale.holds(clock.met):
        _check(paper, scale.x(clock.met), middle, OVER if clock.is_late else CALM)


def _diamond(paper: Paper, x: float, y: float, colour: str) -> None:
    paper.set_fill_color(255)
    paper.set_draw_color(*rgb(colour))
    paper.set_line_width(0.35)
    paper.polygon(((x, y - 1.6), (x + 1.2, y), (x, y + 1.6), (x - 1.2, y)), style="DF")


def _check(paper: Paper, x: float, y: float, colour: str) -> None:
    _disc(paper, x, y, 1.45, colour, colour)
    _line(paper, x - 0.7, y, x - 0.15, y + 0.6, "#ffffff", 0.35)
    _line(paper, x - 0.15, y + 0.6, x + 0.75, y - 0.5, "#ffffff", 0.35)

"""The timeline of an incident as one inline SVG: no script, no font, no address, outside strings inert."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from markupsafe import Markup

from notify.svg import ACCENT, CALM, FONT, INK, LINE, OVER, QUIET, SOON, inert, line_between, text_at
from notify.text import clip
from notify.timeline_picture import Band, Clock, Dot, Milestone, Picture
from notify.timeline_scale import Scale

WIDTH, GUTTER, RIGHT = 1000, 215, 985
LANE, CLOCK_LANE, HEAD = 26, 36, 15
BAND = "#bdd0e2"
LABEL_LIMIT = 34
PIXELS_A_LETTER = 6.2


def timeline_svg(picture: Picture) -> Markup:
    """The picture as one SVG element; what lies outside its two instants is cut off at the edge."""
    scale = Scale(picture.start, picture.end, GUTTER, RIGHT)
    heads = list(_placed(picture.milestones, scale))
    top = (max((row for _, _, row in heads), default=0) + 1) * HEAD + 10
    lanes = {band.label: top + place * LANE for place, band in enumerate(picture.bands)}
    clocks_top = top + len(lanes) * LANE + 8
    bottom = clocks_top + len(picture.clocks) * CLOCK_LANE
    parts = [*_grid(scale, top - 4, bottom)]
    parts += [piece for head in heads for piece in _milestone(*head, bottom)]
    parts += [piece for band in picture.bands for piece in _band(band, lanes[band.label], scale)]
    parts += [
        _dot(dot, lanes[dot.band], scale) for dot in picture.dots if dot.band in lanes and scale.holds(dot.at)
    ]
    for place, clock in enumerate(picture.clocks):
        parts += _clock(clock, clocks_top + place * CLOCK_LANE, scale)
    return Markup(  # noqa: S704 - every value in it went through inert, or is a number or a colour of ours
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" viewBox="0 0 {WIDTH} {bottom + 24}" '
        f'width="100%" font-family="{FONT}" font-size="11.5" fill="{INK}">'
        f"<title>{inert(picture.title)}</title>{''.join(parts)}</svg>"
    )


def _grid(scale: Scale, top: float, bottom: float) -> Iterator[str]:
    for at, midnight in scale.ticks():
        x = scale.x(at)
        yield line_between(x, top, x, bottom, LINE, 1.6 if midnight else 0.8)
        said, colour = (f"{at:%d %b}", INK) if midnight else (f"{at:%H:%M}", QUIET)
        yield text_at(x, bottom + 16, said, f'text-anchor="middle" fill="{colour}"')
    yield line_between(GUTTER, bottom, RIGHT, bottom, QUIET)


def _placed(marks: Sequence[Milestone], scale: Scale) -> Iterator[tuple[Milestone, float, int]]:
    """Each milestone with its place and the row of its label, so that no two labels overlap."""
    free_from: list[float] = []
    for mark in sorted(marks, key=lambda one: one.at):
        if not scale.holds(mark.at):
            continue
        x, width = scale.x(mark.at), len(mark.label) * PIXELS_A_LETTER + 8
        left = x if x + width <= WIDTH else x - width
        row = next((row for row, free in enumerate(free_from) if left >= free), len(free_from))
        free_from[row : row + 1] = [left + width]
        yield mark, x, row


def _milestone(mark: Milestone, x: float, row: int, bottom: float) -> Iterator[str]:
    y = (row + 1) * HEAD
    fits = x + len(mark.label) * PIXELS_A_LETTER + 8 <= WIDTH
    yield f"<g><title>{inert(f'{mark.label} {_stamp(mark.at)}')}</title>"
    yield line_between(x, y - 9, x, bottom, ACCENT, 1, 'stroke-dasharray="2 3"')
    where = f'fill="{ACCENT}" font-weight="600"' + ("" if fits else ' text-anchor="end"')
    yield text_at(x + 4 if fits else x - 4, y, mark.label, where)
    yield "</g>"


def _band(band: Band, y: float, scale: Scale) -> Iterator[str]:
    yield text_at(0, y + 16, band.label, 'font-weight="600"')
    yield line_between(GUTTER, y + LANE, RIGHT, y + LANE, LINE, 0.8)
    if band.end < scale.start or band.start > scale.end:
        return
    left, right = scale.x(band.start), scale.x(band.end)
    said = f"{band.label}: {_stamp(band.start)} to {_stamp(band.end)}"
    yield (
        f'<rect x="{left}" y="{y + 5}" width="{max(right - left, 2):.1f}" height="{LANE - 9}" rx="3" '
        f'fill="{BAND}"><title>{inert(said)}</title></rect>'
    )


def _dot(dot: Dot, y: float, scale: Scale) -> str:
    fill, edge = ("#ffffff", OVER) if dot.refused else (ACCENT, "#ffffff")
    return (
        f'<circle cx="{scale.x(dot.at)}" cy="{y + 13.5}" r="4.2" fill="{fill}" stroke="{edge}" '
        f'stroke-width="1.5"><title>{inert(f"{_stamp(dot.at)} {dot.label}")}</title></circle>'
    )


def _clock(clock: Clock, y: float, scale: Scale) -> Iterator[str]:
    yield text_at(0, y + 14, clip(clock.label, LABEL_LIMIT), 'font-weight="600"')
    yield text_at(0, y + 27, clip(clock.note, LABEL_LIMIT + 4), f'fill="{QUIET}" font-size="10"')
    middle = y + 15
    due, end = scale.x(clock.due), scale.x(clock.end)
    in_time = scale.x(min(clock.end, clock.due))
    yield line_between(scale.x(clock.anchor), middle, due, middle, QUIET, 1, 'stroke-dasharray="1 3"')
    yield line_between(scale.x(clock.anchor), middle, in_time, middle, CALM, 4, 'stroke-linecap="round"')
    if clock.is_late and end > due:
        yield line_between(due, middle, end, middle, OVER, 4, 'stroke-linecap="round"')
    for tick in clock.ticks:
        if scale.holds(tick.at):
            x = scale.x(tick.at)
            yield f"<g><title>{inert(f'{_stamp(tick.at)} {tick.label}')}</title>"
            yield line_between(x, middle - 9, x, middle + 9, SOON, 2.2) + "</g>"
    if scale.holds(clock.due):
        yield _due(due, middle, clock)
    if clock.met is not None and scale.holds(clock.met):
        yield _met(scale.x(clock.met), middle, clock)


def _due(x: float, y: float, clock: Clock) -> str:
    colour = OVER if clock.is_late else INK
    return (
        f'<path d="M{x} {y - 8}l6 8-6 8-6-8z" fill="#ffffff" stroke="{colour}" stroke-width="1.8">'
        f"<title>{inert(f'{clock.label}: due {_stamp(clock.due)}')}</title></path>"
    )


def _met(x: float, y: float, clock: Clock) -> str:
    colour = OVER if clock.is_late else CALM
    said = f"{clock.label}: met {_stamp(clock.end)}"
    return (
        f'<g><title>{inert(said)}</title><circle cx="{x}" cy="{y}" r="7" fill="{colour}"/>'
        f'<path d="M{x - 3.4} {y}l2.5 2.8 4.4-5" fill="none" stroke="#ffffff" stroke-width="1.8"/></g>'
    )


def _stamp(at: datetime) -> str:
    return f"{at.astimezone(UTC):%d %b %Y %H:%MZ}"

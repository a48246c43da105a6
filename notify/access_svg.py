"""Access drawn as inline SVG: how much over time, and how many records of whom; outside strings inert."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from math import log10

from markupsafe import Markup

from notify.access_picture import AccessPicture, Bar
from notify.svg import ACCENT, CALM, FONT, INK, LINE, OVER, QUIET, SOON, inert, line_between, text_at
from notify.text import clip

SERIES = (ACCENT, SOON, CALM, "#7a5c9e", "#4f8a95", QUIET)
"""A colour for each client, in order; whoever draws puts the rest together as the last."""

WIDTH, LEFT, RIGHT = 1000, 215, 940
TOP, HEIGHT = 18, 150
BAR_LANE, LABEL_LIMIT = 24, 32
_DAY = timedelta(days=1)


def access_svg(picture: AccessPicture) -> Markup:
    """The picture as one SVG element."""
    legend_top = TOP + HEIGHT + 40
    bars_top = legend_top + 42
    bottom = bars_top + len(picture.bars) * BAR_LANE
    parts = [*_columns(picture), *_axis(picture), *_marks(picture), *_legend(picture, legend_top)]
    parts += _bars(picture, bars_top)
    return Markup(  # noqa: S704 - every value in it went through inert, or is a number or a colour of ours
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-label="access" '
        f'viewBox="0 0 {WIDTH} {bottom + 6}" width="100%" font-family="{FONT}" font-size="11.5" fill="{INK}">'
        f"<title>{inert(picture.title)}</title>{''.join(parts)}</svg>"
    )


def _x(picture: AccessPicture, at: datetime) -> float:
    share = (min(max(at, picture.start), picture.end) - picture.start) / (picture.end - picture.start)
    return round(LEFT + share * (RIGHT - LEFT), 1)


def _highest(picture: AccessPicture) -> int:
    sums: dict[int, int] = {}
    for series in picture.series:
        for place, count in series.counts:
            sums[place] = sums.get(place, 0) + count
    return max(sums.values(), default=1)


def _columns(picture: AccessPicture) -> Iterator[str]:
    """A column for each stretch of time, the clients' shares above one another."""
    highest, width = _highest(picture), (RIGHT - LEFT) / picture.steps
    reached: dict[int, float] = {}
    for series, colour in zip(picture.series, SERIES, strict=False):
        for place, count in series.counts:
            high = count / highest * HEIGHT
            foot = reached.get(place, TOP + HEIGHT)
            reached[place] = foot - high
            at = picture.start + place * picture.step
            said = f"{_stamp(at)}: {count:,} accesses, {series.label}"
            left, drawn = LEFT + place * width, max(width - 0.6, 0.8)
            yield (
                f'<rect x="{left:.1f}" y="{foot - high:.1f}" width="{drawn:.1f}" '
                f'height="{high:.1f}" fill="{colour}"><title>{inert(said)}</title></rect>'
            )


def _axis(picture: AccessPicture) -> Iterator[str]:
    foot = TOP + HEIGHT
    yield line_between(LEFT, foot, RIGHT, foot, QUIET)
    yield line_between(LEFT, TOP, RIGHT, TOP, LINE, 0.8)
    yield text_at(LEFT - 8, TOP + 4, f"{_highest(picture):,}", f'text-anchor="end" fill="{QUIET}"')
    yield text_at(LEFT - 8, foot + 4, "0", f'text-anchor="end" fill="{QUIET}"')
    yield text_at(0, TOP + 14, "Accesses", 'font-weight="600"')
    yield text_at(0, TOP + 29, f"in each {_length(picture.step)}, UTC", f'fill="{QUIET}" font-size="10"')
    count = 5
    for place in range(count + 1):
        at = picture.start + (picture.end - picture.start) * place / count
        x = _x(picture, at)
        anchor = "end" if place == count else "start" if place == 0 else "middle"
        yield line_between(x, foot, x, foot + 4, QUIET)
        yield text_at(x, foot + 17, _tick(at), f'text-anchor="{anchor}" fill="{QUIET}"')


def _marks(picture: AccessPicture) -> Iterator[str]:
    """A triangle over each stretch with a bulk download."""
    for mark in picture.marks:
        x = _x(picture, mark.at + picture.step / 2)
        yield (
            f'<path d="M{x - 5} {TOP - 12}h10l-5 9z" fill="{OVER}">'
            f"<title>{inert(f'{_stamp(mark.at)}: {mark.label}')}</title></path>"
        )


def _legend(picture: AccessPicture, y: float) -> Iterator[str]:
    x = float(LEFT)
    for series, colour in zip(picture.series, SERIES, strict=False):
        label = clip(series.label, LABEL_LIMIT)
        yield f'<rect x="{x}" y="{y - 9}" width="11" height="11" rx="2" fill="{colour}"/>'
        yield text_at(x + 16, y, label, "")
        x += 38 + 7.2 * len(label)
    if picture.marks:
        yield f'<path d="M{x} {y - 9}h10l-5 9z" fill="{OVER}"/>'
        yield text_at(x + 16, y, "bulk download", "")


def _bars(picture: AccessPicture, top: float) -> Iterator[str]:
    """Records by client on a scale of tens; the paler part is what may be more."""
    most = max([bar.high or bar.low for bar in picture.bars] + [1])
    colours = dict(zip((series.label for series in picture.series), SERIES, strict=False))
    yield text_at(0, top - 14, "Records", 'font-weight="600"')
    yield text_at(LEFT, top - 14, "on a scale of powers of ten", f'fill="{QUIET}" font-size="10"')
    for place, bar in enumerate(picture.bars):
        yield from _bar(bar, top + place * BAR_LANE, most, colours.get(bar.label, QUIET))


def _bar(bar: Bar, y: float, most: int, colour: str) -> Iterator[str]:
    room = RIGHT - LEFT - 130
    low, high = (_share(count, most) * room for count in (bar.low, bar.high or bar.low))
    yield text_at(0, y + 14, clip(bar.label, LABEL_LIMIT), "")
    yield (
        f'<rect x="{LEFT}" y="{y + 4}" width="{max(high, 2):.1f}" height="13" rx="2" fill="{colour}" '
        f'fill-opacity="0.3"/><rect x="{LEFT}" y="{y + 4}" width="{max(low, 2):.1f}" height="13" rx="2" '
        f'fill="{colour}"><title>{inert(f"{bar.label}: {bar.note}")}</title></rect>'
    )
    yield text_at(LEFT + max(high, 2) + 8, y + 14, bar.note, f'fill="{QUIET}"')


def _share(count: int, most: int) -> float:
    """How much of the width a count takes: by its digits, so that small ones are seen beside large ones."""
    return log10(count + 1) / log10(most + 1)


def _length(step: timedelta) -> str:
    return f"{step // _DAY} d" if step >= _DAY else f"{step // timedelta(hours=1)} h"


def _tick(at: datetime) -> str:
    return f"{at.astimezone(UTC):%d %b %H:%M}"


def _stamp(at: datetime) -> str:
    return f"{at.astimezone(UTC):%d %b %Y %H:%MZ}"

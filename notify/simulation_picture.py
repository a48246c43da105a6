"""A simulation as one picture: how often each deadline is missed, when people are told, why, what would help.

Drawn without a window and without a clock: the same report gives the same bytes. Outside words are inert.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from io import BytesIO
from textwrap import wrap
from typing import Any, Final, Literal

from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from notify.svg import ACCENT, CALM, INK, LINE, OVER, QUIET, SOON
from notify.text import clip, one_line

WIDTH: Final = 12.0
ROW: Final = 0.4
"""Inches of height for each bar."""
_TOP, _ABOVE, _BELOW, _LEFT, _RIGHT = 0.5, 0.42, 0.62, 3.05, 0.3
"""Inches: above everything, above and below each panel's bars, and beside them for labels."""
_CURVES: Final = 8
"""Rows that the curves take."""
_LABEL: Final = 70
_LINE: Final = 40
"""Letters of a label on each of its two lines."""
_RC: Final[Any] = {
    "text.parse_math": False,
    "svg.hashsalt": "seventytwo",
    "font.size": 9.5,
    "font.family": ["DejaVu Sans"],
    "axes.edgecolor": LINE,
    "axes.labelcolor": QUIET,
    "text.color": INK,
    "xtick.color": QUIET,
    "ytick.color": INK,
    "axes.titlesize": 11.5,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
}


@dataclass(frozen=True, slots=True)
class Missed:
    """One deadline: the share that misses it with its interval, and the hours after which it was met."""

    label: str
    share: float
    low: float
    high: float
    policy: bool
    due: float | None
    """Hours after the opening, in the middle; as the next, which are in order."""
    told: Sequence[float]
    of: int
    """How many incidents have this deadline: those that never met it are in none of `told`."""


@dataclass(frozen=True, slots=True)
class Spent:
    """One piece of work on the way to a deadline, in hours."""

    label: str
    working: float
    off_duty: float
    waiting: float


@dataclass(frozen=True, slots=True)
class Way:
    """The way to one deadline."""

    title: str
    spent: Sequence[Spent]


@dataclass(frozen=True, slots=True)
class Helped:
    """One change: the share of incidents that miss a deadline with it, and the interval of the change."""

    label: str
    after: float
    low: float
    high: float
    is_sure: bool


@dataclass(frozen=True, slots=True)
class Picture:
    """Everything that is drawn."""

    title: str
    missed: Sequence[Missed]
    ways: Sequence[Way] = ()
    before: float = 0.0
    helped: Sequence[Helped] = ()
    of: Literal["incidents", "deadlines"] = "incidents"
    """What `before` and `helped` are shares of."""


def simulation_picture(picture: Picture, kind: Literal["svg", "png"]) -> bytes:
    """The picture as SVG or PNG."""
    with rc_context(_RC), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing from font")  # a box is drawn in its place
        figure = _drawn(picture)
        out = BytesIO()
        metadata = {"Date": None, "Creator": None} if kind == "svg" else {"Software": None}
        figure.savefig(out, format=kind, dpi=130, metadata=metadata, facecolor="white")
    return out.getvalue()


def _drawn(picture: Picture) -> Figure:
    rows = [max(2, len(picture.missed)), _CURVES]
    rows += [max(2, len(way.spent)) for way in picture.ways]
    rows += [max(2, len(picture.helped))] if picture.helped else []
    height = _TOP + sum(_ABOVE + ROW * count + _BELOW for count in rows)
    figure = Figure(figsize=(WIDTH, height))
    title = _inert(picture.title, 110)
    figure.text(0.15 / WIDTH, 1 - 0.32 / height, title, fontsize=13, fontweight="bold")
    panels = list(_placed(figure, rows, height))
    _missed(panels.pop(0), picture.missed)
    _told(panels.pop(0), picture.missed)
    for way in picture.ways:
        _way(panels.pop(0), way)
    if picture.helped:
        _helped(panels.pop(0), picture)
    return figure


def _placed(figure: Figure, rows: Sequence[int], height: float) -> Iterator[Axes]:
    """The panels one below the other, at places of our own: a solved layout is not the same twice."""
    from_top = _TOP
    for count in rows:
        from_top += _ABOVE + ROW * count
        bottom, size = 1 - from_top / height, ROW * count / height
        yield figure.add_axes((_LEFT / WIDTH, bottom, 1 - (_LEFT + _RIGHT) / WIDTH, size))
        from_top += _BELOW


def _missed(axes: Axes, missed: Sequence[Missed]) -> None:
    axes.set_title("How often each deadline is missed")
    for row, one in enumerate(missed):
        share = 100 * one.share
        axes.barh(row, share, height=0.62, color=_colour(one), alpha=0.5 if one.policy else 1.0)
        axes.plot(
            [100 * one.low, 100 * one.high], [row, row], color=INK, linewidth=1.6, marker="|", markersize=8
        )
        axes.text(100 * one.high + 1.2, row, f"{share:.3g} %", va="center", fontsize=9)
    _rows(axes, [f"{one.label}{' (our target)' if one.policy else ''}" for one in missed])
    axes.set_xlim(0, 108)
    axes.set_xlabel(
        "% of incidents, each client counted by itself; the line is the interval that is 95 % sure"
    )


def _colour(one: Missed) -> str:
    return CALM if one.share < 0.02 else SOON if one.share < 0.2 else OVER


def _told(axes: Axes, missed: Sequence[Missed]) -> None:
    """The share of incidents in which each deadline was met, over time; the dotted line is when it is due."""
    axes.set_title("When it is done: share of incidents over the hours, each client counted by itself")
    shown = [one for one in missed if one.told and not one.policy][:5] or [one for one in missed if one.told][
        :5
    ]
    colours = (ACCENT, OVER, CALM, SOON, INK)
    for colour, one in zip(colours, shown, strict=False):
        shares = [100 * (place + 1) / one.of for place in range(len(one.told))]
        axes.plot(
            one.told, shares, color=colour, linewidth=1.8, label=_inert(one.label), drawstyle="steps-post"
        )
        if one.due is not None:
            axes.axvline(one.due, color=colour, linewidth=1.2, linestyle=(0, (1, 2)))
    ends = [one.told[int(0.98 * (len(one.told) - 1))] for one in shown]
    dues = [one.due for one in shown if one.due is not None]
    axes.set_xlim(0, max([*ends, *(1.1 * due for due in dues), 1.0]))
    axes.set_ylim(0, 101)
    axes.set_xlabel("hours after the incident was opened; dotted: the deadline in its own colour")
    axes.grid(color=LINE, linewidth=0.6)
    _plain(axes)
    if shown:
        axes.legend(loc="lower right", frameon=False, fontsize=8.5)


def _way(axes: Axes, way: Way) -> None:
    axes.set_title(_inert(way.title, 110))
    left = [0.0] * len(way.spent)
    for name, colour, spans in (
        ("nobody of the role on duty", OVER, [one.off_duty for one in way.spent]),
        ("busy with other work", SOON, [one.waiting for one in way.spent]),
        ("at work, or on its way", ACCENT, [one.working for one in way.spent]),
    ):
        axes.barh(range(len(spans)), spans, left=left, height=0.62, color=colour, label=name)
        left = [one + more for one, more in zip(left, spans, strict=True)]
    _rows(axes, [one.label for one in way.spent])
    axes.set_xlabel("hours on the way to it, on average, in the order in which they pass")
    axes.legend(loc="best", frameon=False, fontsize=8.5)


def _helped(axes: Axes, picture: Picture) -> None:
    what = "incidents that miss a deadline" if picture.of == "incidents" else "deadlines missed"
    axes.set_title(f"What would help: share of {what} of law or contract")
    now = 100 * picture.before
    axes.axvline(now, color=OVER, linewidth=1.4)
    for row, one in enumerate(picture.helped):
        after, ends = 100 * one.after, (100 * one.low + now, 100 * one.high + now)
        colour = (CALM if one.after < picture.before else OVER) if one.is_sure else QUIET
        axes.plot([now, after], [row, row], color=colour, linewidth=5, alpha=0.35, solid_capstyle="butt")
        axes.plot(ends, [row, row], color=INK, linewidth=1.4, marker="|", markersize=7)
        axes.plot([after], [row], color=colour, marker="o", markersize=8)
        said = f"{after:.3g} %" if one.is_sure else "no sure difference"
        place, side = (min(after, *ends), "right") if after < now else (max(after, *ends), "left")
        _beside(axes, said, place, row, side)
    _rows(axes, [one.label for one in picture.helped])
    axes.set_xlim(0, max(now * 1.35, 5.0))
    axes.set_xlabel(f"% of {picture.of}; red: as it is now; the line is the interval that is 95 % sure")


def _beside(axes: Axes, said: str, place: float, row: int, side: str) -> None:
    """A word to the left or right of what is drawn in a row: on the side away from where it leads."""
    off = (-7, 0) if side == "right" else (7, 0)
    axes.annotate(
        said, (place, row), xytext=off, textcoords="offset points", va="center", ha=side, fontsize=9
    )


def _rows(axes: Axes, labels: Sequence[str]) -> None:
    axes.set_yticks(range(len(labels)), [_on_two_lines(label) for label in labels], fontsize=9)
    axes.set_ylim(max(len(labels), 2) - 0.4, -0.6)
    axes.tick_params(axis="y", length=0)
    axes.grid(axis="x", color=LINE, linewidth=0.6)
    axes.set_axisbelow(True)
    _plain(axes)


def _plain(axes: Axes) -> None:
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)


def _on_two_lines(text: object) -> str:
    """A label that fits beside its row: on two lines where it is long, inert."""
    return "\n".join(wrap(_inert(text, 2 * _LINE - 6), _LINE))


def _inert(text: object, limit: int = _LABEL) -> str:
    return clip(one_line(text), limit)

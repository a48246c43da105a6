"""What many runs say: shares with their intervals, spreads of spans, what a change gains in the same runs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from math import ceil, inf, isinf, isnan, nan, sqrt
from statistics import NormalDist
from typing import Final

CONFIDENCE: Final = 0.95
_HALF: Final = 0.5


@dataclass(frozen=True, slots=True)
class Share:
    """So many of so many, and the interval that holds the true share in 19 of 20 simulations."""

    hits: int
    of: int
    low: float
    high: float

    @property
    def value(self) -> float:
        """The share itself; NaN of none."""
        return self.hits / self.of if self.of else nan


@dataclass(frozen=True, slots=True)
class Spread:
    """How a span is spread, in seconds, over all that could have happened: what never did is beyond all.

    Where so many never happened that a place lies among them, it is infinite.
    """

    p5: float
    median: float
    p90: float
    p95: float
    of: int
    """How many happened."""


@dataclass(frozen=True, slots=True)
class Gain:
    """By how much a share changes in the same runs, and the interval of that change; less is negative."""

    before: float
    after: float
    low: float
    high: float

    @property
    def change(self) -> float:
        """After less before."""
        return self.after - self.before

    @property
    def is_sure(self) -> bool:
        """Whether the interval leaves no change out."""
        return self.low > 0 or self.high < 0


def wilson(hits: float, of: float) -> tuple[float, float]:
    """The Wilson score interval of a share, 95 %; (0, 1) of none (E. B. Wilson, JASA 22 (1927) 209)."""
    if of <= 0:
        return 0.0, 1.0
    sure = _sure()
    share, square = hits / of, sure * sure
    middle = (share + square / (2 * of)) / (1 + square / of)
    half = sure / (1 + square / of) * sqrt(share * (1 - share) / of + square / (4 * of * of))
    return (0.0 if hits == 0 else max(0.0, middle - half)), (1.0 if hits == of else min(1.0, middle + half))


@cache
def _sure(among: int = 1) -> float:
    """Within how many deviations a sure interval lies, beside so many others that are told with it."""
    return NormalDist().inv_cdf(1 - (1 - CONFIDENCE) / 2 / max(1, among))


def share_of(found: Iterable[bool | None], together: int = 1) -> Share:
    """The share of those that are true; None does not count.

    `together` neighbours each come from one run and share its people: they tell less than as many runs do,
    and the interval is as wide as their likeness makes it (effective number of a cluster sample, Kish 1965).
    """
    listed = list(found)
    counted = [one for one in listed if one is not None]
    hits, of = sum(counted), len(counted)
    effective = of / _likeness(listed, together, hits, of) if together > 1 and 0 < hits < of else of
    if together > 1 and hits in (0, of):
        effective = ceil(of / together)  # all alike: only the runs are sure to differ
    low, high = wilson(hits / of * effective if of else 0, effective)
    return Share(hits, of, low, high)


def _likeness(listed: Sequence[bool | None], together: int, hits: int, of: int) -> float:
    """By how much the variance of a share exceeds that of independent values; at least 1."""
    share = hits / of
    runs = [listed[at : at + together] for at in range(0, len(listed), together)]
    off = sum(sum(one - share for one in run if one is not None) ** 2 for run in runs)
    return max(1.0, off / (of * share * (1 - share)))


def spread_of(values: Iterable[float], never: int = 0) -> Spread | None:
    """How values are spread, NaN left out, with `never` more that did not happen; None of no values."""
    known = sorted(value for value in values if not isnan(value))
    if not known:
        return None
    every = known + [inf] * never
    p5, median, p90, p95 = (percentile(every, share) for share in (0.05, 0.5, 0.9, 0.95))
    return Spread(p5, median, p90, p95, len(known))


def percentile(ordered: Sequence[float], share: float) -> float:
    """The value below which a share of ordered values lies, between neighbours in proportion.

    Beside an infinite one, the nearer of the two.
    """
    place = share * (len(ordered) - 1)
    below = min(int(place), len(ordered) - 2) if len(ordered) > 1 else 0
    lower, upper = ordered[below], ordered[min(below + 1, len(ordered) - 1)]
    part = place - below
    if isinf(upper):
        return lower if part <= _HALF else upper
    return lower + part * (upper - lower)


def gain_of(
    before: Sequence[bool | None], after: Sequence[bool | None], together: int = 1, among: int = 1
) -> Gain:
    """What a change does to a share over the same runs, each compared with itself.

    A clock that never began is not missed. The interval is that of paired shares with half a pair added to
    each cell (Agresti and Min, Statistics in Medicine 24 (2005) 729), wider as `together` neighbours, which
    come from one run, change alike.
    Of several gains that are told together, and the best of them named, `among` says how many there are: in
    19 of 20 simulations all of their intervals hold (Bonferroni), also that of the best.
    """
    if len(before) != len(after):
        raise ValueError("a change is compared over the same runs")
    pairs = [(one, two) for one, two in zip(before, after, strict=True) if (one, two) != (None, None)]
    if not pairs:
        return Gain(nan, nan, nan, nan)
    of = len(pairs)
    lost = sum(1 for one, two in pairs if two and not one) + 0.5
    won = sum(1 for one, two in pairs if one and not two) + 0.5
    whole = of + 2
    middle = (lost - won) / whole
    alike = _alike_in_change(before, after, together) if together > 1 else 1.0
    half = _sure(among) * sqrt(max(0.0, lost + won - (lost - won) ** 2 / whole) * alike) / whole
    return Gain(
        sum(1 for one, _ in pairs if one) / of,
        sum(1 for _, two in pairs if two) / of,
        max(-1.0, middle - half),
        min(1.0, middle + half),
    )


def _alike_in_change(before: Sequence[bool | None], after: Sequence[bool | None], together: int) -> float:
    """By how much the variance of a change exceeds that of independent pairs, at least 1.

    Where nothing changes, all of a run may have been alike: `together`.
    """
    changes = [
        None if one is None and two is None else bool(two) - bool(one)
        for one, two in zip(before, after, strict=True)
    ]
    counted = [one for one in changes if one is not None]
    middle = sum(counted) / len(counted)
    spread = sum((one - middle) ** 2 for one in counted)
    if not spread:
        return float(together)
    runs = [changes[at : at + together] for at in range(0, len(changes), together)]
    off = sum(sum(one - middle for one in run if one is not None) ** 2 for run in runs)
    return max(1.0, off / spread * len(runs) / max(1, len(runs) - 1))

"""How long things take: distributions of spans in seconds, each drawn from one number between 0 and 1.

Drawing by the inverse of the distribution keeps runs comparable: with the same number, whoever is quicker in
one setting is quicker in the other too (common random numbers).
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta
from statistics import NormalDist
from typing import Final, TypeAlias, assert_never

from playbooks.errors import Mend

Draw: TypeAlias = Callable[[float], float]
"""From a number between 0 and 1 to a span in seconds."""
LONGEST: Final = timedelta(days=366)
_P95: Final = NormalDist().inv_cdf(0.95)


@dataclass(frozen=True, slots=True)
class Fixed:
    """Always the same span."""

    span: timedelta


@dataclass(frozen=True, slots=True)
class Lognormal:
    """Half of the spans are at most `median`, 19 of 20 at most `p95`: the usual shape of human work."""

    median: timedelta
    p95: timedelta


@dataclass(frozen=True, slots=True)
class Triangular:
    """At least `low`, at most `high`, most often near `mode`: what people can estimate."""

    low: timedelta
    mode: timedelta
    high: timedelta


@dataclass(frozen=True, slots=True)
class Empirical:
    """As measured: any of the samples, and what lies between neighbours."""

    samples: tuple[timedelta, ...]


Duration: TypeAlias = Fixed | Lognormal | Triangular | Empirical
NONE: Final = Fixed(timedelta())


def check_duration(given: Duration, which: str = "") -> None:
    """Raise `Mend` for a distribution that cannot be, naming `which` one it is."""
    spans = _spans(given)
    if not spans:
        raise Mend("a distribution without samples", which=which, mend="give at least one")
    if any(span < timedelta() or span > LONGEST for span in spans):
        raise Mend("a span below zero or above a year", which=which, mend="write it as 30m, 4h or 2d")
    if isinstance(given, Lognormal) and not timedelta() < given.median <= given.p95:
        mend = "give a median above zero, and a p95 that is not smaller"
        raise Mend("a lognormal that cannot be", which=which, mend=mend)
    if isinstance(given, Triangular) and not given.low <= given.mode <= given.high:
        mend = "let low, mode and high follow one another"
        raise Mend("a triangular distribution that cannot be", which=which, mend=mend)


def drawn_by(given: Duration, stretch: float = 1.0) -> Draw:
    """The function that draws from a distribution, every span multiplied by `stretch`."""
    check_duration(given)
    match given:
        case Fixed(span):
            seconds = span.total_seconds() * stretch
            return lambda _: seconds
        case Lognormal(median, p95):
            return _lognormal(median.total_seconds() * stretch, p95 / median)
        case Triangular(low, mode, high):
            return _triangular(*(span.total_seconds() * stretch for span in (low, mode, high)))
        case Empirical(samples):
            return _empirical(sorted(span.total_seconds() * stretch for span in samples))
        case _:
            assert_never(given)


def lognormal_of(samples: Iterable[timedelta]) -> Lognormal:
    """The lognormal whose logarithms have the samples' mean and deviation; `Mend` for fewer than two."""
    logs = [math.log(max(span.total_seconds(), 1.0)) for span in samples]
    if len(logs) < 2:
        raise Mend("too few samples for a distribution", mend="give at least two, or a fixed span")
    fitted = NormalDist.from_samples(logs)
    median, p95 = math.exp(fitted.mean), math.exp(fitted.mean + _P95 * fitted.stdev)
    return Lognormal(timedelta(seconds=median), timedelta(seconds=max(median, p95)))


def _spans(given: Duration) -> tuple[timedelta, ...]:
    match given:
        case Fixed(span):
            return (span,)
        case Lognormal(median, p95):
            return (median, p95)
        case Triangular(low, mode, high):
            return (low, mode, high)
        case Empirical(samples):
            return samples
        case _:
            assert_never(given)


def _lognormal(median: float, ratio: float) -> Draw:
    if ratio == 1:
        return lambda _: median
    inverse, exp = NormalDist(math.log(median), math.log(ratio) / _P95).inv_cdf, math.exp
    return lambda number: exp(inverse(number)) if number > 0 else 0.0


def _triangular(low: float, mode: float, high: float) -> Draw:
    width = high - low
    if width == 0:
        return lambda _: low
    turn, root = (mode - low) / width, math.sqrt

    def draw(number: float) -> float:
        if number < turn:
            return low + root(number * width * (mode - low))
        return high - root((1 - number) * width * (high - mode))

    return draw


def _empirical(samples: list[float]) -> Draw:
    last = len(samples) - 1
    if last == 0:
        return lambda _: samples[0]

    def draw(number: float) -> float:
        place = number * last
        below = min(int(place), last - 1)
        return samples[below] + (place - below) * (samples[below + 1] - samples[below])

    return draw


def share_below(given: Duration, span: timedelta, steps: int = 2_000) -> float:
    """The share of spans that are at most so long, to within a two-thousandth."""
    draw = drawn_by(given)
    drawn = [draw((step + 0.5) / steps) for step in range(steps)]
    return bisect_right(drawn, span.total_seconds()) / steps

"""How long things take: distributions, and those that cannot be."""

from __future__ import annotations

from datetime import timedelta

import pytest

from playbooks.errors import Mend
from playbooks.simulation.durations import (
    Duration,
    Empirical,
    Fixed,
    Lognormal,
    Triangular,
    drawn_by,
    lognormal_of,
    share_below,
)


def minutes(count: float) -> timedelta:
    return timedelta(minutes=count)


@pytest.mark.parametrize(
    "given",
    [
        Fixed(minutes(-1)),
        Fixed(timedelta(days=400)),
        Lognormal(minutes(0), minutes(10)),
        Lognormal(minutes(20), minutes(10)),
        Triangular(minutes(5), minutes(4), minutes(9)),
        Triangular(minutes(5), minutes(10), minutes(9)),
        Empirical(()),
        Empirical((minutes(5), minutes(-5))),
    ],
)
def test_a_distribution_that_cannot_be_is_refused(given: Duration) -> None:
    with pytest.raises(Mend):
        drawn_by(given)


def test_a_lognormal_keeps_its_median_and_its_95th_percentile() -> None:
    draw = drawn_by(Lognormal(minutes(30), minutes(120)))
    assert draw(0.5) == pytest.approx(1800)
    assert draw(0.95) == pytest.approx(7200)


def test_a_triangular_reaches_from_low_to_high_and_turns_at_its_mode() -> None:
    draw = drawn_by(Triangular(minutes(10), minutes(20), minutes(50)))
    assert [draw(0.0), draw(0.25), draw(1.0)] == pytest.approx([600, 1200, 3000])


def test_an_empirical_draws_its_samples_and_what_lies_between() -> None:
    draw = drawn_by(Empirical((minutes(30), minutes(10), minutes(20))))
    assert [draw(0.0), draw(0.25), draw(0.5), draw(1.0)] == pytest.approx([600, 900, 1200, 1800])


@pytest.mark.parametrize(
    "given",
    [
        Lognormal(minutes(30), minutes(120)),
        Triangular(minutes(0), minutes(20), minutes(20)),
        Triangular(minutes(5), minutes(5), minutes(5)),
        Empirical((minutes(10),)),
        Fixed(minutes(7)),
    ],
)
def test_a_higher_number_never_draws_a_shorter_span(given: Duration) -> None:
    draw = drawn_by(given)
    drawn = [draw(number / 1000) for number in range(1000)]
    assert drawn == sorted(drawn)
    assert drawn[0] >= 0


def test_samples_of_a_lognormal_give_it_back() -> None:
    draw = drawn_by(Lognormal(minutes(30), minutes(90)))
    samples = [timedelta(seconds=draw((number + 0.5) / 4000)) for number in range(4000)]
    found = lognormal_of(samples)
    assert found.median / minutes(30) == pytest.approx(1, abs=0.01)
    assert found.p95 / minutes(90) == pytest.approx(1, abs=0.01)


def test_one_sample_makes_no_lognormal() -> None:
    with pytest.raises(Mend):
        lognormal_of([minutes(5)])


def test_the_share_below_a_span_is_that_of_the_distribution() -> None:
    assert share_below(Lognormal(minutes(30), minutes(90)), minutes(90)) == pytest.approx(0.95, abs=0.001)

"""Shares, spreads and gains say what the same numbers say in the books."""

from __future__ import annotations

from math import inf, isnan, nan
from random import Random

import pytest

from playbooks.simulation.statistics import Gain, gain_of, percentile, share_of, spread_of, wilson


@pytest.mark.parametrize(
    ("hits", "of", "low", "high"),
    [
        (10, 100, 0.0552, 0.1744),
        (0, 50, 0.0, 0.0713),
        (50, 50, 0.9287, 1.0),
        (1, 10, 0.0179, 0.4042),
    ],
)
def test_the_interval_is_wilsons(hits: int, of: int, low: float, high: float) -> None:
    assert wilson(hits, of) == (pytest.approx(low, abs=1e-4), pytest.approx(high, abs=1e-4))


def test_none_of_none_may_be_anything() -> None:
    assert wilson(0, 0) == (0.0, 1.0)
    assert isnan(share_of([]).value)


def test_the_interval_holds_the_truth_in_about_19_of_20_simulations() -> None:
    random, held = Random(7), 0
    for _ in range(400):
        share = share_of([random.random() < 0.08 for _ in range(300)])
        held += share.low <= 0.08 <= share.high
    assert 0.92 <= held / 400 <= 0.98


def test_incidents_of_one_run_that_fare_alike_tell_as_much_as_their_runs() -> None:
    runs = [number % 5 == 0 for number in range(200)]
    alone = share_of(runs)
    alike = share_of([one for one in runs for _ in range(10)], together=10)
    apart = share_of([one for one in runs for _ in range(10)])
    assert alike.value == alone.value
    assert (alike.low, alike.high) == pytest.approx((alone.low, alone.high), abs=0.003)
    assert apart.high - apart.low < (alike.high - alike.low) / 2


def test_incidents_of_one_run_that_were_all_in_time_leave_as_much_open_as_their_runs() -> None:
    assert share_of([False] * 100, together=10).high == share_of([False] * 10).high


def test_what_never_began_does_not_count() -> None:
    share = share_of([True, None, False, None])
    assert (share.hits, share.of) == (1, 2)


def test_percentiles_lie_between_neighbours() -> None:
    assert percentile([0.0, 10.0], 0.25) == 2.5
    assert percentile([4.0], 0.9) == 4.0
    spread = spread_of([float(number) for number in range(101)] + [nan])
    assert spread is not None
    assert (spread.p5, spread.median, spread.p90, spread.p95, spread.of) == (5, 50, 90, 95, 101)


def test_what_never_happened_lies_beyond_all_that_did() -> None:
    spread = spread_of([1.0, 2.0, 3.0, nan], never=3)
    assert spread is not None
    assert (spread.p5, spread.median, spread.p90, spread.of) == (1.25, 3.0, inf, 3)
    assert spread_of([1.0, 2.0, 3.0], never=1).p90 == inf  # type: ignore[union-attr]


def test_what_never_happened_has_no_spread() -> None:
    assert spread_of([nan, nan]) is None


def test_a_change_is_sure_where_it_helps_the_same_runs() -> None:
    before = [number % 4 == 0 for number in range(400)]
    after = [number % 8 == 0 for number in range(400)]
    gain = gain_of(before, after)
    assert (gain.before, gain.after, gain.change) == (0.25, 0.125, -0.125)
    assert gain.low < -0.125 < gain.high < 0
    assert gain.is_sure


def test_pairs_tell_more_than_two_simulations_that_know_nothing_of_each_other() -> None:
    before = [number % 2 == 0 for number in range(400)]
    after = [number % 2 == 0 and number % 20 != 0 for number in range(400)]
    gain = gain_of(before, after)
    assert gain.is_sure
    assert share_of(after).high > share_of(before).low  # told apart only because they are pairs


def test_no_change_is_not_sure_and_never_more_certain_than_it_can_be() -> None:
    gain = gain_of([True, False] * 50, [True, False] * 50)
    assert gain.change == 0
    assert not gain.is_sure
    assert gain.low < 0 < gain.high


def test_changes_of_one_run_widen_the_interval_as_far_as_they_are_alike() -> None:
    before, after = [True] * 400, [number % 2 == 0 for number in range(400)]
    apart = gain_of(before, after, together=10)  # half of each run
    assert (apart.low, apart.high) == gain_interval(gain_of(before, after))
    alike = gain_of(before, [number // 10 % 2 == 0 for number in range(400)], together=10)  # half of the runs
    alone = gain_of([True] * 40, [number % 2 == 0 for number in range(40)])
    assert gain_interval(alike) == pytest.approx(gain_interval(alone), abs=0.03)
    none = gain_of(before, before, together=10)
    assert none.high > gain_of(before, before).high


def gain_interval(gain: Gain) -> tuple[float, float]:
    return gain.low, gain.high


def test_the_best_of_many_changes_that_change_nothing_is_not_told_as_one() -> None:
    random, wrong, many = Random(3), 0, 24
    for _ in range(100):
        before = [random.random() < 0.3 for _ in range(300)]
        luck = [
            [one if random.random() < 0.9 else random.random() < 0.3 for one in before] for _ in range(many)
        ]
        wrong += any(gain_of(before, after, among=many).is_sure for after in luck)
    assert wrong <= 10


def test_a_clock_that_a_change_keeps_from_starting_is_not_missed() -> None:
    assert gain_of([True, True], [None, False]).after == 0


def test_only_the_same_runs_are_compared() -> None:
    with pytest.raises(ValueError, match="same runs"):
        gain_of([True], [True, False])

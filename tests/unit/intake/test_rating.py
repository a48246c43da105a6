"""How many requests a source may send: a minute's worth at once, then evenly."""

from __future__ import annotations

from flows.intake.rating import Rates


class Seconds:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_a_minutes_worth_passes_at_once_and_the_next_is_told_how_long_to_wait() -> None:
    clock = Seconds()
    rates = Rates(clock)
    assert [rates.charge(1, 6) for _ in range(7)] == [0] * 6 + [10]


def test_whole_seconds_are_told_and_they_are_enough() -> None:
    clock = Seconds()
    rates = Rates(clock)
    assert [rates.charge(1, 7) for _ in range(8)] == [0] * 7 + [9]  # 60 / 7 is 8.57
    clock.now += 8
    assert rates.charge(1, 7) == 1
    clock.now += 1
    assert rates.charge(1, 7) == 0
    assert rates.charge(1, 7) > 0


def test_who_is_refused_pays_nothing() -> None:
    clock = Seconds()
    rates = Rates(clock)
    for _ in range(6):
        rates.charge(1, 6)
    for _ in range(100):
        assert rates.charge(1, 6)
    clock.now += 10
    assert rates.charge(1, 6) == 0


def test_no_more_than_a_minutes_worth_is_saved_up() -> None:
    clock = Seconds()
    rates = Rates(clock)
    rates.charge(1, 3)
    clock.now += 86_400
    assert [rates.charge(1, 3) > 0 for _ in range(4)] == [False, False, False, True]


def test_each_source_has_its_own_and_zero_sets_no_limit() -> None:
    rates = Rates(Seconds())
    assert rates.charge(1, 1) == 0
    assert rates.charge(1, 1) == 60
    assert rates.charge(2, 1) == 0
    assert {rates.charge(3, 0) for _ in range(10_000)} == {0}


def test_a_rate_that_was_changed_counts_at_once() -> None:
    clock = Seconds()
    rates = Rates(clock)
    rates.charge(1, 1)
    assert rates.charge(1, 1) == 60
    clock.now += 1
    assert rates.charge(1, 60) == 0
    assert rates.charge(1, 60) == 1

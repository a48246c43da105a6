"""What a result says of its clocks, steps and closings, counted by hand."""

from __future__ import annotations

from array import array
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from math import inf, nan

import pytest

from playbooks.simulation.results import by_weekday, found_in, missed_any
from playbooks.simulation.statistics import share_of
from tests.harness.lifetimes import HOUR, Done, clock, lifetimes, result, slot

TELL = [slot("tell")]
IN_TIME, LATE, NEVER = (24.0, 20.0), (24.0, 30.0), (24.0, nan)
NOT_BEGUN = (nan, nan)


def told(*pairs: tuple[float, float]) -> list[tuple[list[Done], list[tuple[float, float]]]]:
    return [([Done(0, 0, met)], [(due, met)]) for due, met in pairs]


def test_a_clock_is_missed_where_it_is_met_late_or_never() -> None:
    found = found_in(result(lifetimes(TELL, [clock("R", 0)], told(IN_TIME, LATE, NEVER, IN_TIME))))
    one = found.clock("R")
    assert (one.missed.hits, one.missed.of) == (2, 4)
    assert one.never == 0.25
    assert one.met is not None
    assert one.met.of == 3
    assert one.met.median == 25 * HOUR  # of 20, 20, 30 and never
    assert one.used is not None
    assert one.used.median == pytest.approx(25 / 24)


def test_incidents_in_which_nobody_was_ever_told_are_the_latest_of_all() -> None:
    found = found_in(result(lifetimes(TELL, [clock("R", 0)], told(*[IN_TIME] * 4, *[NEVER] * 6))))
    one = found.clock("R")
    assert one.met is not None
    assert (one.met.p5, one.met.median, one.met.p90) == (20 * HOUR, inf, inf)
    assert one.used is not None
    assert one.used.median == inf


def test_work_that_nobody_takes_up_waits_longest_and_what_is_not_closed_lasts_longest() -> None:
    rows = [([Done(0, 1, 5)], [IN_TIME])] * 2 + [([Done(0, nan, nan)], [NEVER])] * 8
    lives = lifetimes(TELL, [clock("R", 0)], rows)
    lives.closed[2:] = array("d", [nan] * 8)
    found = found_in(result(lives))
    (step,) = found.steps
    assert step.wait is not None
    assert (step.wait.p5, step.wait.median) == (HOUR, inf)
    (_, closed, after) = found.closed[0]
    assert (closed.hits, closed.of) == (2, 10)
    assert after is not None
    assert after.median == inf


def test_work_that_is_put_once_more_waits_from_then_on() -> None:
    """What went before was work, and no wait for it."""
    lives = lifetimes(TELL, [clock("R", 0)], [([Done(0, 8, 9)], [IN_TIME])])
    (step,) = found_in(result(replace(lives, redone={0: 6 * HOUR}))).steps
    assert step.wait is not None
    assert step.wait.median == 2 * HOUR


def test_the_due_instant_itself_is_in_time() -> None:
    found = found_in(result(lifetimes(TELL, [clock("R", 0)], told((24.0, 24.0)))))
    assert found.clock("R").missed.hits == 0


def test_a_clock_counts_only_where_it_began() -> None:
    found = found_in(result(lifetimes(TELL, [clock("R", 0)], told(LATE, NOT_BEGUN, NOT_BEGUN, NOT_BEGUN))))
    one = found.clock("R")
    assert (one.missed.hits, one.missed.of) == (1, 1)
    assert one.began.value == 0.25


def test_a_clock_that_never_begins_is_left_out() -> None:
    assert not found_in(result(lifetimes(TELL, [clock("R", 0)], told(NOT_BEGUN, NOT_BEGUN)))).clocks


def test_one_rule_for_several_cases_is_one_line_that_says_for_how_many_it_is_late() -> None:
    slots = [slot("tell", case="a"), slot("tell", case="b")]
    clocks = [clock("R", 0, case="a"), clock("R", 1, case="b")]
    rows = [
        ([Done(0, 0, 1), Done(0, 0, 1)], [IN_TIME, LATE]),
        ([Done(0, 0, 1), Done(0, 0, 1)], [LATE, LATE]),
        ([Done(0, 0, 1), Done(0, 0, 1)], [IN_TIME, IN_TIME]),
        ([Done(0, 0, 1), Done(0, 0, 1)], [IN_TIME, IN_TIME]),
    ]
    (one,) = found_in(result(lifetimes(slots, clocks, rows))).clocks
    assert one.cases == ("a", "b")
    assert (one.missed.hits, one.missed.of) == (3, 8)
    assert one.late_cases == 0.75


def test_what_binds_stands_before_targets_of_ours_and_the_worst_first() -> None:
    clocks = [clock("TARGET", policy=True), clock("FEW"), clock("MANY")]
    rows = [([Done()], [LATE, IN_TIME, LATE]), ([Done()], [LATE, LATE, LATE])]
    found = found_in(result(lifetimes(TELL, clocks, rows)))
    assert [one.spec.rule for one in found.clocks] == ["MANY", "FEW", "TARGET"]


def test_a_target_of_ours_that_is_missed_is_no_missed_deadline() -> None:
    clocks = [clock("TARGET", policy=True), clock("LAW")]
    rows = [([Done()], [LATE, IN_TIME]), ([Done()], [LATE, LATE])]
    assert found_in(result(lifetimes(TELL, clocks, rows))).any_missed.value == 0.5


def test_an_incident_that_stands_is_counted_with_the_step_that_it_stands_at() -> None:
    rows = [([Done(0, 1, 5)], [IN_TIME]), ([Done(2, nan, nan)], [NEVER]), ([Done()], [NEVER])]
    (step,) = found_in(result(lifetimes(TELL, [clock("R", 0)], rows))).steps
    assert step.stands == 1
    assert step.done.value == pytest.approx(1 / 3)
    assert step.wait is not None
    assert step.wait.median == HOUR
    assert step.work is not None
    assert step.work.median == 4 * HOUR


def test_incidents_of_one_run_widen_the_interval() -> None:
    alike = told(*[LATE, LATE] * 20, *[IN_TIME, IN_TIME] * 20)
    two = found_in(result(lifetimes(TELL, [clock("R", 0)], alike), runs=40)).clock("R").missed
    one = found_in(result(lifetimes(TELL, [clock("R", 0)], alike), runs=80)).clock("R").missed
    assert two.value == one.value
    assert two.high - two.low > one.high - one.low


def test_misses_are_sorted_by_the_local_day_of_the_opening() -> None:
    friday = datetime(2026, 3, 6, 23, 30, tzinfo=UTC)  # Saturday already in Berlin
    opened = [friday.timestamp(), (friday - timedelta(days=1)).timestamp()]
    lives = lifetimes(TELL, [clock("R", 0)], told(LATE, IN_TIME), opened_at=opened)
    found = found_in(result(lives)).clock("R")
    days = {name: share.value for name, share in by_weekday(lives, found, "Europe/Berlin", 2)}
    assert days == {"fri": 0.0, "sat": 1.0}


def test_incidents_of_one_run_that_open_on_different_days_still_count_as_of_one_run() -> None:
    monday = datetime(2026, 3, 2, 12, tzinfo=UTC).timestamp()
    day = 24 * 3600.0
    opened = [monday, *[monday + day] * 3] * 40  # of the four of a run one opens on Monday
    pairs = [LATE if run % 2 else IN_TIME for run in range(40) for _ in range(4)]
    lives = lifetimes(TELL, [clock("R", 0)], told(*pairs), opened_at=opened)
    found = found_in(result(lives, runs=40)).clock("R")
    (_, on_monday), (_, on_tuesday) = by_weekday(lives, found, "UTC", 40)
    alone = share_of([bool(run % 2) for run in range(40)])
    assert (on_monday.low, on_monday.high) == pytest.approx((alone.low, alone.high), abs=0.001)
    assert (on_tuesday.low, on_tuesday.high) == pytest.approx((alone.low, alone.high), abs=0.01)


def test_nobody_misses_what_there_is_not() -> None:
    lives = lifetimes(TELL, [clock("R", 0)], told(LATE))
    assert missed_any(lives, []) == [None]

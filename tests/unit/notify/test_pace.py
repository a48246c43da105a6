"""A channel is told no faster than it bears, and a failure is not repeated in haste."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from notify.pace import Pace, wait_after

NOW = datetime(2026, 11, 20, 14, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def test_a_burst_goes_at_once_and_the_rest_one_a_second() -> None:
    pace = Pace()
    for _ in range(5):
        assert pace.free_at("#a", NOW) == NOW
        pace.take("#a", NOW)
    assert pace.free_at("#a", NOW) == NOW + SECOND
    assert pace.later("#a", NOW, 2) == NOW + 3 * SECOND
    assert pace.free_at("#b", NOW) == NOW


def test_a_quiet_channel_earns_its_burst_again() -> None:
    pace = Pace()
    for _ in range(5):
        pace.take("#a", NOW)
    assert pace.free_at("#a", NOW + 5 * SECOND) == NOW + 5 * SECOND


def test_a_refused_channel_rests_and_the_others_go_on() -> None:
    pace = Pace()
    pace.pause("#a", NOW, NOW + 30 * SECOND)
    assert pace.free_at("#a", NOW) == NOW + 30 * SECOND
    assert pace.free_at("#b", NOW) == NOW


def test_two_channels_refused_at_once_mean_that_the_workspace_is() -> None:
    pace = Pace()
    pace.pause("#a", NOW, NOW + 30 * SECOND)
    pace.pause("#b", NOW, NOW + 10 * SECOND)
    assert pace.free_at("#c", NOW) == NOW + 10 * SECOND
    assert pace.free_at("#c", NOW + 11 * SECOND) == NOW + 11 * SECOND


@given(st.lists(st.integers(0, 3_000), min_size=1, max_size=60))
def test_no_channel_is_ever_told_more_than_its_burst_and_rate_allow(gaps: list[int]) -> None:
    pace, now, sent = Pace(), NOW, []
    for gap in gaps:
        now = max(now, pace.free_at("#a", now)) + timedelta(milliseconds=gap)
        pace.take("#a", now)
        sent.append(now)
    for index, first in enumerate(sent):
        within = sum(1 for at in sent[index:] if at < first + 10 * SECOND)
        assert within <= 5 + 10


def test_waits_double_up_to_half_a_minute() -> None:
    assert [wait_after(attempts).total_seconds() for attempts in (0, 1, 2, 3, 6, 99)] == [1, 1, 2, 4, 30, 30]

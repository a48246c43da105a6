from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from playbooks.errors import InstantFault
from playbooks.timebase import Segment, aware, incident_time, wall_for

START = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
NIGHT = datetime(2030, 1, 5, 2, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


def stepped(*jumps: tuple[int, int]) -> tuple[Segment, ...]:
    """A clock that stands, and jumps to so many incident hours after so many wall seconds."""
    return tuple(Segment(START + timedelta(seconds=s), NIGHT + h * HOUR, 0) for s, h in jumps)


def test_without_segments_incident_time_is_wall_time() -> None:
    assert incident_time((), START) == START
    assert wall_for((), START) == START


def test_a_stepped_clock_stands_until_it_jumps() -> None:
    clock = stepped((0, 0), (5, 12))
    assert incident_time(clock, START + timedelta(seconds=4)) == NIGHT
    assert incident_time(clock, START + timedelta(seconds=5)) == NIGHT + 12 * HOUR
    assert incident_time(clock, START + timedelta(days=1)) == NIGHT + 12 * HOUR


def test_an_accelerated_clock_runs_at_its_rate() -> None:
    clock = (Segment(START, NIGHT, 3600),)
    assert incident_time(clock, START + timedelta(seconds=72)) == NIGHT + 72 * HOUR
    assert wall_for(clock, NIGHT + 72 * HOUR) == START + timedelta(seconds=72)


def test_before_its_first_segment_the_clock_stands_at_its_start() -> None:
    assert incident_time((Segment(START, NIGHT, 60),), START - HOUR) == NIGHT


def test_a_standing_clock_never_reaches_what_lies_ahead() -> None:
    assert wall_for(stepped((0, 0)), NIGHT + HOUR) is None


def test_a_jump_reaches_everything_it_leaps_over() -> None:
    assert wall_for(stepped((0, 0), (5, 12)), NIGHT + HOUR) == START + timedelta(seconds=5)


def test_a_running_segment_that_ends_first_hands_over_to_the_next() -> None:
    clock = (Segment(START, NIGHT, 1), Segment(START + HOUR, NIGHT + HOUR, 60))
    assert wall_for(clock, NIGHT + 3 * HOUR) == START + HOUR + timedelta(minutes=2)


def test_an_instant_without_an_offset_is_refused_by_name() -> None:
    with pytest.raises(InstantFault, match=r"aware_at 2026-11-20T09:00:00"):
        aware(START.replace(tzinfo=None), "aware_at")
    with pytest.raises(InstantFault):
        incident_time((), START.replace(tzinfo=None))

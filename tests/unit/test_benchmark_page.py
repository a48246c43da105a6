"""A run of `make bench` replaces what it measured, and keeps what it did not."""

from __future__ import annotations

from tests.bench.results import Figure, Section, document

SPEED = Section("Speed", "By a stop-watch.", [Figure("one lap", "9 s"), Figure("ten laps", "99 s")], "| a |")
COST = Section("Cost", "By the bill.", [Figure("one lap's petrol", "1 l")])


def test_a_part_that_was_measured_again_is_replaced_and_the_others_stay() -> None:
    before = document([SPEED, COST], "- the old machine")
    again = Section("Cost", "By the meter.", [Figure("one lap's petrol", "2 l")])
    page = document([again], "- the new machine", before)
    assert "| one lap | 9 s |" in page
    assert "By a stop-watch." in page
    assert page.count("one lap's petrol") == 1
    assert "| one lap's petrol | 2 l |" in page
    assert "By the bill." not in page
    assert "- the new machine\n- from an earlier run on such a machine: Speed\n" in page
    assert "the old machine" not in page


def test_a_whole_run_keeps_nothing() -> None:
    assert "earlier run" not in document([SPEED, COST], "- the machine")

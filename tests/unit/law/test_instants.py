from __future__ import annotations

from datetime import datetime

import pytest

from playbooks.errors import InstantFault
from playbooks.instants import read_instant


@pytest.mark.parametrize(
    ("text", "where", "meant"),
    [
        ("2026-11-20T10:23:00+01:00", None, "2026-11-20T09:23Z"),
        ("2026-11-20T10:23Z", None, "2026-11-20T10:23Z"),
        ("2026-11-20 10:23 +0530", None, "2026-11-20T04:53Z"),
        ("  2026-11-20T10:23:07.5Z ", None, "2026-11-20T10:23:07.500Z"),
        # an offset stands, whatever zone is given
        ("2026-11-20T10:23+01:00", "Asia/Tokyo", "2026-11-20T09:23Z"),
        ("2026-11-20T10:23", "Europe/Berlin", "2026-11-20T09:23Z"),
        ("2026-07-20 10:23", "Europe/Berlin", "2026-07-20T08:23Z"),
    ],
)
def test_an_instant_is_read_as_it_was_told(text: str, where: str | None, meant: str) -> None:
    assert read_instant(text, where) == (datetime.fromisoformat(meant), ())


def test_a_date_alone_is_the_start_of_that_day_and_says_so() -> None:
    found, notes = read_instant("2026-11-20", "Asia/Singapore")
    assert found == datetime.fromisoformat("2026-11-20T00:00+08:00")
    assert notes == ("2026-11-20 is taken as the start of that day in Asia/Singapore, 2026-11-19T16:00Z",)


def test_a_day_whose_midnight_does_not_exist_starts_after_the_jump() -> None:
    """Cairo's clocks went from 24:00 on 27 April 2023 to 01:00."""
    found, _ = read_instant("2023-04-28", "Africa/Cairo")
    assert found == datetime.fromisoformat("2023-04-28T01:00+03:00")


def test_of_two_times_the_earlier_is_taken_and_the_note_says_how_to_choose() -> None:
    found, (note,) = read_instant("2026-10-25T02:30", "Europe/Paris")
    assert found == datetime.fromisoformat("2026-10-25T02:30+02:00")
    assert "happens twice" in note
    assert "For the other give its offset: 2026-10-25T02:30+01:00" in note
    later = datetime.fromisoformat("2026-10-25T02:30+01:00")
    assert read_instant("2026-10-25T02:30+01:00", "Europe/Paris") == (later, ())


@pytest.mark.parametrize(
    ("text", "where", "says"),
    [
        ("2027-03-28T02:30", "Europe/Paris", r"does not exist.*2027-03-28T03:00\+02:00"),
        ("2011-12-30", "Pacific/Apia", "does not exist there"),
        ("2026-11-20T10:23", None, "without an offset.*zone"),
        ("2026-11-20", None, "without an offset"),
        ("2026-11-20T10:23", "Europe/Atlantis", "unknown time zone"),
        ("2026-11-20T10:23", "Berlin", "did you mean Europe/Berlin"),
        ("2026-11-20T10:23", "Europe/Berlni", "did you mean Europe/Berlin"),
        ("2026-11-20T10:23Z", "Europe/Atlantis", "unknown time zone"),
        ("2026-02-30", "UTC", "no such time"),
        ("2026-11-20T24:00Z", None, "no such time"),
        ("2026-11-20T10:23+99:00", None, "no clock is [+]99:00 from UTC.*between -12:00 and [+]14:00"),
        ("2026-11-20T10:23+25:00", None, "no clock is [+]25:00 from UTC"),
        ("2026-11-20T10:23-1201", None, "no clock is -1201 from UTC"),
        ("2026-11-20T10:23+05:75", None, "no clock is [+]05:75 from UTC"),
        ("0001-01-01T00:00+14:00", None, "year"),
        ("2026-W47-5", "UTC", "not an instant"),
        ("yesterday", "UTC", "not an instant"),
        ("", "UTC", "not an instant"),
        ("٢٠٢٦-11-20", "UTC", "not an instant"),
        ("2026-11-20T10:23Z\x1b[2J", "UTC", "not an instant"),
    ],
)
def test_what_is_no_instant_is_refused_with_the_reason(text: str, where: str | None, says: str) -> None:
    with pytest.raises(InstantFault, match=says):
        read_instant(text, where)

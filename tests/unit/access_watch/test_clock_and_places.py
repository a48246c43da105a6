"""Stretches, shifts and places: by the person's own clocks, and by the organisation's own networks."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from playbooks.access_watch.geography import Network, Places
from playbooks.access_watch.hours import shift_day, stretch_begins
from playbooks.access_watch.people import Person
from playbooks.forensics.hours import WorkingHours

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
INSTANTS = st.integers(1_000_000_000, 3_700_000_000).map(lambda second: datetime.fromtimestamp(second, UTC))
ZONES = st.sampled_from(["Europe/Warsaw", "Asia/Kolkata", "America/New_York", "Australia/Lord_Howe", "UTC"])
SHIFTS = st.builds(
    WorkingHours,
    ZONES,
    st.frozensets(st.integers(0, 6), min_size=1),
    st.integers(0, 1439).map(lambda minute: timedelta(minutes=minute)),
    st.integers(0, 1439).map(lambda minute: timedelta(minutes=minute)),
)


@given(INSTANTS, ZONES, st.integers(1, 1439))
def test_an_instant_lies_in_its_stretch(at: datetime, zone_name: str, minutes: int) -> None:
    within = timedelta(minutes=minutes)
    begins = stretch_begins(at, zone_name, within)
    assert begins <= at < begins + within
    assert stretch_begins(begins, zone_name, within) == begins


@given(INSTANTS, SHIFTS)
def test_a_shift_holds_an_instant_where_the_roster_of_forensics_does(
    at: datetime, hours: WorkingHours
) -> None:
    assert (shift_day(hours, at) is not None) is hours.holds(at)


def test_a_day_of_twenty_five_hours_has_as_many_stretches() -> None:
    begins = datetime(2026, 10, 24, 22, tzinfo=UTC)
    hours = {stretch_begins(begins + n * HOUR, "Europe/Warsaw", HOUR) for n in range(25)}
    assert len(hours) == 25
    assert stretch_begins(begins + 24 * HOUR, "Europe/Warsaw", DAY) == begins


def test_a_night_shift_belongs_to_the_day_on_which_it_began() -> None:
    night = WorkingHours("Asia/Manila", frozenset({0}), timedelta(hours=22), timedelta(hours=6))
    assert shift_day(night, datetime(2026, 3, 2, 21, tzinfo=UTC)) == date(2026, 3, 2)  # Tuesday 05:00
    assert shift_day(night, datetime(2026, 3, 3, 21, tzinfo=UTC)) is None


def test_somebody_has_left_when_their_last_day_is_over_by_their_own_clocks() -> None:
    person = Person(accounts=("a",), leaves_on=date(2026, 3, 2))
    assert person.left_at("America/New_York") == datetime(2026, 3, 3, 5, tzinfo=UTC)
    assert Person(accounts=("a",)).left_at("UTC") is None


def places() -> Places:
    def network(place: str, latitude: float, longitude: float, *networks: str) -> Network:
        return Network(place=place, networks=networks, latitude=latitude, longitude=longitude)

    return Places(
        [
            network("Warsaw", 52.23, 21.01, "192.0.2.0/24", "2001:db8::/32"),
            network("Manila", 14.60, 120.98, "192.0.2.128/25", "2001:db8:21::/48"),
        ]
    )


@pytest.mark.parametrize(
    ("address", "place"),
    [
        ("192.0.2.127", "Warsaw"),
        ("192.0.2.128", "Manila"),
        (" 192.0.2.1 ", "Warsaw"),
        ("::ffff:192.0.2.200", "Manila"),
        ("2001:db8:21::7", "Manila"),
        ("2001:db8:22::7", "Warsaw"),
        ("192.0.2.200:52344", "Manila"),
        ("[2001:db8:21::7]:443", "Manila"),
        ("[2001:db8:22::7]", "Warsaw"),
        ("192.0.2.1:99999999", None),
        ("[]:1", None),
        ("198.51.100.1", None),
        ("a host", None),
        ("", None),
    ],
)
def test_the_narrowest_network_tells_the_place(address: str, place: str | None) -> None:
    assert places().of(address) == place


def test_distances_are_those_of_a_globe() -> None:
    assert places().kilometres("Warsaw", "Manila") == pytest.approx(9_400, abs=20)
    assert places().kilometres("Warsaw", "Warsaw") == 0

from __future__ import annotations

import zoneinfo
from datetime import UTC, date, datetime, timedelta
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path

import pytest

from playbooks.errors import InstantFault
from playbooks.zones import (
    TZDATA_VERSION,
    country_of_zone,
    first_instant,
    holidays_version,
    occurrences,
    start_of_day,
    zone,
    zone_names,
)

WINTER = datetime(2026, 1, 1)  # noqa: DTZ001 - a zone is asked about its own wall clock


def forget_zones() -> None:
    """Drop every zone already read, ours and Python's own."""
    zone.cache_clear()
    zoneinfo.ZoneInfo.clear_cache()


def test_a_zone_is_read_from_the_pinned_package_though_the_system_offers_its_own(tmp_path: Path) -> None:
    """A system whose Europe/Berlin is really UTC must not be able to move a deadline."""
    lie = tmp_path / "Europe" / "Berlin"
    lie.parent.mkdir()
    lie.write_bytes((files("tzdata") / "zoneinfo" / "Etc" / "UTC").read_bytes())
    kept = zoneinfo.TZPATH
    zoneinfo.reset_tzpath([str(tmp_path)])
    try:
        forget_zones()
        assert zoneinfo.ZoneInfo.no_cache("Europe/Berlin").utcoffset(WINTER) == timedelta(0)
        assert zone("Europe/Berlin").utcoffset(WINTER) == timedelta(hours=1)
    finally:
        zoneinfo.reset_tzpath(kept)
        forget_zones()


def test_the_versions_stored_with_a_clock_are_those_of_the_installed_packages() -> None:
    assert version("tzdata") == TZDATA_VERSION
    assert version("holidays") == holidays_version()


@pytest.mark.parametrize("name", ["Europe/Atlantis", "../../etc/passwd", "", "zones"])
def test_a_name_that_is_no_zone_is_refused(name: str) -> None:
    with pytest.raises(InstantFault, match="unknown time zone"):
        zone(name)


def test_every_named_zone_can_be_read() -> None:
    assert all(zone(name).key == name for name in zone_names())


@pytest.mark.parametrize(
    ("local", "where", "instants"),
    [
        ("2026-11-20T10:23", "Europe/Paris", ["2026-11-20T09:23Z"]),
        ("2026-10-25T02:30", "Europe/Paris", ["2026-10-25T00:30Z", "2026-10-25T01:30Z"]),
        ("2027-03-28T02:30", "Europe/Paris", []),
        # half an hour of summer time, and the zone that has no 30 December 2011
        ("2026-10-04T02:15", "Australia/Lord_Howe", []),
        ("2011-12-30T12:00", "Pacific/Apia", []),
    ],
)
def test_a_local_time_happens_once_twice_or_never(local: str, where: str, instants: list[str]) -> None:
    found = occurrences(datetime.fromisoformat(local), zone(where))
    assert [at.isoformat() for at in found] == [datetime.fromisoformat(at).isoformat() for at in instants]


@pytest.mark.parametrize(
    ("local", "where", "first"),
    [
        ("2027-03-28T02:30", "Europe/Paris", "2027-03-28T03:00+02:00"),
        ("2027-03-28T02:00:00.000001", "Europe/Paris", "2027-03-28T03:00+02:00"),
        ("2026-10-04T02:15", "Australia/Lord_Howe", "2026-10-04T02:30+11:00"),
        ("2011-12-30T12:00", "Pacific/Apia", "2011-12-31T00:00+14:00"),
        ("2026-10-25T02:30", "Europe/Paris", "2026-10-25T02:30+02:00"),
    ],
)
def test_the_first_instant_of_a_local_time_is_never_after_it(local: str, where: str, first: str) -> None:
    assert first_instant(datetime.fromisoformat(local), zone(where)) == datetime.fromisoformat(first)


def test_a_day_without_midnight_starts_where_its_clocks_do() -> None:
    assert start_of_day(date(2023, 4, 28), zone("Africa/Cairo")) == datetime(2023, 4, 27, 22, 0, tzinfo=UTC)


def test_a_country_is_found_by_every_name_of_its_zone() -> None:
    names = {"Europe/Kyiv": "UA", "Europe/Kiev": "UA", "Asia/Calcutta": "IN", "UTC": None, "Etc/GMT-3": None}
    assert {name: country_of_zone(name) for name in names} == names

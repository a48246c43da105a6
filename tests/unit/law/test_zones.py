from __future__ import annotations

import zoneinfo
from datetime import datetime, timedelta
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path

import pytest

from playbooks.errors import InstantFault
from playbooks.zones import TZDATA_VERSION, holidays_version, zone, zone_names

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

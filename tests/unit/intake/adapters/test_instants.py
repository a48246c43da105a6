"""Tools write instants in many ways; none of them is read by today's date."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from flows.intake.adapters.picking import as_instant

NOON = datetime(2026, 3, 1, 15, tzinfo=UTC)
LOCAL = NOON.replace(tzinfo=None)


@pytest.mark.parametrize(
    "text",
    [
        *(NOON.timestamp(), NOON.timestamp() * 1_000, NOON.timestamp() * 1e9, "1772377200", "1772377200000"),
        *(
            "2026-03-01T15:00:00.000000000Z",
            "Sun, 01 Mar 2026 16:00:00 +0100",
            "Sun, 1 Mar 2026 10:00:00 EST",
        ),
    ],
)
def test_an_instant_with_its_zone_is_that_one(text: object) -> None:
    assert as_instant(text) == NOON


@pytest.mark.parametrize(
    "text",
    ["March 1, 2026 3:00:00 PM", "3/1/2026, 3:00:00.000 PM", "Mar 01 2026 15:00:00", "2026-03-01 15:00 XYZ"],
)
def test_an_afternoon_is_one_and_stays_naive_without_a_known_zone(text: str) -> None:
    assert as_instant(text) == LOCAL


@pytest.mark.parametrize("text", ["15:00", "now", "N/A", "", "10 +9999", "March", None, True, [], "9" * 61])
def test_what_has_no_date_is_none(text: object) -> None:
    assert as_instant(text) is None


def test_an_offset_is_kept() -> None:
    found = as_instant("2026-03-01T16:00:00+01:00")
    assert found is not None
    assert (found, found.tzinfo) == (NOON, timezone(timedelta(hours=1)))

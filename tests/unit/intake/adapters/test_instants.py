"""Tools write instants in many ways; none of them is read by today's date."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from flows.intake.adapters.picking import as_instant, instant
from flows.intake.claims import claim

NOON = datetime(2026, 3, 1, 15, tzinfo=UTC)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
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


@pytest.mark.parametrize(
    "none", [0, "0", "1970-01-01T00:00:00Z", "0001-01-01T00:00:00Z", "1970-01-01T01:00:00"]
)
def test_the_first_instant_of_a_tools_clock_is_none_and_the_next_field_is_asked(none: object) -> None:
    assert instant({"first": none, "seen": NOON.isoformat()}, "first", "seen") == NOON
    assert (
        claim("x", status="firing", severity="low", title="t", payload={}, occurred_at=EPOCH).occurred_at
        is None
    )

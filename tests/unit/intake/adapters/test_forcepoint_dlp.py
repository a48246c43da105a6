"""Forcepoint DLP tells which rule matched and where the data went."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from flows.intake.kinds import read_claims
from tests.harness.payloads import claim_of, claims_of, refused, seen_in


def test_a_row_is_read() -> None:
    one = claim_of("forcepoint-dlp", "row")
    assert (one.title, one.severity, one.original_severity) == ("Block credit card numbers", "high", "HIGH")
    assert (one.status, one.category, one.data_hints) == ("firing", "data_loss", ("card",))
    assert one.occurred_at == datetime(2026, 3, 1, 10, tzinfo=UTC)
    assert one.ids == ("incident_Id-17-rule_id-18", "9017")
    assert one.client_hints == ("forcepoint-dlp:t-1",)
    assert seen_in(one) == {
        *("address 192.0.2.17", "address 203.0.113.9", "domain example.com"),
        "url https://www.example.com/upload",
    }


def test_each_incident_of_the_api_is_one_with_the_day_first() -> None:
    first, second = claims_of("forcepoint-dlp", "incidents")
    assert (first.severity, first.data_hints, first.status) == ("medium", ("government_id",), "firing")
    assert first.occurred_at == datetime(2026, 3, 1, 10)  # noqa: DTZ001 - the server's zone
    assert {"account EXAMPLE\\agent-17", "host ws-17", "file list.xlsx"} <= seen_in(first)
    assert (second.status, second.data_hints) == ("resolved", ())


def test_an_incident_without_rule_or_id_is_refused() -> None:
    assert refused("forcepoint-dlp", {"Id": "1"}) == "RuleName"
    assert refused("forcepoint-dlp", {"RuleName": "x"}) == "Id"


@pytest.mark.parametrize(
    ("action", "title"),
    [("BLOCKED", "Block cards (blocked)"), ("PERMITTED", "Block cards (not blocked)"), ("", "Block cards")],
)
def test_the_action_says_whether_the_data_left(action: str, title: str) -> None:
    body = {"Type": "ForcepointDLPEvents_CL", "Id": "1", "RuleName": "Block cards", "action": action}
    (one,) = read_claims("forcepoint-dlp", json.dumps(body).encode()).claims
    assert one.title == title

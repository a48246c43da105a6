"""Zeek tells of notices, intelligence hits and weird traffic; its other logs are no alerts."""

from __future__ import annotations

import json
from datetime import UTC, datetime

from tests.harness.payloads import PAYLOADS, claim_of, refused, seen_in


def test_a_notice_that_alarms_is_high() -> None:
    one = claim_of("zeek", "notice")
    assert one.title.startswith("SSH::Password_Guessing: 192.0.2.17 appears")
    assert (one.severity, one.status, one.category) == ("high", "firing", "credential")
    assert one.occurred_at == datetime(2026, 3, 1, 10, 0, 0, 500000, tzinfo=UTC)
    assert one.ids == ("CzA17",)
    assert seen_in(one) == {"address 192.0.2.17", "address 203.0.113.9"}


def test_the_same_notice_of_the_same_ends_is_the_same_alert() -> None:
    assert claim_of("zeek", "notice_again").fingerprint == claim_of("zeek", "notice").fingerprint


def test_an_agents_row_is_read_through_its_text() -> None:
    one = claim_of("zeek", "intel_by_agent")
    assert one.title == "Intelligence hit on drop.example.org at DNS::IN_REQUEST"
    assert (one.severity, one.occurred_at) == ("medium", datetime(2026, 3, 1, 10, tzinfo=UTC))
    assert "domain drop.example.org" in seen_in(one)


def test_weird_traffic_is_low() -> None:
    one = claim_of("zeek", "weird")
    assert (one.title, one.severity) == ("Weird: dns_unmatched_msg", "low")


def test_a_record_of_another_log_is_no_alert() -> None:
    body = json.loads(PAYLOADS.joinpath("zeek", "connection_by_agent.json").read_bytes())
    assert refused("zeek", body) == "note"
    assert refused("zeek", {"message": "{broken", "log_file": "x"}) == "message"

"""Symantec DLP tells which policy matched, whose it was, and where it went."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from flows.intake.kinds import read_claims
from tests.harness.payloads import claim_of, claims_of, refused, seen_in


def test_a_row_is_read_through_its_variables() -> None:
    one = claim_of("symantec-dlp", "cef_row")
    assert (one.title, one.category, one.data_hints) == (
        "Payment Card Numbers - Mail",
        "data_loss",
        ("card",),
    )
    assert (one.ids, one.client_hints) == (("1817",), ("symantec-dlp:t-1",))
    assert one.link == "https://dlp.example.org/Incident.do?value(a)=id&operand=1817"
    assert seen_in(one) == {
        *("account EXAMPLE\\agent-17", "host ws-17", "address 192.0.2.17", "file clients"),
        *("email agent-17@example.org", "email someone@example.com", "email other@example.net"),
    }


def test_an_afternoon_stays_one_in_the_servers_zone() -> None:
    assert claim_of("symantec-dlp", "cef_row").occurred_at == datetime(2026, 3, 1, 15)  # noqa: DTZ001


def test_the_name_of_a_file_cannot_lower_the_severity() -> None:
    one = claim_of("symantec-dlp", "cef_row")
    assert (one.severity, one.original_severity) == ("high", "1:High")


def test_each_row_is_one_incident_and_a_stick_is_no_account() -> None:
    first, second = claims_of("symantec-dlp", "cef_rows")
    assert first.fingerprint == claim_of("symantec-dlp", "cef_row").fingerprint != second.fingerprint
    assert (second.severity, second.data_hints, seen_in(second)) == ("low", ("government_id",), set())


def test_a_response_rules_variables_are_read() -> None:
    one = claim_of("symantec-dlp", "variables_resolved")
    assert (one.title, one.severity, one.status) == ("Patient records", "medium", "resolved")
    assert (one.data_hints, one.occurred_at) == (("health",), datetime(2026, 3, 1, 14, tzinfo=UTC))


def test_an_incident_without_policy_or_number_is_refused() -> None:
    assert refused("symantec-dlp", {"INCIDENT_ID": "1"}) == "Activity"
    assert refused("symantec-dlp", {"POLICY": "x", "INCIDENT_ID": None}) == "INCIDENT_ID"


@pytest.mark.parametrize(
    ("policy", "blocked", "title"),
    [
        ("Passport numbers", "Action Blocked", "Passport numbers (blocked)"),
        ("Passport numbers", "None", "Passport numbers"),
        ("Block passport numbers", "None", "Block passport numbers (not blocked)"),
        ("Block passport numbers", "", "Block passport numbers"),
    ],
)
def test_what_was_blocked_is_said_and_no_policys_name_says_it(policy: str, blocked: str, title: str) -> None:
    body = {"INCIDENT_ID": "1", "SEVERITY": "1:High", "POLICY": policy, "BLOCKED": blocked}
    (one,) = read_claims("symantec-dlp", json.dumps(body).encode()).claims
    assert one.title == title

"""A Wazuh alert is a rule that fired for an agent, however it is wrapped."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from flows.intake.kinds import read_claims
from tests.harness.payloads import claim_of, refused, seen_in


def test_an_alert_is_read() -> None:
    one = claim_of("wazuh", "alert")
    assert one.title == "Multiple failed logins followed by success"
    assert (one.severity, one.original_severity, one.status) == ("high", "12", "firing")
    assert (one.category, one.ids) == ("credential", ("1772359200.1234", "40112"))
    assert one.occurred_at == datetime(2026, 3, 1, 10, tzinfo=UTC)
    assert one.client_hints == ("northwind", "aws:111122223333", "wazuh:soc")
    assert seen_in(one) == {
        *("account agent-17", "host files-01", "address 192.0.2.17", "address 203.0.113.9"),
    }


@pytest.mark.parametrize("name", ["alert_again", "indexer_document", "integration"])
def test_it_is_the_same_alert_when_it_fires_again_and_in_any_wrapping(name: str) -> None:
    assert claim_of("wazuh", name).fingerprint == claim_of("wazuh", "alert").fingerprint


@pytest.mark.parametrize(
    ("level", "severity"),
    [(0, "info"), (3, "low"), (6, "low"), (7, "medium"), (11, "medium"), (12, "high"), (15, "critical")],
)
def test_the_rules_level_is_put_on_our_scale(level: int, severity: str) -> None:
    body = {"rule": {"id": "1", "level": level, "description": "x"}}
    (one,) = read_claims("wazuh", json.dumps(body).encode()).claims
    assert one.severity == severity


def test_an_alert_without_a_rules_words_or_number_is_refused() -> None:
    assert refused("wazuh", {"rule": {"id": "1"}}) == "rule.description"
    assert refused("wazuh", {"rule": {"description": "x", "id": []}}) == "rule.id"


def test_the_manager_that_collects_for_others_is_not_the_machine_that_an_alert_is_about() -> None:
    body = {
        "rule": {"id": "91537", "level": 7, "description": "Office 365: a log-in from elsewhere"},
        "agent": {"id": "000", "name": "wazuh-manager"},
        "data": {"office365": {"UserId": "agent-17@example.org"}},
    }
    (one,) = read_claims("wazuh", json.dumps(body).encode()).claims
    assert seen_in(one) == {"account agent-17@example.org"}

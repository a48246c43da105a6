"""Sysdig Monitor tells of thresholds, Sysdig Secure of policies."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from flows.intake.kinds import read_claims
from tests.harness.payloads import claim_of, refused, seen_in


def test_a_notification_is_read_and_resolved() -> None:
    active, over = claim_of("sysdig", "monitor_active"), claim_of("sysdig", "monitor_resolved")
    assert (active.title, active.severity, active.original_severity) == ("API is down", "high", "2")
    assert (active.category, active.ids) == ("outage", ("17", "7"))
    assert active.occurred_at == datetime(2026, 3, 1, 10, tzinfo=UTC)
    assert active.link == "https://app.sysdig.example.org/#/events/17"
    assert seen_in(active) == {"host ws-17"}
    assert (active.status, over.status) == ("firing", "resolved")
    assert active.fingerprint == over.fingerprint


def test_a_policy_event_names_rule_user_and_whose_it_is() -> None:
    one = claim_of("sysdig", "policy_event")
    assert (one.title, one.severity, one.category) == ("Read of shadow file by backdoor", "medium", "malware")
    assert one.client_hints == ("northwind", "aws:111122223333", "k8s:northwind")
    assert seen_in(one) == {"account agent-17", "host node-1"}
    assert one.link == "https://secure.sysdig.example.org/#/events/164"


@pytest.mark.parametrize(
    ("stated", "severity"),
    [(0, "high"), (3, "high"), (5, "medium"), (6, "low"), (7, "info"), ("High", "high"), (None, "medium")],
)
def test_the_severity_is_a_number_or_a_word(stated: object, severity: str) -> None:
    body = {"alert": {"name": "x", "severity": stated}}
    (one,) = read_claims("sysdig", json.dumps(body).encode()).claims
    assert one.severity == severity


def test_a_notification_without_a_name_is_refused() -> None:
    assert refused("sysdig", {"alert": {"id": 1}}) == "alert.name"
    assert refused("sysdig", {"content": {"policyId": 1}}) == "name"

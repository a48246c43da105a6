"""Elastic Security tells of detections; Kibana of its rules."""

from __future__ import annotations

from datetime import UTC, datetime

from tests.harness.payloads import claim_of, claims_of, refused, seen_in


def test_a_detection_is_read_from_its_flat_names() -> None:
    one = claim_of("elastic", "detection")
    assert (one.title, one.severity, one.original_severity) == (
        "Credential Dumping via LSASS",
        "critical",
        "critical",
    )
    assert (one.status, one.category) == ("firing", "credential")
    assert one.occurred_at == datetime(2026, 3, 1, 10, tzinfo=UTC)
    assert one.ids == ("a1b2c3", "rule-1")
    assert one.client_hints == ("aws:111122223333", "northwind")
    assert one.link == "https://kibana.example.org/app/security/alerts/redirect/a1b2c3"
    assert seen_in(one) == {
        *("account agent-17", "host ws-17", "address 192.0.2.17", "address 198.51.100.7"),
        *("domain cdn.example.org", "file C:\\Temp\\x.dmp", f"sha256 {'ab' * 32}"),
    }


def test_a_closed_detection_is_the_same_one_resolved() -> None:
    opened, closed = claim_of("elastic", "detection"), claim_of("elastic", "detection_closed")
    assert (closed.fingerprint, closed.status) == (opened.fingerprint, "resolved")


def test_the_alerts_of_an_action_are_each_one_and_may_be_nested_hits() -> None:
    first, second = claims_of("elastic", "action_with_alerts")
    assert first.fingerprint == claim_of("elastic", "detection").fingerprint
    assert (second.title, second.severity, second.original_severity) == ("Unusual port", "medium", "47")
    assert (second.ids, second.occurred_at) == (("hit-9", "rule-2"), datetime(2026, 3, 1, 10, 5, tzinfo=UTC))


def test_a_rules_action_recovers() -> None:
    active, over = claim_of("elastic", "rule_action"), claim_of("elastic", "rule_action_recovered")
    assert (active.title, active.severity, active.category) == ("Disk space low", "medium", "outage")
    assert (active.status, over.status) == ("firing", "resolved")
    assert active.fingerprint == over.fingerprint
    assert active.ids == ("u-1", "query matched", "rule-3")
    assert active.client_hints == ("northwind",)
    assert active.link == "https://kibana.example.org/app/discover#1"


def test_a_detection_without_name_or_id_is_refused() -> None:
    assert refused("elastic", {"kibana.alert.uuid": "1"}) == "kibana.alert.rule.name"
    assert refused("elastic", {"kibana.alert.rule.name": "x"}) == "_id"
    assert refused("elastic", {"context": {"alerts": [7]}}) == "context.alerts.0"

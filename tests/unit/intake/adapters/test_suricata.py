"""Suricata tells of a signature between two ends of a connection."""

from __future__ import annotations

from datetime import UTC, datetime

from tests.harness.payloads import claim_of, refused, seen_in


def test_an_alert_is_read() -> None:
    one = claim_of("suricata", "alert")
    assert one.title == "EXAMPLE Trojan beacon to drop site"
    assert (one.severity, one.original_severity, one.status) == ("critical", "Critical", "firing")
    assert (one.category, one.client_hints) == ("malware", ("suricata:4",))
    assert one.ids == ("17", "1:abc=", "2030017")
    assert one.occurred_at == datetime(2026, 3, 1, 9, 0, 0, 123456, tzinfo=UTC)
    assert seen_in(one) == {
        *("address 192.0.2.17", "address 203.0.113.9", "domain drop.example.org", "file /out.zip"),
        *(f"sha256 {'ab' * 32}", f"md5 {'cd' * 16}"),
    }


def test_the_same_signature_between_the_same_ends_is_the_same_alert() -> None:
    assert claim_of("suricata", "alert_again").fingerprint == claim_of("suricata", "alert").fingerprint


def test_an_anomaly_is_low_and_a_rule_without_words_is_told_by_its_number() -> None:
    anomaly, nameless = claim_of("suricata", "anomaly"), claim_of("suricata", "nameless")
    assert (anomaly.title, anomaly.severity, anomaly.category) == ("Anomaly: NO_MATCH", "low", "network")
    assert (nameless.title, nameless.severity) == ("Signature 1:5", "medium")


def test_what_is_no_alert_is_refused() -> None:
    assert refused("suricata", {"event_type": "flow", "flow_id": 1}) == "event_type"
    assert refused("suricata", {"event_type": "alert", "alert": None}) == "alert"
    assert refused("suricata", {"event_type": "alert", "alert": {"gid": 1}}) == "alert.signature_id"

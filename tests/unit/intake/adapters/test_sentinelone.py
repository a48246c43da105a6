"""SentinelOne tells of threats, of custom rules, and of what people do in its console."""

from __future__ import annotations

from datetime import UTC, datetime

from tests.harness.payloads import claim_of, claims_of, refused, seen_in


def test_a_threat_is_read() -> None:
    one = claim_of("sentinelone", "threat")
    assert (one.title, one.severity, one.original_severity) == (
        "Ransomware: locker.exe",
        "high",
        "malicious",
    )
    assert (one.status, one.category, one.ids) == ("firing", "ransomware", ("900017", "S17"))
    assert one.occurred_at == datetime(2026, 3, 1, 10, tzinfo=UTC)
    assert one.client_hints == ("sentinelone:11", "sentinelone:22", "sentinelone:Northwind")
    assert seen_in(one) == {
        *("account EXAMPLE\\agent-17", "host ws-17", "address 192.0.2.17", "address 203.0.113.9"),
        *("file \\Device\\Temp\\locker.exe", f"sha256 {'ab' * 32}"),
    }


def test_a_resolved_threat_is_the_same_one() -> None:
    opened, over = claim_of("sentinelone", "threat"), claim_of("sentinelone", "threat_resolved")
    assert (over.fingerprint, over.status) == (opened.fingerprint, "resolved")


def test_threats_of_an_older_console_are_graded_by_rank() -> None:
    first, second = claims_of("sentinelone", "older_threats")
    assert (first.title, first.severity, first.status) == ("Trojan: a.exe", "high", "firing")
    assert (second.title, second.severity, second.status) == ("b.txt", "low", "resolved")
    assert seen_in(first) == {"account agent-18", "address 192.0.2.18", "host ws-18"}


def test_a_custom_rule_has_its_own_severity() -> None:
    one = claim_of("sentinelone", "rule_alert")
    assert (one.title, one.severity, one.category) == ("Data exfiltration by DNS", "critical", "data_loss")
    assert {"domain drop.example.org", "account agent-17", "host ws-17"} <= seen_in(one)


def test_an_activity_is_information() -> None:
    one = claim_of("sentinelone", "activity")
    assert (one.severity, one.category, seen_in(one)) == ("info", "other", {"account agent-17"})


def test_a_threat_without_name_or_id_is_refused() -> None:
    assert refused("sentinelone", {"threatInfo": {"threatId": "1"}}) == "threatInfo.threatName"
    assert refused("sentinelone", {"threatInfo": {"threatName": "x"}}) == "threatInfo.threatId"
    assert refused("sentinelone", {"data": [None]}) == "data.0"

"""Findings of Google's Security Command Center, bare and pushed."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tests.harness.claims import claims_in, payload, read, refused_field, told

NAME = "organizations/123456789012/sources/5678/findings/"


def test_a_finding_tells_all_it_offers() -> None:
    (one,) = claims_in("gcp-scc/notification")
    assert told(one) == {
        "status": "firing",
        "severity": "high",
        "original_severity": "HIGH",
        "title": "Exfiltration: BigQuery Data Exfiltration (members)",
        "occurred_at": datetime(2026, 3, 2, 10, 0, 0, 100000, tzinfo=UTC),
        "category": "data_loss",
        "observables": {
            ("account", "agent-17@example.org"),
            ("account", "agent-18@example.org"),
            ("address", "198.51.100.7"),
            ("address", "203.0.113.9"),
            ("domain", "drop.example.org"),
        },
        "ids": ("aabbccddeeff00112233445566778899", f"{NAME}aabbccddeeff00112233445566778899"),
        "client_hints": ("gcp:acme-warehouse",),
        "link": "https://console.cloud.google.com/bigquery?project=acme-warehouse",
    }


def test_an_inactive_finding_pushed_by_pub_sub_is_the_same_alert_resolved() -> None:
    (over,) = claims_in("gcp-scc/pushed-inactive")
    assert over.status == "resolved"
    assert over.fingerprint == claims_in("gcp-scc/notification")[0].fingerprint


def test_a_misconfiguration_says_its_severity_among_the_scanners_own_words() -> None:
    (one,) = claims_in("gcp-scc/misconfiguration")
    assert told(one) == {
        "status": "firing",
        "severity": "low",
        "original_severity": "Low",
        "title": "Audit logging disabled",
        "occurred_at": datetime(2026, 3, 2, 10, 0, tzinfo=UTC),
        "category": "policy",
        "ids": ("ff", f"{NAME}ff"),
        "client_hints": ("gcp:acme-warehouse", "gcp:424242"),
    }


def test_an_entry_of_event_threat_detections_log_is_read_as_well() -> None:
    (one,) = claims_in("gcp-scc/log-entry")
    assert told(one) == {
        "status": "firing",
        "severity": "high",
        "original_severity": "HIGH",
        "title": "Ssh brute force (crm-1)",
        "occurred_at": datetime(2026, 3, 2, 10, 0, tzinfo=UTC),
        "category": "credential",
        "observables": {("account", "agent-17"), ("host", "crm-1"), ("address", "198.51.100.7")},
        "ids": ("e7kql4f4cgve",),
        "client_hints": ("gcp:acme-warehouse",),
    }


def test_an_unspecified_severity_without_another_word_is_medium() -> None:
    body = payload("gcp-scc/notification")
    body["finding"]["severity"] = "SEVERITY_UNSPECIFIED"
    assert (read("gcp-scc", body)[0].severity, read("gcp-scc", body)[0].original_severity) == ("medium", "")


@pytest.mark.parametrize("field", ["name", "category"])
def test_a_finding_without_what_it_needs_is_refused_by_its_field(field: str) -> None:
    body = payload("gcp-scc/misconfiguration")
    body["finding"][field] = {"a": 1}
    assert refused_field("gcp-scc", body) == f"finding.{field}"


@pytest.mark.parametrize("data", ["%", "bm8=", "W10=", "é"])
def test_a_push_that_carries_no_object_is_refused(data: str) -> None:
    push = payload("gcp-scc/pushed-inactive")
    push["message"]["data"] = data
    assert refused_field("gcp-scc", push) in {"message.data", "line 1 column 1"}

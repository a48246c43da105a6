"""Microsoft Defender's incidents, alerts and stream of hunting tables."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tests.harness.claims import claims_in, payload, read, refused_field, told

TENANT = "azure:00000000-0000-4000-8000-0000000000aa"


def test_an_incident_tells_what_all_its_alerts_offer_and_no_account_of_the_system() -> None:
    (one,) = claims_in("defender/incident")
    assert told(one) == {
        "status": "firing",
        "severity": "medium",
        "original_severity": "Medium",
        "title": "Multi-stage incident on one endpoint",
        "occurred_at": datetime(2026, 3, 2, 10, 0, tzinfo=UTC),
        "category": "credential",
        "observables": {
            ("account", "agent-17"),
            ("address", "198.51.100.7"),
            ("file", "tool.exe"),
            ("host", "desk-17.example.org"),
            ("sha1", "c" * 40),
        },
        "ids": ("924565", "da1"),
        "link": f"https://security.microsoft.com/incidents/924565?tid={TENANT.removeprefix('azure:')}",
    }


def test_a_resolved_incident_is_the_same_alert() -> None:
    (over,) = read("defender", payload("defender/incident") | {"status": "Resolved", "severity": "High"})
    assert (over.status, over.severity) == ("resolved", "high")
    assert over.fingerprint == claims_in("defender/incident")[0].fingerprint


def test_each_alert_of_the_apis_answer_is_one() -> None:
    first, second = claims_in("defender/alerts")
    assert told(first) == {
        "status": "resolved",
        "severity": "low",
        "original_severity": "Low",
        "title": "An active trojan was blocked",
        "occurred_at": datetime(2026, 3, 2, 10, 0, 0, 956266, tzinfo=UTC),
        "category": "malware",
        "observables": {("account", "agent-18"), ("host", "desk-18.example.org")},
        "ids": ("da637472900382838869_1364969609", "1126093"),
        "client_hints": (TENANT,),
    }
    assert (second.severity, second.original_severity, second.status) == ("medium", "UnSpecified", "firing")


def test_a_row_of_evidence_in_the_stream_belongs_to_its_alert() -> None:
    info, evidence = claims_in("defender/stream")
    assert told(info) == {
        "status": "firing",
        "severity": "high",
        "original_severity": "High",
        "title": "Mass download by one user",
        "occurred_at": datetime(2026, 3, 2, 10, 0, tzinfo=UTC),
        "category": "data_loss",
        "ids": ("fa1",),
        "client_hints": (TENANT,),
    }
    assert evidence.fingerprint == info.fingerprint
    assert told(evidence)["observables"] == {
        ("account", "agent-17@example.org"),
        ("file", "members.csv"),
        ("host", "desk-17"),
        ("sha256", "d" * 64),
        ("url", "https://drop.example.org/x"),
    }


@pytest.mark.parametrize(
    ("name", "change", "field"),
    [
        ("incident", {"incidentId": None}, "incidentId"),
        ("incident", {"incidentName": {}}, "incidentName"),
        ("alerts", {"value": [{"id": "x", "title": None}]}, "value.0.title"),
        ("alerts", {"value": [7]}, "value.0"),
        ("stream", {"records": [{"category": "AdvancedHunting-AlertInfo"}]}, "records.0.properties"),
    ],
)
def test_a_wrong_field_is_named(name: str, change: dict[str, object], field: str) -> None:
    assert refused_field("defender", payload(f"defender/{name}") | change) == field

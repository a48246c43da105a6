"""Google Cloud Monitoring's incidents, by webhook and by Pub/Sub."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tests.harness.claims import claims_in, payload, read, refused_field, told


def test_an_incident_tells_all_it_offers() -> None:
    (one,) = claims_in("gcp-monitoring/open")
    assert told(one) == {
        "status": "firing",
        "severity": "high",
        "original_severity": "Error",
        "title": "The portal crm-1 is unreachable.",
        "occurred_at": datetime(2026, 3, 2, 10, 0, tzinfo=UTC),
        "category": "outage",
        "observables": {("account", "agent-17"), ("host", "4242")},
        "ids": ("0.abcdef123456",),
        "client_hints": ("gcp:acme-warehouse", "acme"),
        "link": (
            "https://console.cloud.google.com/monitoring/alerting/incidents/0.abcdef123456"
            "?project=acme-warehouse"
        ),
    }


def test_a_closed_incident_is_the_same_alert_resolved() -> None:
    (closed,) = claims_in("gcp-monitoring/closed")
    assert closed.status == "resolved"
    assert closed.fingerprint == claims_in("gcp-monitoring/open")[0].fingerprint


@pytest.mark.parametrize(
    ("severity", "expected"),
    [("Critical", "critical"), ("Warning", "medium"), ("No severity", "medium"), (None, "medium")],
)
def test_severity_is_the_policys_word(severity: str | None, expected: str) -> None:
    body = payload("gcp-monitoring/open")
    body["incident"]["severity"] = severity
    assert read("gcp-monitoring", body)[0].severity == expected


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"incident_id": None}, "incident.incident_id"),
        ({"state": "ajar"}, "incident.state"),
        ({"summary": None, "policy_name": [], "condition_name": {}}, "incident.policy_name"),
    ],
)
def test_a_wrong_field_is_named(change: dict[str, object], field: str) -> None:
    body = payload("gcp-monitoring/open")
    body["incident"] |= change
    assert refused_field("gcp-monitoring", body) == field


def test_a_body_without_an_incident_is_refused() -> None:
    assert refused_field("gcp-monitoring", {"version": "1.2"}) == "incident"

"""Grafana's webhooks, the one of unified alerting and the one before it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from flows.intake.adapters import alertmanager
from tests.harness.claims import claims_in, payload, read, refused_field, told


def test_each_alert_tells_all_it_offers_and_links_to_its_panel() -> None:
    first, second = claims_in("grafana/firing")
    assert told(first) == {
        "status": "firing",
        "severity": "high",
        "original_severity": "high",
        "title": "Data leak suspected: exports doubled",
        "occurred_at": datetime(2026, 3, 2, 10, 0, tzinfo=timezone(timedelta(hours=2))),
        "category": "data_loss",
        "observables": {("host", "crm-1")},
        "ids": ("c6ea1ffa33fcdf37",),
        "client_hints": ("acme",),
        "link": "https://grafana.example.org/d/abc?viewPanel=2",
    }
    assert (second.title, second.severity, second.status) == ("High load", "medium", "firing")
    assert second.occurred_at == datetime(2026, 3, 2, 10, 5, tzinfo=UTC)


def test_a_resolved_alert_is_the_same_alert() -> None:
    (resolved,) = claims_in("grafana/resolved")
    assert resolved.status == "resolved"
    assert resolved.fingerprint == claims_in("grafana/firing")[0].fingerprint


def test_a_rule_of_a_dashboard_tells_all_it_offers_and_has_no_time() -> None:
    (alerting,) = claims_in("grafana/legacy-alerting")
    assert told(alerting) == {
        "status": "firing",
        "severity": "critical",
        "original_severity": "critical",
        "title": "Bulk exports above usual",
        "category": "data_loss",
        "observables": {("host", "crm-1.example.org")},
        "ids": ("58",),
        "client_hints": ("acme",),
        "link": "https://grafana.example.org/d/abc?panelId=2",
    }
    (over,) = claims_in("grafana/legacy-ok")
    assert (over.status, over.fingerprint) == ("resolved", alerting.fingerprint)


@pytest.mark.parametrize(("state", "status"), [("no_data", "firing"), ("paused", "resolved")])
def test_a_rule_without_data_is_not_over_and_a_paused_one_is(state: str, status: str) -> None:
    assert read("grafana", payload("grafana/legacy-ok") | {"state": state})[0].status == status


def test_grafana_is_not_taken_for_alertmanager() -> None:
    assert not alertmanager.ADAPTER.recognises(payload("grafana/firing"))


@pytest.mark.parametrize(
    ("name", "change", "field"),
    [
        ("legacy-ok", {"state": "maybe"}, "state"),
        ("legacy-ok", {"ruleId": None}, "ruleId"),
        ("legacy-ok", {"ruleName": [], "title": None}, "ruleName"),
        ("firing", {"alerts": 7}, "alerts"),
    ],
)
def test_a_wrong_field_is_named(name: str, change: dict[str, object], field: str) -> None:
    assert refused_field("grafana", payload(f"grafana/{name}") | change) == field

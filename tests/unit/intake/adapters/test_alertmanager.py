"""Prometheus Alertmanager's webhook, read to the last field."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from tests.harness.claims import claims_in, payload, read, refused_field, told


def test_a_firing_alert_tells_all_its_labels_and_annotations_offer() -> None:
    first, _ = claims_in("alertmanager/firing")
    assert told(first) == {
        "status": "firing",
        "severity": "critical",
        "original_severity": "critical",
        "title": "Bulk export of 4,000 records",
        "occurred_at": datetime(2026, 3, 2, 10, 0, 0, 123456, tzinfo=UTC),
        "category": "data_loss",
        "observables": {("account", "agent-17"), ("address", "198.51.100.7"), ("host", "crm-1.example.org")},
        "ids": ("0a1b2c3d4e5f6071",),
        "data_hints": ("financial", "health"),
        "client_hints": ("acme",),
        "link": "https://prometheus.example.org/graph?g0.expr=x",
    }


def test_each_alert_of_a_group_is_one_and_takes_the_groups_state_where_it_has_none() -> None:
    _, second = claims_in("alertmanager/firing")
    assert told(second) == {
        "status": "firing",
        "severity": "high",
        "original_severity": "P2",
        "title": "InstanceDown",
        "occurred_at": datetime(2026, 3, 2, 11, 30, tzinfo=timezone(timedelta(hours=1))),
        "category": "outage",
        "link": "https://alerts.example.org",
    }


def test_a_resolved_alert_is_the_same_alert() -> None:
    (resolved,) = claims_in("alertmanager/resolved")
    assert resolved.status == "resolved"
    assert resolved.fingerprint == claims_in("alertmanager/firing")[0].fingerprint


@pytest.mark.parametrize("link", ["javascript:alert(1)", "", None, 7, "http://a b"])
def test_a_link_that_is_none_is_left_out(link: object) -> None:
    group = payload("alertmanager/resolved") | {"externalURL": None}
    group["alerts"][0]["generatorURL"] = link
    assert read("alertmanager", group)[0].link == ""


def test_an_alert_without_labels_is_refused_by_its_field() -> None:
    group = payload("alertmanager/firing")
    group["alerts"][1]["labels"] = {}
    assert refused_field("alertmanager", group) == "alerts.1.labels"

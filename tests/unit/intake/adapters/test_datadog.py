"""Datadog tells of a monitor in a scope, by whatever template was made for it."""

from __future__ import annotations

from datetime import UTC, datetime

from tests.harness.payloads import claim_of, refused, seen_in


def test_a_monitor_is_read_without_its_state_in_the_title() -> None:
    one = claim_of("datadog", "triggered")
    assert one.title == "Data exfiltration from file shares on host:files-01,customer:northwind"
    assert (one.severity, one.original_severity, one.category) == ("critical", "P1", "data_loss")
    assert one.occurred_at == datetime(2026, 3, 1, 9, 59, 50, tzinfo=UTC)
    assert one.ids == ("70017", "160")
    assert one.client_hints == ("northwind", "aws:111122223333", "datadog:831")
    assert one.link == "https://app.datadog.example.org/event/70017"
    assert seen_in(one) == {"account agent-17", "host files-01"}


def test_a_recovered_monitor_is_the_same_one_resolved() -> None:
    fired, over = claim_of("datadog", "triggered"), claim_of("datadog", "recovered")
    assert (fired.status, over.status) == ("firing", "resolved")
    assert (fired.fingerprint, fired.title) == (over.fingerprint, over.title)


def test_the_default_template_is_known_by_its_title() -> None:
    one = claim_of("datadog", "default_template")
    assert (one.title, one.severity, one.status) == ("Odd login of one user", "medium", "firing")


def test_a_body_without_a_title_is_refused() -> None:
    assert refused("datadog", {"monitor_id": 1, "alert_transition": "Triggered", "title": None}) == "title"

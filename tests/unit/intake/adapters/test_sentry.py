"""Sentry tells of an issue, of one of its events, or of a metric."""

from __future__ import annotations

from datetime import UTC, datetime

from tests.harness.payloads import claim_of, refused, seen_in


def test_an_issue_is_read_and_resolved() -> None:
    made, over = claim_of("sentry", "issue_created"), claim_of("sentry", "issue_resolved")
    assert made.title == "PermissionError: export of all clients"
    assert (made.severity, made.original_severity) == ("critical", "fatal")
    assert made.occurred_at == datetime(2026, 3, 1, 10, tzinfo=UTC)
    assert made.ids == ("4001", "PORTAL-17")
    assert made.client_hints == ("sentry:portal", "sentry:77")
    assert made.link == "https://sentry.example.org/issues/4001/"
    assert (made.status, over.status) == ("firing", "resolved")
    assert made.fingerprint == over.fingerprint


def test_an_event_is_of_its_issue() -> None:
    one = claim_of("sentry", "event_alert")
    assert one.fingerprint == claim_of("sentry", "issue_created").fingerprint
    assert (one.severity, one.client_hints) == ("high", ("northwind", "sentry:77"))
    assert seen_in(one) == {
        *("account agent-17", "address 198.51.100.7", "email agent-17@example.org"),
        *("host web-01", "url https://portal.example.org/export"),
    }


def test_a_metric_alert_has_its_action_for_a_severity() -> None:
    one = claim_of("sentry", "metric_alert")
    assert (one.title, one.severity, one.original_severity) == (
        "Warning: errors above 100",
        "medium",
        "warning",
    )
    assert one.occurred_at == datetime(2026, 3, 1, 10, tzinfo=UTC)


def test_the_older_webhook_is_read() -> None:
    one = claim_of("sentry", "older_webhook")
    assert (one.title, one.severity, one.ids) == ("Slow export", "medium", ("4002", "cd17"))


def test_what_names_nothing_is_refused() -> None:
    assert refused("sentry", {"action": "created", "data": {}}) == "data.issue"
    assert refused("sentry", {"action": "created", "data": {"issue": {"title": "x"}}}) == "data.issue.id"
    assert refused("sentry", {"action": "created", "data": {"issue": {"id": "1"}}}) == "title"

"""PagerDuty tells of incidents by three webhooks, and takes events of other tools."""

from __future__ import annotations

from datetime import UTC, datetime

from tests.harness.payloads import claim_of, claims_of, refused, seen_in


def test_an_incident_is_read_and_resolved() -> None:
    opened, over = claim_of("pagerduty", "v3_triggered"), claim_of("pagerduty", "v3_resolved")
    assert opened.title == "Unauthorized access to the client portal"
    assert (opened.severity, opened.original_severity, opened.category) == ("critical", "P1", "credential")
    assert opened.occurred_at == datetime(2026, 3, 1, 10, tzinfo=UTC)
    assert opened.ids == ("PQ17", "k-17", "E1")
    assert opened.client_hints == ("pagerduty:PS1",)
    assert opened.link == "https://example.pagerduty.example.org/incidents/PQ17"
    assert (opened.status, over.status) == ("firing", "resolved")
    assert opened.fingerprint == over.fingerprint
    assert (over.severity, over.original_severity) == ("high", "high")


def test_each_message_of_an_older_webhook_is_one() -> None:
    first, second = claims_of("pagerduty", "v2_messages")
    assert first.fingerprint == claim_of("pagerduty", "v3_triggered").fingerprint
    assert (first.severity, first.status) == ("medium", "firing")
    assert (second.title, second.severity, second.status) == ("Queue is full", "low", "resolved")
    assert claim_of("pagerduty", "v1_message").title == "Backup failed"


def test_a_note_says_nothing_of_the_incidents_state() -> None:
    assert claims_of("pagerduty", "v3_note") == ()


def test_an_event_is_read_without_its_key_and_a_resolve_may_say_nothing_else() -> None:
    sent, over = claim_of("pagerduty", "events_v2_trigger"), claim_of("pagerduty", "events_v2_resolve")
    assert (sent.title, sent.severity, sent.category) == (
        "Bulk export of client records",
        "critical",
        "data_loss",
    )
    assert sent.occurred_at == datetime(2026, 3, 1, 9, tzinfo=UTC)
    assert (sent.client_hints, sent.link) == (("northwind",), "https://watch.example.org/17")
    assert seen_in(sent) == {"account agent-17", "address 198.51.100.7", "host db-17.example.org"}
    assert "routing_key" not in sent.payload
    assert (over.fingerprint, over.status) == (sent.fingerprint, "resolved")


def test_what_names_nothing_is_refused() -> None:
    assert refused("pagerduty", {"event": {"data": {"id": "1"}}}) == "title"
    assert refused("pagerduty", {"event": {"data": None}}) == "event.data"
    assert refused("pagerduty", {"messages": [{"event": "incident.trigger"}]}) == "messages.incident"
    assert refused("pagerduty", {"routing_key": "x", "event_action": "trigger"}) == "summary"

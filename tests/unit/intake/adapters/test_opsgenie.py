"""Opsgenie tells of each action on an alert."""

from __future__ import annotations

from datetime import UTC, datetime

from tests.harness.payloads import claim_of, refused, seen_in


def test_an_alert_is_read_and_closed() -> None:
    made, closed = claim_of("opsgenie", "create"), claim_of("opsgenie", "close")
    assert made.title == "Login from two countries (impossible travel)"
    assert (made.severity, made.original_severity, made.category) == ("high", "P2", "identity")
    assert made.occurred_at == datetime(2026, 3, 1, 10, tzinfo=UTC)
    assert made.ids == ("0a1b-17", "login-17", "17")
    assert made.client_hints == ("northwind",)
    assert seen_in(made) == {"account agent-17", "host vpn-01"}
    assert (made.status, closed.status) == ("firing", "resolved")
    assert made.fingerprint == closed.fingerprint


def test_an_escalation_says_only_its_own_name_of_the_same_alert() -> None:
    one = claim_of("opsgenie", "escalate")
    assert (one.title, one.severity, one.occurred_at) == ("Escalation: night shift", "medium", None)
    assert one.fingerprint == claim_of("opsgenie", "create").fingerprint


def test_an_alert_without_message_or_id_is_refused() -> None:
    assert refused("opsgenie", {"action": "Create", "alert": {"alertId": "1"}}) == "alert.message"
    assert refused("opsgenie", {"action": "Create", "alert": {"message": "x"}}) == "alertId"
    assert refused("opsgenie", {"action": "Create", "alert": "x"}) == "alert"

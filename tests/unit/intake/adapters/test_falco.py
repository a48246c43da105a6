"""Falco tells of a rule that fired, with the fields the rule names."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from flows.intake.kinds import read_claims
from tests.harness.payloads import claim_of, refused, seen_in


def test_an_event_is_read() -> None:
    one = claim_of("falco", "event")
    assert (one.title, one.severity, one.original_severity) == (
        "Terminal shell in container",
        "critical",
        "Critical",
    )
    assert (one.status, one.ids, one.client_hints) == ("firing", ("f-1",), ("northwind", "k8s:northwind"))
    assert one.occurred_at is not None
    assert one.occurred_at.replace(microsecond=0) == datetime(2026, 3, 1, 10, tzinfo=UTC)
    assert seen_in(one) == {
        *("account agent-17", "host node-1", "address 192.0.2.17", "address 198.51.100.7"),
    }


def test_the_same_rule_in_the_same_container_is_the_same_alert() -> None:
    assert claim_of("falco", "event_again").fingerprint == claim_of("falco", "event").fingerprint


def test_an_event_of_cloudtrail_names_account_and_path() -> None:
    one = claim_of("falco", "cloudtrail")
    assert (one.severity, one.category, one.client_hints) == ("medium", "exposure", ("aws:111122223333",))
    assert seen_in(one) == {"account agent-17", "address 203.0.113.9", "file /etc/shadow"}


@pytest.mark.parametrize(
    ("priority", "severity"),
    [
        ("Emergency", "critical"),
        ("Alert", "critical"),
        ("Error", "high"),
        ("Notice", "low"),
        ("Debug", "info"),
    ],
)
def test_the_priority_is_put_on_our_scale(priority: str, severity: str) -> None:
    body = {"rule": "x", "priority": priority, "output": "x"}
    (one,) = read_claims("falco", json.dumps(body).encode()).claims
    assert one.severity == severity


def test_an_event_without_a_rule_is_refused() -> None:
    assert refused("falco", {"rule": None, "priority": "Error", "output": "x"}) == "rule"


def test_the_collector_of_an_audit_log_is_not_the_machine_that_an_event_is_about() -> None:
    body = {
        "rule": "Disallowed K8s User", "priority": "Warning", "output": "x", "source": "k8s_audit",
        "hostname": "falco-collector-7", "output_fields": {"ka.user.name": "agent-17"},
    }  # fmt: skip
    (one,) = read_claims("falco", json.dumps(body).encode()).claims
    assert seen_in(one) == {"account agent-17"}

"""Okta's event hooks and System Log events."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tests.harness.claims import claims_in, payload, read, refused_field, told


def test_an_event_tells_all_it_offers() -> None:
    (one,) = claims_in("okta/event")
    assert told(one) == {
        "status": "firing",
        "severity": "medium",
        "original_severity": "WARN",
        "title": "Grant user privilege",
        "occurred_at": datetime(2026, 3, 2, 10, 0, 0, 621000, tzinfo=UTC),
        "category": "identity",
        "observables": {
            ("account", "agent-17@example.org"),
            ("account", "agent-18@example.org"),
            ("address", "198.51.100.7"),
            ("address", "203.0.113.9"),
        },
        "ids": ("dc9fd3c0-598c-11ef-8478-2b7584bf8d5a",),
        "client_hints": ("acme.okta.example.org",),
    }


def test_each_event_of_a_hook_is_one_and_an_event_without_id_is_known_by_what_it_says() -> None:
    first, second = claims_in("okta/hook")
    assert first == claims_in("okta/event")[0]
    assert told(second) == {
        "status": "firing",
        "severity": "info",
        "original_severity": "INFO",
        "title": "User login to Okta (failure: INVALID_CREDENTIALS)",
        "occurred_at": datetime(2026, 3, 2, 10, 1, tzinfo=UTC),
        "category": "identity",
        "observables": {("account", "agent-19@example.org")},
        "client_hints": ("acme.okta.example.org",),
    }
    hook = payload("okta/hook")
    hook["data"]["events"][1]["displayMessage"] = "Other words"
    assert read("okta", hook)[1].fingerprint == second.fingerprint
    hook["data"]["events"][1]["published"] = "2026-03-02T10:02:00Z"
    assert read("okta", hook)[1].fingerprint != second.fingerprint


def test_a_list_of_the_log_is_read_and_a_type_without_words_is_spoken() -> None:
    _, threat = claims_in("okta/log")
    assert (threat.title, threat.severity) == ("Security threat detected (deny)", "high")
    assert threat.category == "credential"


@pytest.mark.parametrize(
    ("severity", "expected"), [("ERROR", "high"), ("DEBUG", "info"), ("HIGH", "high"), (None, "medium")]
)
def test_severity_is_oktas_word_on_our_scale(severity: str | None, expected: str) -> None:
    assert read("okta", payload("okta/event") | {"severity": severity})[0].severity == expected


def test_an_event_of_the_eventbridge_stream_is_the_same_alert() -> None:
    event = payload("okta/event")
    envelope = {"source": "aws.partner/okta.com/acme/stream", "detail-type": "SystemLog", "detail": event}
    assert read("okta", envelope) == claims_in("okta/event")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"data": {"events": [{"uuid": "x"}]}}, "data.events.0.eventType"),
        ({"data": None}, "data.events"),
        ([{"eventType": "user.session.start"}, 7], "1"),
        ({"uuid": "x"}, "eventType"),
    ],
)
def test_a_wrong_field_is_named(body: object, field: str) -> None:
    assert refused_field("okta", body) == field


def test_a_device_that_was_enrolled_is_not_thereby_lost() -> None:
    event = {**payload("okta/event"), "eventType": "device.enrollment.create"}
    assert read("okta", event)[0].category == "identity"

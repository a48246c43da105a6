"""Microsoft Sentinel's incidents and alerts."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tests.harness.claims import claims_in, payload, read, refused_field, told

SUBSCRIPTION = "00000000-0000-4000-8000-000000000042"
INCIDENT = (
    f"/subscriptions/{SUBSCRIPTION}/resourceGroups/soc/providers/Microsoft.OperationalInsights"
    "/workspaces/soc/providers/Microsoft.SecurityInsights/Incidents/73e01a99"
)


def test_an_incident_of_an_automation_tells_all_it_offers() -> None:
    (one,) = claims_in("sentinel/automation")
    assert told(one) == {
        "status": "firing",
        "severity": "high",
        "original_severity": "High",
        "title": "Mass download by one user",
        "occurred_at": datetime(2026, 3, 2, 10, 0, tzinfo=UTC),
        "category": "data_loss",
        "observables": {
            ("account", "agent-17@example.org"),
            ("address", "198.51.100.7"),
            ("host", "desk-17"),
            ("sha256", "a" * 64),
        },
        "ids": (INCIDENT, "3177", "73e01a99"),
        "data_hints": ("health",),
        "client_hints": (f"azure:{SUBSCRIPTION}",),
        "link": "https://portal.azure.com/#asset/incident/73e01a99",
    }


def test_a_closed_incident_is_the_same_alert_resolved() -> None:
    (closed,) = claims_in("sentinel/closed")
    assert closed.status == "resolved"
    assert closed.fingerprint == claims_in("sentinel/automation")[0].fingerprint


def test_a_row_of_the_alerts_table_tells_what_its_entities_say_as_text() -> None:
    first, _ = claims_in("sentinel/alert-rows")
    assert told(first) == {
        "status": "resolved",
        "severity": "info",
        "original_severity": "Informational",
        "title": "Personal data sent outside",
        "occurred_at": datetime(2026, 3, 2, 10, 0, tzinfo=UTC),
        "category": "data_loss",
        "observables": {
            ("account", "agent-17@example.org"),
            ("file", "members.csv"),
            ("sha1", "b" * 40),
            ("url", "https://drop.example.org/x"),
        },
        "ids": ("5c1a2f", "v-1"),
        "data_hints": ("personal_data",),
        "client_hints": ("azure:00000000-0000-4000-8000-0000000000aa",),
        "link": "https://security.microsoft.com/alerts/5c1a2f",
    }


def test_each_row_is_one_and_entities_that_cannot_be_read_are_left_out() -> None:
    _, second = claims_in("sentinel/alert-rows")
    assert (second.title, second.severity, second.observables) == ("Suspicious process", "medium", ())


def test_a_comment_is_no_incident_and_is_refused_by_its_type() -> None:
    comment = payload("sentinel/closed") | {"type": "Microsoft.SecurityInsights/Incidents/comments"}
    assert refused_field("sentinel", comment) == "type"


@pytest.mark.parametrize("title", [None, "", {}, []])
def test_an_incident_without_a_title_is_refused_by_its_field(title: object) -> None:
    incident = payload("sentinel/closed")
    incident["properties"]["title"] = title
    assert refused_field("sentinel", incident) == "properties.title"


def test_a_row_without_its_id_is_refused_by_its_place() -> None:
    rows = payload("sentinel/alert-rows")
    del rows[1]["SystemAlertId"]
    assert refused_field("sentinel", rows) == "1.systemAlertId"
    assert len(read("sentinel", rows[:1])) == 1


def test_a_label_may_say_whose_the_incident_is() -> None:
    incident = payload("sentinel/automation")
    incident["object"]["properties"]["labels"] = [{"labelName": "client: acme"}, {"labelName": "night-shift"}]
    (one,) = read("sentinel", incident)
    assert "acme" in one.client_hints
    assert "night-shift" not in one.client_hints

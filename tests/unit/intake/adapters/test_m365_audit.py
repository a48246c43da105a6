"""Records of Microsoft 365's audit log."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tests.harness.claims import claims_in, payload, read, refused_field, told

TENANT = ("azure:00000000-0000-4000-8000-0000000000aa",)


def test_a_record_of_sharing_tells_all_it_offers_and_its_time_is_utc() -> None:
    (one,) = claims_in("m365-audit/sharing")
    assert told(one) == {
        "status": "firing",
        "severity": "medium",
        "title": "Anonymous Link Created: members.xlsx (SharePoint)",
        "occurred_at": datetime(2026, 3, 2, 10, 0, tzinfo=UTC),
        "category": "exposure",
        "observables": {
            ("account", "agent-17@example.org"),
            ("address", "198.51.100.7"),
            ("file", "members.xlsx"),
            ("url", "https://example.sharepoint.com/sites/acme/"),
        },
        "ids": ("80c76bd2-9d81-4c57-a97a-accfc3443dca",),
        "client_hints": TENANT,
    }


def test_a_dlp_match_and_an_alert_of_a_list_tell_policy_data_and_state() -> None:
    first, dlp, alert = claims_in("m365-audit/records")
    assert first == claims_in("m365-audit/sharing")[0]
    assert told(dlp) == {
        "status": "firing",
        "severity": "high",
        "original_severity": "High",
        "title": "Card data leaves the house",
        "occurred_at": datetime(2026, 3, 2, 10, 5, tzinfo=UTC),
        "category": "data_loss",
        "observables": {
            ("account", "agent-17@example.org"),
            ("email", "agent-17@example.org"),
            ("email", "someone@example.net"),
        },
        "ids": ("a1b2", "b6a1c2-inc"),
        "data_hints": ("card",),
        "client_hints": TENANT,
    }
    assert told(alert) == {
        "status": "resolved",
        "severity": "low",
        "original_severity": "Low",
        "title": "Suspicious inbox forwarding rule",
        "occurred_at": datetime(2026, 3, 2, 10, 10, tzinfo=UTC),
        "category": "mailbox",
        "ids": ("c3d4", "al-9"),
        "client_hints": TENANT,
        "link": "https://security.microsoft.com/viewalerts?id=al-9",
    }


def test_a_match_that_is_undone_is_the_same_alert_resolved() -> None:
    dlp = payload("m365-audit/records")[1]
    (over,) = read("m365-audit", dlp | {"Operation": "DlpRuleUndo", "Id": "other"})
    assert over.status == "resolved"
    assert over.fingerprint == claims_in("m365-audit/records")[1].fingerprint


@pytest.mark.parametrize("field", ["Id", "Operation"])
def test_a_record_without_what_it_needs_is_refused_by_its_place(field: str) -> None:
    records = payload("m365-audit/records")
    records[2][field] = None
    assert refused_field("m365-audit", records) == f"2.{field}"

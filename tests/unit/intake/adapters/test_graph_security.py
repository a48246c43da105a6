"""Microsoft Graph's security alerts, of both versions."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tests.harness.claims import claims_in, payload, read, refused_field, told

WHOSE = ("azure:00000000-0000-4000-8000-0000000000aa", "azure:00000000-0000-4000-8000-000000000042")


def test_an_alert_tells_all_its_evidence_offers_and_no_account_of_the_system() -> None:
    (one,) = claims_in("graph-security/alert-v2")
    assert told(one) == {
        "status": "firing",
        "severity": "high",
        "original_severity": "high",
        "title": "DLP policy (bank account numbers) matched",
        "occurred_at": datetime(2026, 3, 2, 10, 0, 0, 116000, tzinfo=UTC),
        "category": "data_loss",
        "observables": {
            ("account", "agent-17@example.org"),
            ("host", "desk-17"),
            ("address", "192.0.2.17"),
            ("file", "members.csv"),
            ("sha256", "e" * 64),
            ("url", "https://drop.example.org/x"),
        },
        "ids": ("dl637578995287051192_756343937", "p-1", "28282"),
        "data_hints": ("financial",),
        "client_hints": WHOSE,
        "link": "https://security.microsoft.com/alerts/dl63?tid=00000000-0000-4000-8000-0000000000aa",
    }


def test_a_resolved_alert_of_the_legacy_version_tells_its_states() -> None:
    (one,) = claims_in("graph-security/alerts-v1")
    assert told(one) == {
        "status": "resolved",
        "severity": "medium",
        "original_severity": "medium",
        "title": "Atypical travel",
        "occurred_at": datetime(2026, 3, 2, 10, 0, tzinfo=UTC),
        "category": "identity",
        "observables": {
            ("account", "agent-17@example.org"),
            ("host", "desk-17.example.org"),
            ("address", "192.0.2.17"),
            ("address", "198.51.100.7"),
            ("address", "203.0.113.9"),
            ("domain", "drop.example.org"),
            ("file", "members.csv"),
            ("sha256", "f" * 64),
        },
        "ids": ("A0B1",),
        "client_hints": WHOSE,
        "link": "https://portal.azure.com/x",
    }


def test_an_alert_worked_on_and_resolved_stays_the_same() -> None:
    alert = payload("graph-security/alert-v2")
    states = [read("graph-security", alert | {"status": s})[0] for s in ("new", "inProgress", "resolved")]
    assert [one.status for one in states] == ["firing", "firing", "resolved"]
    assert len({one.fingerprint for one in states}) == 1


def test_a_title_of_an_attack_hints_at_no_data() -> None:
    spray = payload("graph-security/alert-v2") | {"serviceSource": "x", "title": "Password spray"}
    (one,) = read("graph-security", spray)
    assert (one.category, one.data_hints) == ("credential", ())


@pytest.mark.parametrize("field", ["id", "title"])
def test_an_alert_without_what_it_needs_is_refused_by_its_place(field: str) -> None:
    answer = payload("graph-security/alerts-v1")
    answer["value"][0][field] = []
    assert refused_field("graph-security", answer) == f"value.0.{field}"

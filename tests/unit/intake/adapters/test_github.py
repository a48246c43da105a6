"""GitHub's security alerts."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tests.harness.claims import claims_in, payload, read, refused_field, told

AT = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
WHOSE = ("github:Acme", "github:Acme/portal")
PAGE = "https://github.com/Acme/portal/security"


def test_a_leaked_secret_tells_all_it_offers_and_is_graded_high() -> None:
    (one,) = claims_in("github/secret")
    assert told(one) == {
        "status": "firing",
        "severity": "high",
        "title": "Acme/portal: secret of the type Mailchimp API Key",
        "occurred_at": AT,
        "category": "secret_leak",
        "observables": {("account", "agent-17"), ("file", "config/mail.env")},
        "ids": ("Acme/portal#42",),
        "data_hints": ("credentials",),
        "client_hints": WHOSE,
        "link": f"{PAGE}/secret-scanning/42",
    }


def test_a_resolved_secret_is_the_same_alert_and_a_reopened_one_fires_again() -> None:
    (over,) = claims_in("github/secret-resolved")
    assert over.status == "resolved"
    assert over.fingerprint == claims_in("github/secret")[0].fingerprint
    (again,) = read("github", payload("github/secret-resolved") | {"action": "reopened"})
    assert (again.status, again.fingerprint) == ("firing", over.fingerprint)


def test_a_code_alert_takes_the_security_level_and_no_account_of_githubs_own() -> None:
    (one,) = claims_in("github/code")
    assert told(one) == {
        "status": "firing",
        "severity": "critical",
        "original_severity": "critical",
        "title": "Acme/portal: SQL query built from user-controlled sources",
        "occurred_at": AT,
        "category": "policy",
        "observables": {("file", "portal/search.py")},
        "ids": ("Acme/portal#10", "py/sql-injection"),
        "client_hints": WHOSE,
        "link": f"{PAGE}/code-scanning/10",
    }


@pytest.mark.parametrize(("level", "severity"), [("error", "high"), ("warning", "medium"), ("note", "low")])
def test_a_rules_level_is_put_on_our_scale(level: str, severity: str) -> None:
    event = payload("github/code")
    event["alert"]["rule"] = {"id": "x", "severity": level}
    assert read("github", event)[0].severity == severity


def test_a_fixed_dependency_is_resolved() -> None:
    (one,) = claims_in("github/dependabot")
    assert told(one) == {
        "status": "resolved",
        "severity": "medium",
        "original_severity": "medium",
        "title": "Acme/portal: Example leaks its log",
        "occurred_at": AT,
        "category": "vendor",
        "observables": {("file", "requirements.txt")},
        "ids": ("Acme/portal#3", "GHSA-xxxx-yyyy-zzzz", "CVE-2026-0001"),
        "client_hints": WHOSE,
        "link": f"{PAGE}/dependabot/3",
    }


def test_a_repository_made_public_is_an_exposure_until_it_is_private_again() -> None:
    (one,) = claims_in("github/publicized")
    assert told(one) == {
        "status": "firing",
        "severity": "high",
        "title": "Acme/portal: the repository was publicized",
        "category": "exposure",
        "observables": {("account", "agent-17")},
        "ids": ("Acme/portal",),
        "client_hints": WHOSE,
        "link": "https://github.com/Acme/portal",
    }
    (over,) = read("github", payload("github/publicized") | {"action": "privatized"})
    assert (over.status, over.fingerprint) == ("resolved", one.fingerprint)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"repository": None}, "repository"),
        ({"repository": {"full_name": 7.5, "name": "x"}, "alert": None}, "alert"),
        ({"alert": {"secret_type": "x"}}, "alert.number"),
        ({"alert": {"secret_type": None, "number": 1}}, "alert.secret_type_display_name"),
        ({"alert": {"number": 1}}, "alert"),
    ],
)
def test_a_wrong_field_is_named(change: dict[str, object], field: str) -> None:
    assert refused_field("github", payload("github/secret") | change) == field

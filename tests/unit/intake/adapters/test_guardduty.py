"""AWS GuardDuty's findings, as EventBridge, SNS and the API write them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tests.harness.claims import claims_in, payload, read, refused_field, told

ARN = "arn:aws:guardduty:eu-central-1:111122223333:detector/aabb/finding/"


def test_a_finding_tells_all_it_offers() -> None:
    (one,) = claims_in("guardduty/event")
    assert told(one) == {
        "status": "firing",
        "severity": "high",
        "original_severity": "8",
        "title": "The user agent-17 read objects in an unusual way.",
        "occurred_at": datetime(2026, 3, 2, 10, 0, tzinfo=UTC),
        "category": "data_loss",
        "observables": {("account", "agent-17"), ("address", "198.51.100.7"), ("file", "list.csv")},
        "ids": ("16afba5c5c43e07c9e3e5e2e544e95df", f"{ARN}16afba5c5c43e07c9e3e5e2e544e95df"),
        "client_hints": ("aws:111122223333", "acme", "s3:acme-exports"),
    }


def test_an_archived_finding_in_the_apis_spelling_is_resolved_and_its_times_are_utc() -> None:
    (one,) = claims_in("guardduty/archived")
    assert told(one) == {
        "status": "resolved",
        "severity": "low",
        "original_severity": "2",
        "title": "198.51.100.9 is performing RDP brute force attacks against i-0123456789abcdef0.",
        "occurred_at": datetime(2026, 3, 2, 8, 10, 58, tzinfo=UTC),
        "category": "credential",
        "observables": {
            ("host", "i-0123456789abcdef0"),
            ("address", "192.0.2.17"),
            ("address", "203.0.113.17"),
            ("address", "198.51.100.9"),
        },
        "ids": ("02ba7e2d", f"{ARN}02ba7e2d"),
        "client_hints": ("aws:111122223333", "beta"),
    }


def test_a_finding_is_the_same_through_sns() -> None:
    assert claims_in("guardduty/through-sns") == claims_in("guardduty/event")


@pytest.mark.parametrize(
    ("kind", "category"),
    [
        ("Policy:S3/BucketAnonymousAccessGranted", "exposure"),
        ("UnauthorizedAccess:IAMUser/ConsoleLoginSuccess.B", "identity"),
        ("CryptoCurrency:EC2/BitcoinTool.B!DNS", "malware"),
        ("Recon:EC2/Portscan", "network"),
        ("Something:New/Entirely", "other"),
    ],
)
def test_a_findings_type_tells_its_category(kind: str, category: str) -> None:
    event = payload("guardduty/event")
    event["detail"] |= {"type": kind, "title": "A finding"}
    assert read("guardduty", event)[0].category == category


def test_a_finding_without_its_account_is_refused_by_its_field() -> None:
    event = payload("guardduty/event")
    del event["detail"]["accountId"]
    assert refused_field("guardduty", event) == "detail.accountId"


def test_a_role_is_named_with_its_account_for_every_organisation_has_roles_of_that_name() -> None:
    event = payload("guardduty/event")
    who = event["detail"]["resource"]["accessKeyDetails"]
    who |= {"userName": "OrganizationAccountAccessRole", "userType": "AssumedRole"}
    (one,) = read("guardduty", event)
    assert ("account", "111122223333/OrganizationAccountAccessRole") in told(one)["observables"]
    assert ("account", "OrganizationAccountAccessRole") not in told(one)["observables"]

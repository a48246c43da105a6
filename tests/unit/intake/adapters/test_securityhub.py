"""AWS Security Hub's findings, alone, in EventBridge's envelope and in batches."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from flows.intake.adapters.shapes import ALERTS_PER_REQUEST
from tests.harness.claims import claims_in, payload, read, refused_field, told


def test_a_finding_tells_all_it_offers() -> None:
    first, _ = claims_in("securityhub/imported")
    assert told(first) == {
        "status": "firing",
        "severity": "high",
        "original_severity": "HIGH",
        "title": "Unusual reading of a bucket",
        "occurred_at": datetime(2026, 3, 2, 10, 0, tzinfo=UTC),
        "category": "data_loss",
        "observables": {
            ("account", "agent-17"),
            ("account", "exporter"),
            ("address", "192.0.2.17"),
            ("address", "198.51.100.7"),
            ("domain", "drop.example.org"),
            ("host", "i-0123456789abcdef0"),
        },
        "ids": (
            "arn:aws:guardduty:eu-central-1:111122223333:detector/aabb/finding/ccdd",
            "arn:aws:guardduty:detector/aabb",
        ),
        "data_hints": ("card", "financial"),
        "client_hints": ("aws:111122223333", "acme", "s3:acme-exports"),
        "link": "https://eu-central-1.console.aws.amazon.com/guardduty/home?region=eu-central-1",
    }


def test_several_findings_are_several_claims_and_a_passed_check_is_resolved() -> None:
    _, second = claims_in("securityhub/imported")
    assert told(second) == {
        "status": "resolved",
        "severity": "low",
        "original_severity": "39",
        "title": "S3.1 Block Public Access should be enabled",
        "occurred_at": datetime(2026, 3, 2, 9, 0, tzinfo=UTC),
        "category": "policy",
        "ids": (
            "arn:aws:securityhub:eu-central-1:111122223333:subscription/x/S3.1/finding/1",
            "aws-foundational-security-best-practices/v/1.0.0/S3.1",
        ),
        "client_hints": ("aws:111122223333",),
    }
    assert claims_in("securityhub/batch") == claims_in("securityhub/imported")
    assert read("securityhub", payload("securityhub/batch")["Findings"]) == claims_in("securityhub/batch")


@pytest.mark.parametrize(
    "change",
    [
        {"RecordState": "ARCHIVED"},
        {"Workflow": {"Status": "SUPPRESSED"}},
        {"Compliance": {"Status": "PASSED"}},
    ],
)
def test_a_finding_put_away_is_the_same_alert_resolved(change: dict[str, Any]) -> None:
    finding = payload("securityhub/archived") | {"RecordState": "ACTIVE"}
    ((active,), (over,)) = read("securityhub", finding), read("securityhub", finding | change)
    assert (active.status, over.status) == ("firing", "resolved")
    assert active.fingerprint == over.fingerprint


@pytest.mark.parametrize(
    ("severity", "expected"),
    [
        ({"Label": "CRITICAL"}, "critical"),
        ({"Normalized": 90}, "critical"),
        ({"Normalized": 70}, "high"),
        ({"Normalized": 40}, "medium"),
        ({"Normalized": 1}, "low"),
        ({"Normalized": 0}, "info"),
        (None, "medium"),
    ],
)
def test_severity_is_the_label_or_the_documented_bounds(severity: Any, expected: str) -> None:
    assert (
        read("securityhub", payload("securityhub/archived") | {"Severity": severity})[0].severity == expected
    )


@pytest.mark.parametrize("field", ["Id", "Title", "ProductArn"])
def test_a_finding_without_what_it_needs_is_refused_by_its_field(field: str) -> None:
    event = payload("securityhub/imported")
    del event["detail"]["findings"][1][field]
    assert refused_field("securityhub", event) == f"detail.findings.1.{field}"


def test_more_findings_than_one_request_may_carry_are_refused() -> None:
    many = payload("securityhub/batch")["Findings"][:1] * (ALERTS_PER_REQUEST + 1)
    assert refused_field("securityhub", {"Findings": many}) == "Findings"

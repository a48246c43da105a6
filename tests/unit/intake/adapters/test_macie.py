"""Amazon Macie's findings of data and of policy."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from flows.intake.adapters.macie_data import data_called
from tests.harness.claims import claims_in, payload, read, refused_field, told


def test_a_finding_of_data_tells_all_it_offers() -> None:
    (one,) = claims_in("macie/sensitive-data")
    assert told(one) == {
        "status": "firing",
        "severity": "high",
        "original_severity": "High",
        "title": "The S3 object contains multiple categories of sensitive data.",
        "occurred_at": datetime(2026, 3, 2, 18, 19, 10, 123000, tzinfo=UTC),
        "category": "cardholder",
        "observables": {("file", "acme-exports/2026/members.csv")},
        "ids": ("64b917aa-3843-014c-91d8-937ffexample", "3ce05dbb"),
        "data_hints": ("card", "financial", "government_id", "contact", "personal_data", "health"),
        "client_hints": ("aws:111122223333", "acme", "s3:acme-exports"),
    }


def test_each_finding_of_a_batch_is_one_and_a_public_bucket_is_an_exposure() -> None:
    first, second = claims_in("macie/findings")
    assert first == claims_in("macie/sensitive-data")[0]
    assert told(second) == {
        "status": "resolved",
        "severity": "high",
        "original_severity": "3",
        "title": "The S3 bucket is publicly accessible.",
        "occurred_at": datetime(2026, 3, 2, 18, 20, tzinfo=UTC),
        "category": "exposure",
        "observables": {("account", "agent-17"), ("address", "198.51.100.7")},
        "ids": ("64b917aa-policy",),
        "client_hints": ("aws:111122223333", "acme", "s3:acme-exports"),
    }


def test_an_archived_finding_is_the_same_alert_resolved() -> None:
    finding = payload("macie/sensitive-data")["detail"]
    (archived,) = read("macie", finding | {"archived": True, "count": 2})
    assert archived.status == "resolved"
    assert archived.fingerprint == claims_in("macie/sensitive-data")[0].fingerprint


@pytest.mark.parametrize(
    ("identifier", "hints"),
    [
        ("USA_SOCIAL_SECURITY_NUMBER", ("government_id",)),
        ("GERMANY_DRIVERS_LICENSE", ("government_id",)),
        ("IBAN", ("financial",)),
        ("AWS_CREDENTIALS", ("credentials",)),
        ("USA_HEALTH_INSURANCE_CLAIM_NUMBER", ("health",)),
        ("LATITUDE_LONGITUDE", ("location",)),
        ("VEHICLE_IDENTIFICATION_NUMBER", ("personal_data",)),
        ("NAME", ("personal_data",)),
        ("SOMETHING_NEW", ()),
    ],
)
def test_a_managed_identifier_tells_which_data_it_is(identifier: str, hints: tuple[str, ...]) -> None:
    assert data_called(identifier) == hints


@pytest.mark.parametrize("field", ["id", "accountId", "title"])
def test_a_finding_without_what_it_needs_is_refused_by_its_field(field: str) -> None:
    batch = payload("macie/findings")
    batch["findings"][1][field] = None
    assert refused_field("macie", batch) == f"findings.1.{field}"

"""An OCSF finding says in numbers how grave it is, in which state, and of which data."""

from __future__ import annotations

from datetime import UTC, datetime

from tests.harness.payloads import claim_of, claims_of, refused, seen_in


def test_a_finding_is_read() -> None:
    one = claim_of("ocsf", "detection_finding")
    assert (one.title, one.severity, one.original_severity) == ("Bucket is publicly readable", "high", "High")
    assert (one.status, one.category, one.data_hints) == ("firing", "exposure", ())
    assert one.occurred_at == datetime(2026, 3, 1, 10, tzinfo=UTC)
    assert one.ids == ("f-17", "bucket_public")
    assert one.client_hints == ("aws:111122223333", "ocsf:t-1", "northwind", "northwind-eu")
    assert one.link == "https://posture.example.org/f-17"
    assert seen_in(one) == {
        *("account agent-17", "email agent-17@example.org", "address 198.51.100.7"),
        *("file clients.csv", f"sha256 {'ab' * 32}", "host ws-17"),
    }


def test_a_check_that_passes_and_a_closed_finding_are_the_same_one_resolved() -> None:
    failed, passed = claim_of("ocsf", "detection_finding"), claim_of("ocsf", "detection_finding_passed")
    closed, _ = claims_of("ocsf", "batch")
    assert (passed.status, closed.status) == ("resolved", "resolved")
    assert failed.fingerprint == passed.fingerprint == closed.fingerprint


def test_a_data_security_finding_says_which_data() -> None:
    _, one = claims_of("ocsf", "batch")
    assert (one.severity, one.category) == ("critical", "data_loss")
    assert one.data_hints == ("personal_data", "card", "health")
    assert one.occurred_at == datetime(2026, 3, 1, 10, tzinfo=UTC)


def test_a_finding_without_title_or_uid_is_refused() -> None:
    assert refused("ocsf", {"class_uid": 2004, "finding_info": {"uid": "1"}}) == "finding_info.title"
    assert refused("ocsf", {"class_uid": 2004, "finding_info": {"title": "x"}}) == "finding_info.uid"

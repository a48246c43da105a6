"""Falcon tells of detections, incidents and its own audit, in four shapes."""

from __future__ import annotations

from datetime import UTC, datetime

from tests.harness.payloads import claim_of, claims_of, refused, seen_in


def test_a_detection_of_the_event_stream_is_read() -> None:
    one = claim_of("crowdstrike", "detection")
    assert one.title == "Credential Theft: A process read the memory of LSASS."
    assert (one.severity, one.original_severity, one.status) == ("high", "High", "firing")
    assert (one.category, one.ids) == ("credential", ("c1d2:ind:aa17:1-2-3",))
    assert one.occurred_at == datetime(2026, 3, 1, 10, 0, 5, tzinfo=UTC)
    assert one.client_hints == ("crowdstrike:c1d2",)
    assert one.link == "https://falcon.example.org/detections/1?_cid=c1d2"
    assert seen_in(one) == {
        *("account agent-17", "host ws-17", "address 192.0.2.17"),
        *("file \\Device\\Temp\\", "file dump.exe", f"sha256 {'ab' * 32}"),
    }


def test_the_api_closes_the_same_detection() -> None:
    opened, closed = claim_of("crowdstrike", "detection"), claim_of("crowdstrike", "detection_closed")
    assert (closed.fingerprint, closed.status) == (opened.fingerprint, "resolved")


def test_each_incident_of_an_answer_is_graded_by_its_score() -> None:
    first, second = claims_of("crowdstrike", "incidents")
    assert (first.severity, first.original_severity, first.status) == ("critical", "82", "firing")
    assert (second.severity, second.original_severity, second.status) == ("info", "3", "resolved")
    assert seen_in(first) == {"account agent-17", "host ws-17"}


def test_an_audit_event_is_who_did_what_to_whom() -> None:
    one = claim_of("crowdstrike", "audit_event")
    assert (one.title, one.category) == ("CrowdStrike Authentication: grantUserRoles", "identity")
    assert one.occurred_at == datetime(2026, 3, 1, 10, tzinfo=UTC)
    assert seen_in(one) == {
        *("account admin@example.org", "account agent-17@example.org", "address 198.51.100.7"),
    }


def test_a_row_of_cef_names_the_document_and_the_detection_by_its_link() -> None:
    one = claim_of("crowdstrike", "cef_row")
    assert one.title == "Machine Learning: Document Access In A Detection Summary Event"
    assert (one.severity, one.original_severity) == ("high", "4")
    assert one.occurred_at == datetime(2026, 3, 1, 22, 0, 1, tzinfo=UTC)
    assert one.link == "https://falcon.example.org/detections/detail/aa/17?_cid=c1d2"
    assert {"file clients.xlsx", "host ws-17", "account agent-17"} <= seen_in(one)


def test_an_event_that_names_nothing_is_refused() -> None:
    meta = {"customerIDString": "c", "eventType": "x"}
    assert refused("crowdstrike", {"metadata": meta, "event": {"CompositeId": "1"}}) == "event.Name"
    assert refused("crowdstrike", {"metadata": meta, "event": {"Name": "x"}}) == "event.CompositeId"
    assert refused("crowdstrike", {"resources": ["x"]}) == "resources.0"

"""ElastAlert posts the fields of a match that its rule chose."""

from __future__ import annotations

from datetime import UTC, datetime

from tests.harness.payloads import claim_of, refused, seen_in


def test_a_match_with_its_counts_is_read() -> None:
    one = claim_of("elastalert", "match")
    assert (one.title, one.severity, one.original_severity) == ("Failed logins of one user", "high", "2")
    assert (one.status, one.category, one.client_hints) == ("firing", "credential", ("northwind",))
    assert one.occurred_at == datetime(2026, 3, 1, 10, tzinfo=UTC)
    assert (one.ids, one.link) == (("doc-1",), "https://kibana.example.org/app/discover#2")
    assert seen_in(one) == {"account agent-17", "address 198.51.100.7", "host vpn-01"}


def test_a_flat_row_with_a_name_is_read_as_utc() -> None:
    one = claim_of("elastalert", "static_name")
    assert (one.title, one.severity) == ("Export over limit", "medium")
    assert one.occurred_at == datetime(2026, 3, 1, 10, tzinfo=UTC)


def test_a_match_that_does_not_say_its_rule_is_refused() -> None:
    assert refused("elastalert", {"@timestamp": "2026-03-01T10:00:00Z", "num_hits": 1}) == "rule_name"

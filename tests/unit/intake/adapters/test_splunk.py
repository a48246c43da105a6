"""Splunk tells of a saved search, or of a notable event with a life of its own."""

from __future__ import annotations

import json
from datetime import UTC, datetime

from flows.intake.kinds import read_claims
from tests.harness.payloads import claim_of, refused, seen_in


def test_an_alert_action_is_its_search_and_its_first_row() -> None:
    one = claim_of("splunk", "alert_action")
    assert (one.title, one.severity, one.original_severity) == ("Bulk download by one user", "high", "high")
    assert (one.status, one.category, one.client_hints) == ("firing", "data_loss", ("northwind",))
    assert one.occurred_at == datetime(2026, 3, 1, 9, 59, 50, tzinfo=UTC)
    assert one.ids == ("scheduler__agent17__search__RMD5a1b2_at_1772359200_42",)
    assert one.link == "https://splunk.example.org/app/search/@go?sid=scheduler_42"
    wanted = {"account agent-17", "address 198.51.100.7", "file /exports/clients.csv", "host files-01"}
    assert seen_in(one) == wanted


def test_a_notable_is_the_same_when_it_is_closed() -> None:
    new, closed = claim_of("splunk", "notable_new"), claim_of("splunk", "notable_closed")
    assert (new.status, closed.status) == ("firing", "resolved")
    assert new.fingerprint == closed.fingerprint
    assert (new.title, new.severity, new.category) == ("Brute force against vpn-01", "critical", "credential")
    assert new.ids == ("3F0A-9@@notable@@77", "scheduler__es_1")
    assert new.client_hints == ("aws:111122223333",)
    assert {"account agent-17", "account agent-18", "address 203.0.113.9"} <= seen_in(new)


def test_the_same_search_is_another_alert_for_another_host_but_not_for_another_run() -> None:
    def of(sid: str, host: str) -> str:
        row = {"host": host, "_time": sid}
        body = {"sid": sid, "owner": "admin", "app": "search", "search_name": "Exports", "result": row}
        (one,) = read_claims("splunk", json.dumps(body).encode()).claims
        return one.fingerprint

    assert of("1", "files-01") == of("2", "files-01") != of("2", "files-02")


def test_a_row_without_a_name_says_its_raw_text_and_without_that_it_is_refused() -> None:
    assert refused("splunk", {"sid": "1", "owner": "a", "result": {"_raw": "one line"}}) == ""
    assert refused("splunk", {"sid": "1", "owner": "a", "result": {"host": "files-01"}}) == "search_name"
    assert refused("splunk", {"sid": "1", "owner": "a", "result": [1]}) == "result"

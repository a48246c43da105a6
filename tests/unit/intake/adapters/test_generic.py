"""Our own small shape: what it names is found, one or many, and what only hints never refuses an alert."""

from __future__ import annotations

from typing import Any

import pytest

from flows.intake.adapters import generic
from flows.intake.claims import Claim
from flows.intake.kinds import recognised


def read(**fields: Any) -> Claim:
    return generic.read({"title": "t", **fields})[0]


@pytest.mark.parametrize(
    ("fields", "found"),
    [
        ({"account": "agent-17"}, {("account", "agent-17")}),
        ({"accounts": ["agent-17", "agent-18"]}, {("account", "agent-17"), ("account", "agent-18")}),
        ({"account": "a-1", "accounts": ["a-2"]}, {("account", "a-1"), ("account", "a-2")}),
        ({"user": 4711}, {("account", "4711")}),
        ({"host": "CRM-01"}, {("host", "crm-01")}),
        ({"address": ["192.0.2.1", "a@example.org"]}, {("address", "192.0.2.1"), ("email", "a@example.org")}),
        ({"labels": {"user": "agent-17", "host": "crm-01"}}, {("account", "agent-17"), ("host", "crm-01")}),
        ({"labels": {"team": "desk"}}, set()),
        ({"account": None, "hosts": {"a": 1}, "address": [None, True, {}, "no address"]}, set()),
    ],
)  # fmt: skip
def test_what_it_names_is_found_alone_or_in_a_list(
    fields: dict[str, Any], found: set[tuple[str, str]]
) -> None:
    assert {(one.kind, one.value) for one in read(**fields).observables} == found


def test_clients_ids_and_data_are_hinted() -> None:
    one = read(client="acme", labels={"client": "globex"}, ids=["T-1", 2], data_hints=["health", "nonsense"])
    assert one.client_hints == ("acme", "globex")
    assert one.ids == ("T-1", "2")
    assert one.data_hints == ("health",)


def test_a_category_and_a_link_that_are_none_are_passed_over() -> None:
    good = read(category="data_loss", link="https://example.org/1")
    assert (good.category, good.link) == ("data_loss", "https://example.org/1")
    odd = read(category="fishy", link="javascript:alert(1)")
    assert (odd.category, odd.link) == ("other", "")


@pytest.mark.parametrize(
    ("word", "level"), [("WARNING", "medium"), ("p1", "critical"), ("", "medium"), (None, "medium")]
)
def test_severity_is_by_its_word_and_kept_in_it(word: str | None, level: str) -> None:
    one = read(severity=word)
    assert (one.severity, one.original_severity) == (level, word or "")


def test_hints_change_no_fingerprint() -> None:
    assert read(account="a").fingerprint == read(account="b", category="malware").fingerprint


@pytest.mark.parametrize(
    ("body", "is_ours"),
    [
        ({"title": "t"}, True),
        ({"name": "t", "severity": "low"}, True),
        ([{"title": "t", "labels": {}}], True),
        ({"title": "t", "fingerprint": "x", "department": "post"}, True),
        ({"title": "t", "department": "post"}, False),
        ({"severity": "high"}, False),
        ([], False),
        ("title", False),
    ],
)
def test_our_own_shape_is_told_from_others(body: Any, is_ours: bool) -> None:
    assert (recognised(body) is generic.ADAPTER) is is_ours

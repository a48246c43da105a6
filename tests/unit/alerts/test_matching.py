"""Conditions over alerts: what they mean, what they refuse, and that nothing in an alert can break them."""

from __future__ import annotations

import pytest

from playbooks.alerts.attributes import ATTRIBUTES
from playbooks.alerts.matching import categories_of, compile_match, match_faults
from playbooks.alerts.view import AlertView
from playbooks.errors import ConditionFault

SEEN = AlertView(
    source="siem",
    kind="okta",
    title=" Nightly Backup failed on WS-17 ",
    category="identity",
    severity="high",
    accounts=("Agent-17@example.org", r"EXAMPLE\svc-backup"),
    hosts=("ws-17",),
    addresses=("192.0.2.7",),
    clients=("ACME",),
    data_hints=("health", "contact"),
)


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ('source == "siem"', True),
        ('"SIEM" == source', True),
        ('source != "siem"', False),
        ('kind in ["okta", "github"]', True),
        ('kind not in ["okta", "github"]', False),
        ('"backup" in title', True),
        ('"BACKUP FAILED" in title', True),
        ('"restore" in title', False),
        ('title == "nightly backup failed on ws-17"', True),
        ('"agent-17@example.org" in accounts', True),
        ('"agent-17" in accounts', False),
        (r'"example\SVC-backup" in accounts', True),
        ('"192.0.2.7" in addresses and "acme" in clients', True),
        ('severity in ["high", "critical"] and not status == "resolved"', True),
        ('category == "identity" or category == "credential"', True),
        ('"health" in data_hints', True),
        ('"card" in data_hints or "contact" in data_hints', True),
        ('"card" in data_hints or "children" in data_hints', False),
        ('"card" in data_hints or "ws-17" in hosts', True),
        ('"card" not in data_hints', True),
        ('("x" in title or "backup" in title) and ("ws-1" in hosts or "ws-17" in hosts)', True),
    ],
)
def test_a_condition_over_alerts_means_what_it_says(text: str, holds: object) -> None:
    assert compile_match(text)(SEEN) is holds


@pytest.mark.parametrize(
    "text",
    [
        'playbook == "phishing"',
        '"example.org" in domains',
        '"x" in title',
        'title in ["x"]',
        '"a" in accounts',
    ],
)
def test_what_is_empty_equals_nothing_and_holds_nothing(text: str) -> None:
    nothing = AlertView(source="", kind="")
    assert not compile_match(text)(nothing)
    assert compile_match(f"not ({text})")(nothing)


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("", "empty"),
        ("title", "not a yes-no field"),
        ("account == 'x'", "did you mean `accounts`"),
        ('accounts == "x"', 'write "text" in accounts'),
        ('severity == "hgih"', "critical, high, medium, low, info"),
        ('severity > "low"', "a choice is equal or not"),
        ('title < "a"', "holds another"),
        ('"" in title', "a text between quotes"),
        (f'"{"x" * 201}" in title', "a text between quotes"),
        ("1 in accounts", "a text between quotes"),
        ('"high" in severity', "several values"),
        ('accounts in ["a"]', "`in` takes"),
        ('any("x" in title)', "there are no calls"),
        ('title.startswith("x")', "there are no calls"),
        ("__import__('os').system('true')", "there are no calls"),
        ("title.__class__ == 'x'", "not a field"),
        ("personal_data", "not a field"),
        ("'x' in title " + "or 'x' in title " * 100, "longer than"),
        ("not " * 20 + "'x' in title", "nested deeper"),
        ("'x' in title\x00", "control characters"),
        ("title == 'a\\", "not an expression"),
        ("f'{title}' == 'x'", "not a field"),
        ("[title for x in 'y'] == 'x'", "not a field"),
    ],
)
def test_what_is_outside_the_language_is_refused_with_its_mend(text: str, what: str) -> None:
    with pytest.raises(ConditionFault) as fault:
        compile_match(text)
    assert what in str(fault.value)
    assert all(one.mend for one in match_faults(text))


def test_a_column_counts_each_backslash_once() -> None:
    (fault,) = match_faults(r'"a\b\c" in accounts and titel == "x"')
    assert fault.what.startswith("column 25:")


def test_every_field_that_an_alert_has_can_be_asked_for() -> None:
    assert tuple(one.name for one in ATTRIBUTES) == AlertView.__slots__


@pytest.mark.parametrize(
    ("text", "categories"),
    [
        ('category == "malware" and "x" in title', {"malware"}),
        ('category == "malware" or category in ["phishing"]', {"malware", "phishing"}),
        ('category in ["malware", "other"] and (category == "other" or "x" in title)', {"malware", "other"}),
    ],
)
def test_the_categories_for_which_a_condition_can_hold_are_known_before(
    text: str, categories: object
) -> None:
    assert categories_of(text) == categories


@pytest.mark.parametrize(
    "text", ['"x" in title', 'category == "malware" or "x" in title', 'category != "other"']
)
def test_a_condition_that_names_no_category_is_asked_for_all(text: str) -> None:
    assert len(categories_of(text)) == 19

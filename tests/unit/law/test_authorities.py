"""Who is told by name: one notice meets what is owed to one authority, and nothing owed to another."""

from __future__ import annotations

from collections import defaultdict

import pytest

from playbooks.law import Rule
from playbooks.rulebook import load_rules
from playbooks.vocabulary import whom

RULES = load_rules()
AUTHORITIES = frozenset(
    {
        *("supervisory_authority", "csirt_or_competent_authority", "financial_authority", "health_authority"),
        *("attorney_general", "card_brand"),
    }
)
TO_AUTHORITIES = [rule for rule in RULES.values() if rule.recipient in AUTHORITIES]
APART = [
    ("IN-CERTIN-6H", "IN-RBI-6H"),
    ("IN-RBI-6H", "IN-SEBI-6H"),
    ("PCI-VISA-WTDIC", "PCI-MC-ADC"),
    ("EU-GDPR-33-1", "UK-GDPR-33-1"),
    ("EU-GDPR-33-1", "EU-TELECOM-611"),
    ("EU-NIS2-23-4b", "EU-CRA-14-notice"),
    ("JP-APPI-prelim", "KR-PIPA-34-3"),
    ("US-BANK-36H", "US-NYDFS-500.17a"),
    ("CN-INC-4H", "CN-INC-1H"),
]
TOGETHER = [
    ("EU-GDPR-33-1", "EU-GDPR-33-4"),
    ("UK-GDPR-33-1", "UK-PECR-5A"),
    ("BR-ANPD15-6", "BR-ANPD15-6-small"),
    ("US-NYDFS-500.17a", "US-NY-899aa-DFS"),
    ("EU-GDPR-33-2", "UK-GDPR-33-2"),
]


def addressee(rule_id: str) -> tuple[str, str]:
    """Whom the latest text of a rule wants told."""
    latest = [rule for rule in RULES.values() if rule.id == rule_id][-1]
    return latest.recipient, latest.addressee


@pytest.mark.parametrize("rule", TO_AUTHORITIES, ids=lambda rule: rule.key)
def test_a_rule_outside_the_eu_names_its_authority_unless_it_is_a_stub(rule: Rule) -> None:
    """Of the EU the Member State decides; a stub is a reminder that names what is known."""
    assert rule.stub or rule.jurisdiction == "EU" or rule.authority


def test_different_authorities_are_different_addressees() -> None:
    """Also of different countries, and also where an authority is the unnamed one of its place."""
    named: defaultdict[str, set[tuple[str, str]]] = defaultdict(set)
    for rule in TO_AUTHORITIES:
        named[rule.addressee.casefold()].add((rule.jurisdiction, rule.authority))
    assert [names for names in named.values() if len(names) > 1] == []


@pytest.mark.parametrize(("one", "other"), APART)
def test_telling_one_authority_does_not_reach_another(one: str, other: str) -> None:
    assert addressee(one) != addressee(other)


@pytest.mark.parametrize(("one", "other"), TOGETHER)
def test_one_notice_reaches_one_authority_under_all_its_rules(one: str, other: str) -> None:
    assert addressee(one) == addressee(other)


def test_only_a_body_is_named() -> None:
    """People, media and investors have no name, and the client's is not the law's to say."""
    assert {rule.recipient for rule in RULES.values() if rule.authority} <= AUTHORITIES


def test_whom_says_the_name_after_the_kind() -> None:
    assert whom("card_brand", "Visa") == "card brands (Visa)"
    assert whom("acquirer") == "acquirer"

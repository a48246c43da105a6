"""Words of titles and policies hint at what sort of event it is, at data, and at clients."""

from __future__ import annotations

from typing import Any

import pytest

from flows.intake.adapters.hinting import category_of, clients_named, data_hints, prefixed
from playbooks.alerts.view import Category, DataHint


@pytest.mark.parametrize(
    ("title", "category"),
    [
        ("Ransomware note written after a phishing mail", "ransomware"),
        ("Possible data exfiltration to a new domain", "data_loss"),
        ("Brute force against the VPN", "credential"),
        ("Inbox rule forwards all mail", "mailbox"),
        ("Something odd", "other"),
    ],
)
def test_the_gravest_category_that_a_title_tells_of_is_meant(title: str, category: Category) -> None:
    assert category_of(title) == category


def test_a_title_that_says_nothing_is_what_the_tool_is_for() -> None:
    assert category_of("Something odd", otherwise="network") == "network"


@pytest.mark.parametrize(
    ("policy", "hints"),
    [
        ("National Insurance Numbers", ("government_id",)),
        ("PCI and bank account numbers", ("card", "financial")),
        ("Date of birth", ("personal_data",)),
        ("Test policy", ()),
    ],
)
def test_a_policys_name_tells_of_data(policy: str, hints: tuple[DataHint, ...]) -> None:
    assert data_hints(policy) == hints


@pytest.mark.parametrize(
    "labels",
    [
        {"customer": "northwind", "team": "sre", "tenant": 5},
        ["team:sre", "Customer:northwind", 7, None],
        "team:sre, customer=northwind",
    ],
)
def test_labels_name_the_client_in_any_writing(labels: Any) -> None:
    assert clients_named(labels) == ("northwind",)


@pytest.mark.parametrize("labels", [None, 7, [], {"customer": None}, "customer", ["customer:"]])
def test_labels_that_name_no_client_name_none(labels: Any) -> None:
    assert clients_named(labels) == ()


def test_ids_become_hints_of_their_kind() -> None:
    assert prefixed("aws", "111122223333", "", "111122223333") == ("aws:111122223333",)

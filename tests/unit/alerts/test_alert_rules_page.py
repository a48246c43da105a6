"""docs/alert-rules.md says what the shipped rules say, and names every word that a rule may use."""

from __future__ import annotations

from typing import get_args

from playbooks.alerts.attributes import ATTRIBUTES, By
from playbooks.alerts.rules import load_alert_rules
from playbooks.alerts.view import Category, DataHint
from tests.checks.alert_rules_page import PAGE, current

TEXT = PAGE.read_text("utf-8")


def test_the_page_is_in_date() -> None:
    assert current() == TEXT, "run `python -m tests.checks.alert_rules_page --write`"


def test_every_shipped_rule_stands_in_it_with_its_reason() -> None:
    rows = [line for line in TEXT.splitlines() if line.startswith("| `")]
    for entry in load_alert_rules().entries:
        (row,) = [one for one in rows if one.startswith(f"| `{entry.id}` |")]
        assert row.endswith(f"| {entry.rule.why} |")


def test_every_field_category_and_hint_is_named() -> None:
    words = [*(one.name for one in ATTRIBUTES), *get_args(Category), *get_args(DataHint)]
    assert not [word for word in words if f"`{word}`" not in TEXT]
    assert ", ".join(get_args(By)) in TEXT

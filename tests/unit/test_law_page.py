"""docs/law.md says what the rules say, of every rule."""

from __future__ import annotations

from playbooks.rulebook import load_rules
from tests.checks.law_page import PAGE, clipped, current, table


def test_the_page_is_in_date() -> None:
    assert PAGE.read_text("utf-8") == current(), "run `make law`"


def test_every_version_of_every_rule_stands_in_it_with_its_source() -> None:
    rows = [line for line in PAGE.read_text("utf-8").splitlines() if line.startswith("| `")]
    for rule in load_rules().values():
        (row,) = [one for one in rows if one.startswith(f"| `{rule.id}`<br>{rule.version}, ")]
        assert rule.citation.link in row
        assert rule.evidence in row


def test_no_cell_ends_its_row_and_a_long_one_is_cut_at_a_word() -> None:
    assert table(("a",), iter([("b|c",)])).endswith("| b\\|c |")
    assert clipped("word " * 40) == "word " * 21 + "…"

"""The tables of docs/alert-rules.md, generated from the shipped rules: compared with the page, or --write."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from flows.cli.alert_rule_words import HEADS, what_it_does
from playbooks.alerts.rule_files import Entry
from playbooks.alerts.rules import load_alert_rules
from tests.checks.law_page import table

PAGE = Path(__file__).parent.parent.parent / "docs" / "alert-rules.md"
HEADING = "## The shipped rules\n"
ALWAYS = "always"


def current() -> str:
    """The page with its tables as the rules make them today."""
    written = PAGE.read_text("utf-8").partition(HEADING)[0]
    return f"{written}{HEADING}\n{tables()}\n"


def tables() -> str:
    """A table for each list of rules, in the order in which they are read."""
    entries = load_alert_rules().entries
    return "\n\n".join(
        f"### {section}\n\n" + table(("Rule", head.capitalize(), "When", "Why"), _rows(entries, section))
        for section, head in HEADS.items()
    )


def _rows(entries: tuple[Entry, ...], section: str) -> Iterator[tuple[str, ...]]:
    for entry in entries:
        if entry.section == section:
            when = f"`{entry.rule.when}`" if entry.rule.when else ALWAYS
            yield f"`{entry.id}`", what_it_does(entry.rule), when, entry.rule.why


def main() -> int:
    """Write the page, or say whether it is in date; 1 if it is not."""
    text = current()
    if "--write" in sys.argv[1:]:
        PAGE.write_text(text, "utf-8")
    in_date = PAGE.read_text("utf-8") == text
    print("docs/alert-rules.md is in date" if in_date else f"stale: python -m {__spec__.name} --write")  # noqa: T201
    return 0 if in_date else 1


if __name__ == "__main__":
    sys.exit(main())

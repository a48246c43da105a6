"""The table of docs/scenarios.md, generated from the shipped scenarios: compared, or written by --write."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from playbooks.exercises.library import load_scenarios
from playbooks.exercises.scenario import Scenario
from playbooks.wording import written
from tests.checks.law_page import table

PAGE = Path(__file__).parent.parent.parent / "docs" / "scenarios.md"
HEADING = "## The shipped scenarios\n"
FOLDER = "../playbooks/exercises/scenarios"
HEADS = (
    "Scenario",
    "What happens",
    "Playbook",
    "Begins",
    "Lasts",
    "Clients",
    "Injects",
    "It is to show that",
)


def current() -> str:
    """The page with its table as the scenarios make it today."""
    hand_written = PAGE.read_text("utf-8").partition(HEADING)[0]
    return f"{hand_written}{HEADING}\n{table(HEADS, _rows())}\n"


def _rows() -> Iterator[tuple[str, ...]]:
    for one in load_scenarios().values():
        yield (
            f"[`{one.id}`]({FOLDER}/{one.id}.yaml)",
            one.title,
            f"[`{one.playbook}`](playbooks/{one.playbook}.md)",
            _begins(one),
            written(one.lasts),
            str(sum(not client.get("own") for client in one.clients)),
            str(len(one.injects)),
            "; ".join(objective.title for objective in one.objectives),
        )


def _begins(one: Scenario) -> str:
    """Weekday and hour of the place where it plays."""
    local = datetime.fromisoformat(one.starts_at.partition(" ")[0])
    return f"{local:%A, %H:%M}"


def main() -> int:
    """Write the page, or say whether it is in date; 1 if it is not."""
    text = current()
    if "--write" in sys.argv[1:]:
        PAGE.write_text(text, "utf-8")
    in_date = PAGE.read_text("utf-8") == text
    print("docs/scenarios.md is in date" if in_date else f"stale: python -m {__spec__.name} --write")  # noqa: T201
    return 0 if in_date else 1


if __name__ == "__main__":
    sys.exit(main())

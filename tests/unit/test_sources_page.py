"""docs/sources.md says what the registry says, and every kind stands in it once."""

from __future__ import annotations

import pytest

from flows.intake.kinds import ADAPTERS
from flows.intake.mapping import Mapping
from tests.checks.sources_page import KEYS, PAGE, current

KINDS = [kind for kind in ADAPTERS if kind != "generic"]
ROWS = [line for line in current().splitlines() if line.startswith("| ")]


def test_the_page_is_in_date() -> None:
    assert PAGE.read_text("utf-8") == current(), "run `make sources`"


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_stands_in_the_page_with_all_that_a_user_wants_to_know(kind: str) -> None:
    (row,) = (row for row in ROWS if f"| `{kind}` |" in row)
    adapter = ADAPTERS[kind]
    assert adapter.docs.startswith("https://")
    assert all(words for words in (adapter.auth, adapter.severity, adapter.same_alert))
    assert row.replace("\\|", "").count("|") == 6


def test_every_key_of_a_mapping_is_explained() -> None:
    explained = " ".join(key for key, _ in KEYS)
    assert all(f"`{name}`" in explained for name in Mapping.model_fields)

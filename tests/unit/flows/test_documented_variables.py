"""Every environment variable that the product reads stands in the table of docs/start.md."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
READ = sorted(
    {
        name
        for folder in ("flows", "notify", "playbooks", "store")
        for file in (ROOT / folder).rglob("*.py")
        for name in re.findall(r"SEVENTYTWO_[A-Z_]*[A-Z]\b", file.read_text())
    }
)


@pytest.mark.parametrize("name", READ)
def test_a_variable_is_documented(name: str) -> None:
    assert f"`{name}`" in (ROOT / "docs" / "start.md").read_text()

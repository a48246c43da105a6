"""docs/playbooks/ says what the library says, of every playbook and every step."""

from __future__ import annotations

import pytest

from playbooks.library import load_playbooks
from playbooks.models import Playbook
from tests.checks.playbook_pages import FOLDER, cell, first_sentence, paragraphs, stale

PLAYBOOKS = load_playbooks()
every_playbook = pytest.mark.parametrize("playbook", PLAYBOOKS.values(), ids=PLAYBOOKS)


def test_the_pages_are_in_date() -> None:
    assert stale() == [], "run `make playbooks`"


@every_playbook
def test_a_page_tells_every_step_every_mistake_and_every_source(playbook: Playbook) -> None:
    page = (FOLDER / f"{playbook.id}.md").read_text("utf-8")
    rows = [line for line in page.splitlines() if line.startswith("| ")]
    for step in playbook.steps:
        assert sum(f"`{step.id}`" in row for row in rows) == 1, step.id
    mistakes = {line for step in playbook.steps for line in step.do_not}
    listed = [line for line in page.splitlines() if line.startswith("- Do not ")]
    assert len([line for line in mistakes if line.startswith("Do not ")]) <= len(listed)
    assert all(source.link is None or source.link in page for source in playbook.sources)


@every_playbook
def test_no_row_has_another_number_of_cells_than_its_head(playbook: Playbook) -> None:
    page = (FOLDER / f"{playbook.id}.md").read_text("utf-8")
    for row in (line for line in page.splitlines() if line.startswith("| ")):
        assert row.replace("\\|", "").count("|") == 5, row


def test_every_playbook_stands_in_the_list() -> None:
    listed = (FOLDER / "README.md").read_text("utf-8")
    assert all(f"({name}.md)" in listed for name in PLAYBOOKS)


def test_text_stays_text_and_keeps_its_paragraphs() -> None:
    assert cell("a|b <i>*c*") == "a|b \\<i\\>\\*c\\*"
    assert paragraphs("One.\n\n- two *a*\n3. three") == "One.\n\n- two \\*a\\*\n3. three"
    assert first_sentence("Take it when.\nElse e.g. not. Third.") == "Take it when."

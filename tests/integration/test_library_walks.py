"""Every playbook of the library walked from alert to closure, with and without personal data.

Every other one walks here with grave facts, every fourth with harmless ones; the others in `make soak`.
Of a restricted one nothing is read outside its circle that tells what it is about.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from notify.report import render_html, render_markdown
from store.database import Store
from tests.harness.stocks import shipped
from tests.harness.sweeps import (
    CAST_OF_TWO,
    FACT_SETS,
    assert_ended_well,
    optional_steps,
    outside,
    secrets_of,
    told,
)
from tests.harness.walks import Walk, begin_walk

PLAYBOOKS = sorted(path.stem for path in Path("playbooks/library").glob("*.yaml"))
OFTEN = {"grave": 2, "harmless": 4}
WALKS = [
    pytest.param(playbook, facts, marks=pytest.mark.soak if place % OFTEN[facts] else ())
    for place, playbook in enumerate(PLAYBOOKS)
    for facts in FACT_SETS
]
TITLE = "A title that nobody outside may read"


def begun(store: Store, folder: Path, playbook: str, facts: str) -> Walk:
    walk = begin_walk(
        store,
        folder,
        title=TITLE,
        alert="An alert",
        playbook=playbook,
        library=shipped(),
        cast=CAST_OF_TWO,
    )
    walk.facts = FACT_SETS[facts]
    return walk


@pytest.mark.parametrize(("playbook", "facts"), WALKS)
def test_a_playbook_is_walked_to_closure(
    playbook: str, facts: str, sqlite_store: Store, tmp_path: Path
) -> None:
    walk = begun(sqlite_store, tmp_path, playbook, facts)
    if facts == "harmless":  # there optional steps are left open and one is skipped; else all are answered
        walk.left = optional_steps(walk)
        assert not walk.command("skip", about=walk.asked("step").ref, reason="Seen to already.")
    seen: list[str] = []
    if shipped()[playbook].restricted:
        walk.watch = lambda question: seen.extend(outside(walk, question))
    walk.to_the_end()
    assert_ended_well(walk, render_html if facts == "grave" else render_markdown)
    everything = "\n".join([*seen, *told(walk)]).casefold()
    assert not seen or [one for one in secrets_of(walk) if one.casefold() in everything] == []

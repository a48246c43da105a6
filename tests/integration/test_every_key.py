"""A playbook that uses every key of the model, walked by the engine: optional, repeated, joined."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from sqlmodel import select

from flows.circle import ON_PAGE
from flows.describing import describe
from store.database import Store
from store.tables import Question, StepRow
from tests.harness.stocks import play
from tests.harness.walks import CAST, Walk, begin_walk

PLAY = "secret-affair"
BOTH = CAST | {"privacy-2": ["privacy"]}
FACTS = {"our_role": "unknown", "restorable": "no", "recovered_at": "unknown"}


@pytest.fixture
def walk(sqlite_store: Store, tmp_path: Path) -> Walk:
    begun = begin_walk(
        sqlite_store, tmp_path, title="t", alert="a", playbook=PLAY, library=play("every-key"), cast=BOTH
    )
    begun.facts = dict(FACTS)
    return begun


def rounds(walk: Walk, step_id: str) -> list[StepRow]:
    with walk.house.store.reading() as session:
        rows = session.exec(select(StepRow).where(StepRow.step_id == step_id)).all()
    return sorted(rows, key=lambda row: (row.case_ref, row.round))


def states(walk: Walk, step_id: str, case: str = "") -> list[str]:
    return [row.state for row in rounds(walk, step_id) if row.case_ref == case]


def form_of(walk: Walk, question: Question) -> str:
    with walk.house.store.reading() as session:
        return describe(walk.house, session, walk.incident(session), question)


def test_an_optional_step_left_open_holds_nothing_back_and_is_withdrawn_at_the_end(walk: Walk) -> None:
    walk.left = frozenset({"ask-around", "keep-telling"})
    walk.facts["restorable"] = "yes"
    walk.to_the_end()
    assert walk.state == "closed"
    (row,) = rounds(walk, "ask-around")
    assert (row.state, row.why) == ("withdrawn", "the incident was ended as closed")


def test_a_step_that_repeats_comes_back_with_its_approval_until_its_condition_is_true(walk: Walk) -> None:
    walk.left = frozenset({"ask-around", "keep-telling"})
    first = walk.to("watch")
    assert first.title == "Watch whether it comes back"
    walk.settle(first)
    assert states(walk, "watch") == ["approving"]
    walk.settle(walk.asked("approval"))
    second = walk.question("watch")
    assert second.title == "Watch whether it comes back (round 2)"
    assert "round 2 of at most 5" in form_of(walk, second)
    assert "restorable" in form_of(walk, second)
    walk.settle(second)
    walk.words["approval"] = {"decision": "refuse", "reason": "Look again."}
    walk.settle(walk.asked("approval"))
    del walk.words["approval"]
    again = walk.question("watch")
    assert again.fault == f"refused: {ON_PAGE}", "the play is restricted"
    assert states(walk, "watch") == ["done", "open"], "a refused round is asked again, as the same round"
    walk.facts["restorable"] = "yes"
    walk.to_the_end()
    assert states(walk, "watch") == ["done", "done"]
    assert walk.state == "closed"


def test_rounds_end_at_the_most_that_the_playbook_allows(walk: Walk) -> None:
    walk.to_the_end()
    assert states(walk, "watch") == ["done"] * 5
    assert walk.state == "closed"


def test_a_later_round_is_withdrawn_when_its_condition_turns_true(walk: Walk) -> None:
    walk.left = frozenset({"ask-around", "restore"})
    walk.facts["restorable"] = "yes"
    walk.settle(walk.to("keep-telling"))
    assert states(walk, "keep-telling", "A") == ["done", "open"]
    walk.left = frozenset({"ask-around", "keep-telling"})
    del walk.facts["recovered_at"]
    walk.settle(walk.to("restore"))
    assert states(walk, "keep-telling", "A") == ["done", "withdrawn"]
    walk.to_the_end()
    assert walk.state == "closed"


def test_one_of_two_ways_is_enough_where_any_of_them_opens_the_next_step(walk: Walk) -> None:
    walk.left = frozenset({"ask-around", "by-key", "keep-telling"})
    walk.settle(walk.to("by-cable"))
    assert walk.question("either").title == "Check that it is closed"
    assert states(walk, "by-key") == ["open"]


def test_a_step_is_asked_once_in_each_round(walk: Walk) -> None:
    walk.to_the_end()
    with walk.house.store.reading() as session:
        put = session.exec(select(Question.step_row_id).where(Question.kind == "step")).all()
    assert set(Counter(put).values()) == {1}


def test_the_form_says_that_nobody_waits_for_an_optional_step(walk: Walk) -> None:
    assert "**optional:**" in form_of(walk, walk.to("ask-around"))


def test_a_step_that_repeats_and_is_skipped_comes_back_as_its_next_round(walk: Walk) -> None:
    walk.left = frozenset({"ask-around", "restore"})
    walk.facts["restorable"] = "yes"
    assert not walk.command("skip", about=walk.to("keep-telling").ref)
    assert states(walk, "keep-telling", "A") == ["done", "open"]

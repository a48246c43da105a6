"""Assume it runs twice: whatever is repeated, the world is as if it had run once."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlmodel import func, select

from flows.actions import prepare
from flows.answering import Claim, settle_action, take_answer
from flows.clock import wall_now
from flows.forms import Given
from flows.watching import fire_due
from store.database import Store
from store.seal import Keyring
from store.tables import (
    Answer,
    ClockEntry,
    ClockWarning,
    CodeUse,
    FactRow,
    Message,
    Notice,
    Obligation,
    Question,
    StepRow,
    TimelineEntry,
)
from tests.harness.walks import Walk, begin_walk

TABLES = (
    Answer, ClockEntry, ClockWarning, CodeUse, FactRow, Message, Notice, Obligation, Question, StepRow,
    TimelineEntry,
)  # fmt: skip
REPEATS = st.lists(st.sampled_from(["same", "older generation", "warnings"]), max_size=3)


def world(store: Store) -> dict[str, object]:
    """How many rows each table holds, and how every question, step and duty stands."""
    with store.reading() as session:
        counts = {t.__tablename__: session.exec(select(func.count()).select_from(t)).one() for t in TABLES}
        stands = [
            sorted(session.execute(select(t.id, t.state)).tuples().all())
            for t in (Question, StepRow, Obligation, ClockWarning, Notice)
        ]
    return {**counts, "stands": stands}


def repeat(walk: Walk, question: Question, how: str) -> None:
    """Do once more what has just been done to a question."""
    stale = question.generation - (how == "older generation")
    claim = Claim(walk.ref, question.ref, stale, question.attempt)
    if how == "warnings":
        fire_due(walk.house)
    elif question.kind == "action":
        settle_action(walk.house, claim, prepare)
    else:
        take_answer(walk.house, claim, Given("commander-1", "000000", "done", "", {}, wall_now()))


@settings(max_examples=4, suppress_health_check=list(HealthCheck))
@given(st.lists(REPEATS, min_size=30, max_size=30))
def test_a_walk_with_every_step_repeated_is_the_walk_without(repeats: Sequence[list[str]]) -> None:
    with TemporaryDirectory() as folder:
        store = Store.open(f"sqlite:///{folder}/s.db", Keyring.create(Path(folder) / "key"))
        store.migrate()
        walk = begin_walk(store, Path(folder), title="an alert", alert="an alert")
        for again in repeats:
            question = walk._next()
            if question is None:
                break
            walk.settle(question)
            fire_due(walk.house)
            before = world(store)
            for how in again:
                repeat(walk, question, how)
                assert world(store) == before, f"{how} changed the world after {question.title}"
        assert walk._next() is None, "the walk did not end"
        store.close()

"""A candidate waits for a person and not its clocks: accepted, merged or dismissed, and never forgotten."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from flows.describing import describe
from flows.incidents import incidents
from flows.reviewing import review_all
from flows.starting import _start_of
from store.database import Store
from tests.harness.matters import (
    TITLE,
    Matters,
    begin_matters,
    duties,
    entries,
    known,
    questions,
    said,
    states,
)
from tests.harness.walks import OURS


@pytest.fixture
def matters(store: Store, tmp_path: Path) -> Matters:
    return begin_matters(store, tmp_path)


def test_a_candidate_asks_one_question_and_its_clocks_run_from_its_arrival(matters: Matters) -> None:
    walk = matters.matter(state="candidate")
    assert [(one.kind, one.role) for one in questions(walk)] == [("candidate", "commander")]
    asked = walk.asked("candidate")
    assert asked.due_at == asked.opened_at + timedelta(hours=1)
    running = [duty for duty in duties(walk) if duty.due_at is not None]
    assert running
    assert {duty.state for duty in running} <= {"presumed", "owed"}
    assert [one["role"] for one in said(walk, "candidate_opened")] == ["commander"]
    with walk.house.store.reading() as session:
        assert walk.ref in [one.ref for one in incidents(session)]


def test_nothing_of_a_tools_words_reaches_prefect_or_the_channel(matters: Matters) -> None:
    walk = matters.matter(state="candidate")
    with walk.house.store.reading() as session:
        incident, question = walk.incident(session), walk.asked("candidate")
        outside = (
            f"{_start_of(session, question, incident)} {describe(walk.house, session, incident, question)}"
        )
    assert "generic, high, firing" in outside
    assert TITLE not in f"{outside} {said(walk)}"


def test_one_that_nobody_decides_warns_escalates_and_warns_of_its_clocks(matters: Matters) -> None:
    walk = matters.matter(state="candidate")
    walk.later(timedelta(hours=80))
    assert said(walk, "escalated")
    assert said(walk, "clock_overdue") or said(walk, "clock_digest")
    assert walk.state == "candidate"


def test_accepting_begins_the_plan_and_leaves_the_anchor_at_the_arrival(matters: Matters) -> None:
    walk = matters.matter(state="candidate")
    arrived = known(walk).incident["aware_at"]
    walk.later(timedelta(minutes=50))
    assert not walk.answer("candidate", "accept", reason="It is none of ours.")
    assert walk.state == "open"
    assert known(walk).incident["aware_at"] == arrived
    kinds = {one.kind for one in questions(walk) if one.state == "open"}
    assert "command" in kinds
    assert "step" in kinds
    assert said(walk, "candidate_accepted")
    assert said(walk, "incident_opened")
    assert [one["why"] for one in entries(walk, "candidate_accepted")] == ["It is none of ours."]


def test_dismissing_needs_a_reason_and_ends_every_clock(matters: Matters) -> None:
    walk = matters.matter(state="candidate", clients=())
    assert "needs a reason" in walk.answer("candidate", "dismiss", reason=" ")
    assert walk.state == "candidate"
    assert not walk.answer("candidate", "dismiss", reason="The mail team moved a mailbox.")
    assert walk.state == "dismissed"
    assert {duty.state for duty in duties(walk)} <= {"not_owed"}
    (entry,) = entries(walk, "candidate_dismissed")
    assert entry["why"] == "The mail team moved a mailbox."
    assert [one["why"] for one in said(walk, "candidate_dismissed")] == ["The mail team moved a mailbox."]
    warned = len(said(walk))
    walk.later(timedelta(hours=100))
    assert len(said(walk)) == warned


def test_what_is_owed_is_not_dismissed_on_one_word(matters: Matters) -> None:
    walk = matters.matter(state="candidate")
    states(walk, incident_confirmed=True, personal_data=True, encrypted=False, risk="high", exfiltrated=True)
    assert "owed" in {duty.state for duty in duties(walk)}
    assert "something is owed already" in walk.answer("candidate", "dismiss", reason="I would rather not.")
    assert walk.state == "candidate"


def test_a_review_follows_what_changed_without_beginning_the_plan(matters: Matters) -> None:
    walk = matters.matter(state="candidate")
    review_all(walk.house)
    assert [one.kind for one in questions(walk)] == ["candidate"]
    assert walk.state == "candidate"


def test_only_a_commander_decides(matters: Matters) -> None:
    walk = matters.matter(state="candidate", clients=(OURS,))
    assert "is for the role commander" in walk.answer("candidate", "accept", by="it-1")

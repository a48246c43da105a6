"""What an exercise leaves behind, read from the store as the facts of its score."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from sqlmodel import select

from flows.clock import wall_now
from flows.exercise.recording import find_exercise, record_of, scenario_of
from flows.opening import Opening, open_incident
from playbooks.errors import NotFound
from playbooks.exercises.record import INJECT, Record
from playbooks.exercises.scoring import score
from store.database import Store
from store.tables import Inject, StepRow
from tests.harness.conducted import end_exercise
from tests.harness.exercise_walks import NAME, begin_exercise_walk, end
from tests.harness.walks import START, Walk


def record(walk: Walk) -> Record:
    with walk.house.store.reading() as session:
        return record_of(session, find_exercise(session, NAME), wall_now())


@pytest.fixture
def walk(sqlite_store: Store, tmp_path: Path) -> Walk:
    return begin_exercise_walk(sqlite_store, tmp_path)


def test_a_walk_to_the_end_is_recorded_and_scored(walk: Walk) -> None:
    walk.to_the_end()
    end(walk)
    found = record(walk)
    assert (found.name, found.state, found.began_at) == (NAME, "ended", START)
    assert found.ended_at == walk.now
    assert {one.kind for one in found.decided} >= {"step", "draft", "release", "command"}
    triage = next(one for one in found.decided if one.step == "triage")
    assert triage.handle
    assert triage.answered_at is not None
    assert {one.recipient for one in found.told} >= {"client_controller"}
    assert all(one.released_at is not None for one in found.told)
    assert [(one.key, one.handled_at) for one in found.happened] == [("press-asks", None)]
    with walk.house.store.reading() as session:
        result = score(scenario_of(find_exercise(session, NAME)), found)
    assert result.part("duties").percent == 100


def test_what_an_inject_asks_is_no_decision_with_a_target_of_its_own(walk: Walk) -> None:
    asked = walk.to("triage")
    with walk.house.store.writing() as session:
        inject = session.exec(select(Inject)).one()
        inject.step_row_id = asked.step_row_id
        session.add(inject)
    walk.settle(asked)
    found = record(walk)
    assert [one.step for one in found.decided if one.kind == INJECT] == ["triage"]
    (happened,) = found.happened
    assert (happened.handled_at, happened.handled_by) == (walk.now, "commander-1")
    with walk.house.store.reading() as session:
        result = score(scenario_of(find_exercise(session, NAME)), found)
    assert asked.title not in [one.what for one in result.part("targets").points]


def targets(walk: Walk) -> dict[str, str]:
    """How the time to each decision was judged, by title."""
    with walk.house.store.reading() as session:
        scenario = scenario_of(find_exercise(session, NAME))
    return {one.what: one.verdict for one in score(scenario, record(walk)).part("targets").points}


def test_what_an_early_end_takes_back_was_never_answered(walk: Walk) -> None:
    """Who answers nothing is no better off for it: what was overdue at the end is missed."""
    asked = walk.to("triage")
    walk.later(timedelta(days=2))
    assert targets(walk)[asked.title] == "missed"
    end_exercise(walk.house, NAME, "commander-1", "enough")
    assert targets(walk)[asked.title] == "missed"
    assert record(walk).is_cut_off
    assert not [one for one in record(walk).decided if one.step == "triage" and one.is_withdrawn]


def test_what_the_plan_takes_back_is_nobodys(walk: Walk) -> None:
    walk.to_the_end()
    end(walk)
    assert not record(walk).is_cut_off
    asked = [one for one in record(walk).decided if one.kind != "action"]
    assert not [one for one in asked if one.answered_at is None and not one.is_withdrawn]


@pytest.mark.parametrize(
    ("is_done", "elsewhere"), [(True, "skipped"), (True, "open"), (False, "skipped")],
    ids=["done", "done-in-one-case", "not-done"],
)  # fmt: skip
def test_a_conditional_inject_that_the_end_dropped_was_forestalled_by_its_step_alone(
    walk: Walk, is_done: bool, elsewhere: str
) -> None:
    step = walk.to("triage").step_row_id
    with walk.house.store.writing() as session:
        inject = session.exec(select(Inject)).one()
        inject.state, inject.delivered_at = "waiting", None
        inject.body = {**inject.body, "unless_done": "triage"}
        session.add(inject)
        row = session.get_one(StepRow, step)
        row.state = "done" if is_done else row.state
        session.add(row)
        other = StepRow(incident_id=row.incident_id, case_ref="X", step_id="triage", state=elsewhere)
        session.add(other)
    end_exercise(walk.house, NAME, "commander-1", "enough")
    (happened,) = record(walk).happened
    assert happened.state == "dropped"
    assert happened.forestalled_by == ("triage" if is_done and elsewhere == "skipped" else "")


def test_what_another_incident_asked_is_told_apart(walk: Walk) -> None:
    asked = walk.to("triage")
    with walk.house.store.writing() as session:
        opening = Opening("t", "data-exfiltration", "Another", exercise_id=walk.exercise_id)
        open_incident(session, walk.house, opening, wall_now())
    found = {(one.title, one.is_beside) for one in record(walk).decided}
    assert (asked.title, False) in found
    assert {is_beside for title, is_beside in found if title == "Lead the incident"} == {False, True}


def test_an_exercise_that_nobody_began_is_not_found(walk: Walk) -> None:
    with walk.house.store.reading() as session, pytest.raises(NotFound):
        find_exercise(session, "EX-2026-0099")

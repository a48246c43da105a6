"""Candidates and merging in Prefect's own forms: what a commander clicks, and what becomes of the runs."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from flows.beginning import begin_all
from flows.clock import wall_now
from flows.exercise.scripted import find_incident
from flows.starting import start_unstarted
from flows.windows import NewWindow, add_window
from store.tables import Question
from tests.harness.engine_sweeps import seen_outside
from tests.harness.world import World

pytestmark = pytest.mark.prefect

SOURCE = "misdirected-message-drill"
TITLE = "Mail of agent-17 to example.org"


def announce(world: World) -> None:
    at = wall_now()
    new = NewWindow(
        "test", at, at + timedelta(hours=2), "A red team.", SOURCE, contact="red-team@example.org"
    )
    with world.store.writing() as session:
        add_window(session, new, "commander-1", at)


def raised(world: World) -> str:
    """The reference of what an alert opens, begun and with its runs started, as by the watch."""
    ref = world.raise_alert(title=TITLE)
    begin_all(world.house)
    start_unstarted(world.house)
    return ref


def run_of(world: World, question: Question) -> str:
    asked, run, _ = world.asked(question.ref)
    assert asked.run_id == run.id
    return run.id


def accepted(world: World) -> list[datetime]:
    """A candidate of an announced test, accepted in its form; when the clocks of its duties began before."""
    announce(world)
    raised(world)
    assert world.state == "candidate"
    assert [one.kind for one in world.open()] == ["candidate"]
    anchors = [duty.anchor_at for duty in world.duties() if duty.anchor_at]
    assert anchors
    world.slack.expect("Candidate for commander")
    world.slack.expect("An announced test matches")
    run = run_of(world, world.question("candidate"))
    world.step(minutes=40)
    world.facts = {"clients": []}
    assert (
        world.answer("candidate", decision="accept", reason="It is no part of the test.").state == "answered"
    )
    world.facts = None
    assert world.state == "open"
    assert world.ended(run).is_over
    return anchors


@pytest.mark.parametrize("backend", ["postgresql"])
def test_a_candidate_is_accepted_in_prefects_form_and_its_clocks_count_on(any_world: World) -> None:
    anchors = accepted(any_world)
    assert anchors[0] in {duty.anchor_at for duty in any_world.duties()}
    assert any_world.question("confirm-misdirection").run_id
    assert TITLE not in seen_outside(any_world)


@pytest.mark.soak
def test_a_candidate_that_was_accepted_is_walked_to_closure(any_world: World) -> None:
    anchors = accepted(any_world)
    any_world.walk()
    assert any_world.state == "closed"
    assert anchors[0] in {duty.anchor_at for duty in any_world.duties()}
    assert TITLE not in seen_outside(any_world)
    assert "red-team" not in seen_outside(any_world)


def test_a_candidate_that_is_dismissed_leaves_no_run_behind(world: World) -> None:
    announce(world)
    raised(world)
    world.facts = {"clients": []}
    question = world.question("candidate")
    run = run_of(world, question)
    asked = world.answer("candidate", decision="dismiss")
    assert "needs a reason" in asked.fault
    assert world.answer("candidate", decision="dismiss", reason="It is the test.").state == "answered"
    assert world.state == "dismissed"
    assert world.ended(run).is_over
    assert world.open() == []
    assert world.reconcile(hours=1) == 0


def test_the_runs_of_an_incident_that_is_merged_end_and_the_older_goes_on(world: World) -> None:
    older = raised(world)
    younger = raised(world)
    assert younger != older
    runs = [run_of(world, one) for one in world.open() if one.kind != "action"]
    world.facts = {"clients": []}
    world.answer("command", decision="merge", about=older, reason="The same letter.")
    assert world.state == "merged"
    world.reconcile(hours=1)
    for run in runs:
        assert world.ended(run).is_over
    world.facts, world.ref = None, older
    world.walk()
    assert find_incident(world.house, older).state == "closed"

"""Workers that die, runs that are cancelled or deleted, servers that are away: no question is lost."""

from __future__ import annotations

import threading
from collections.abc import Callable
from urllib.parse import quote

import pytest

from flows.clock import wall_now
from flows.exercise.ending import resume, stop_exercise
from flows.exercise.scripted import find_incident
from flows.exercise.stepping import locked
from flows.prefect_api import Accepted
from flows.reconciling import reconcile_all
from flows.starting import start_unstarted
from flows.supervisor import free_port
from tests.harness.prefect import eventually
from tests.harness.world import World

pytestmark = pytest.mark.prefect


def test_a_question_survives_a_killed_worker_with_the_answer_it_has(world: World) -> None:
    world.raise_alert()
    question, run, _ = world.asked("keep-message")
    with world.store.writing():  # no worker gets past its first write
        world.submit("keep-message")
        world.prefect.reached(run.id, "RUNNING")
        world.kill_worker()
    assert world.reconcile() == 0, "its lease still runs"
    assert world.reconcile(minutes=2) == 1
    assert world.prefect.reached(run.id, "SCHEDULED").state_name == "Rescheduled"
    assert world.again(question).run_id == run.id
    world.start_worker()
    assert world.judged(question).state == "answered"
    assert len(world.answers(question)) == 1
    assert not world.history("run_repaired"), "the same run goes on: there is nothing to tell"


def cancel(world: World, run_id: str) -> None:
    assert world.prefect.api.cancel(run_id) == Accepted()


def delete(world: World, run_id: str) -> None:
    assert world.prefect.api.delete_run(run_id)


def lose_form(world: World, run_id: str) -> None:
    """Leave the run as a crash does between its suspension and the storing of its form."""
    run = world.prefect.api.read_runs([run_id])[run_id]
    assert run.keyset is not None
    world.prefect.api.send("DELETE", f"/flow_runs/{run_id}/input/{quote(run.keyset.schema, safe='')}")


def fail_twice(world: World, run_id: str) -> None:
    """Let the run fail, be put back as it is, and fail once more."""
    fail(world, run_id)
    assert world.reconcile() == 1
    world.prefect.when(run_id, "waits again", lambda run: run.is_suspended)
    fail(world, run_id)


def fail(world: World, run_id: str) -> None:
    assert world.prefect.api.set_state(run_id, "FAILED", "Failed", force=True) == Accepted()


@pytest.mark.parametrize(
    ("harm", "why"),
    [
        (cancel, "its run was cancelled"),
        (delete, "its run was deleted"),
        (lose_form, "its form was lost"),
        (fail_twice, "its run failed"),
    ],
    ids=["cancelled", "deleted", "without its form", "failed again"],
)
def test_a_run_that_can_no_longer_be_answered_gives_way_to_its_next_generation(
    world: World, harm: Callable[[World, str], None], why: str
) -> None:
    world.raise_alert()
    world.asked("command")  # every other run waits for its answer by now
    question, run, _ = world.asked("keep-message")
    harm(world, run.id)
    assert world.reconcile(minutes=1) == 1
    world.slack.expect(why)
    anew, other, _ = world.asked("keep-message")
    assert (anew.ref, anew.generation, other.id != run.id) == (question.ref, question.generation + 1, True)
    assert world.answer("keep-message").state == "answered"
    assert [entry.author for entry in world.history("run_repaired")] == ["system"]
    assert world.reconcile(minutes=1) == 0
    world.prefect.api.delete_run(run.id)  # a failed run fails the test, and this one failed on purpose


def test_an_older_generation_that_is_answered_changes_nothing(world: World) -> None:
    world.raise_alert()
    question, old, form = world.asked("keep-message")
    stale = world.values(question, form, "it-1")
    world.answer("command", decision="reassign", about=question.ref, to_whom="it-2", reason="On leave.")
    anew, new, _ = world.asked("keep-message")
    assert (anew.generation, new.id != old.id) == (question.generation + 1, True)
    before = world.history()
    assert world.prefect.api.resume(old.id, stale) == Accepted()
    assert world.ended(old.id).state_type == "COMPLETED"
    assert [entry.hash for entry in world.history()] == [entry.hash for entry in before]
    assert world.again(question).state == "open"
    assert "assigned to it-2" in world.answer("keep-message", "it-1").fault
    assert world.answer("keep-message", "it-2").state == "answered"


def test_a_superseded_form_is_retired_by_the_next_reconcile(world: World) -> None:
    world.raise_alert()
    question, old, _ = world.asked("keep-message")
    world.answer("command", decision="reassign", about=question.ref, to_whom="it-2", reason="On leave.")
    world.asked("keep-message")
    world.reconcile()
    assert world.prefect.reached(old.id, "CANCELLED")
    assert world.answer("keep-message").state == "answered"


def test_an_alert_while_prefect_is_down_opens_an_incident_whose_runs_are_started_later(world: World) -> None:
    away = world.elsewhere(f"http://127.0.0.1:{free_port()}/api")
    world.ref = str(world.post_alert(house=away)["incident"])
    world.slack.expect(world.ref)
    assert start_unstarted(away) == 0
    assert all(question.run_id is None for question in world.open())
    world.reconcile()
    assert world.answer("keep-message").state == "answered"


def test_nothing_of_a_stopped_exercise_is_started_until_it_is_resumed(world: World) -> None:
    away = world.elsewhere(f"http://127.0.0.1:{free_port()}/api")
    world.ref = str(world.post_alert(house=away)["incident"])
    number = find_incident(world.house, world.ref).exercise_id or 0
    with world.store.writing() as session:
        stop_exercise(session, world.house, number, "something was about to leave", wall_now())
    world.reconcile()
    assert all(question.run_id is None for question in world.open())
    with world.store.writing() as session:
        resume(session, locked(session, number), "commander-1", wall_now())
    world.reconcile()
    assert world.answer("keep-message").state == "answered"


def test_reconciling_with_prefect_unreachable_changes_nothing(world: World) -> None:
    world.raise_alert()
    world.asked("keep-message")
    world.asked("command")
    away = world.elsewhere(f"http://127.0.0.1:{free_port()}/api")
    before = (world.history(), world.open())
    assert reconcile_all(away, wall_now()) == 0
    assert (world.history(), world.open()) == before


def test_two_branches_that_end_together_open_their_join_once(any_world: World) -> None:
    world = any_world
    world.raise_alert()
    branches = [world.asked(step)[0] for step in ("confirm-misdirection", "keep-message")]
    with world.store.deciding(world.ref):  # both come to the same door, and go through one after the other
        for run_id in [world.submit(branch.ref) for branch in branches]:
            world.prefect.reached(run_id, "RUNNING")
    for branch in branches:
        assert world.judged(branch).state == "answered"
    world.asked("triage")
    joins = [
        entry
        for entry in world.history("question_opened")
        if (entry.payload or {})["title"].startswith("Establish whose")
    ]
    assert len(joins) == 1
    assert sum(world.step_id(question) == "triage" for question in world.open()) == 1


def test_slack_down_and_up_again_keeps_the_order_and_loses_nothing(world: World) -> None:
    world.slack.trouble(status=503, times=float("inf"))
    world.raise_alert()
    world.answer("confirm-misdirection")
    world.answer("keep-message")
    assert not world.slack.messages()
    world.slack.mend()
    world.all_said()


def test_four_who_start_the_same_questions_at_once_make_one_run_for_each(world: World) -> None:
    world.kill_worker()
    away = world.elsewhere(f"http://127.0.0.1:{free_port()}/api")
    world.ref = str(world.post_alert(house=away)["incident"])
    at_once = [threading.Thread(target=start_unstarted, args=(world.house,)) for _ in range(4)]
    for thread in at_once:
        thread.start()
    for thread in at_once:
        thread.join()
    runs = world.prefect.api.post("/flow_runs/filter", {"work_pools": {"name": {"any_": [world.pool]}}})
    assert len(runs) == len(world.open())
    assert {run["id"] for run in runs} == {question.run_id for question in world.open()}


def test_a_run_put_back_while_it_waits_asks_again_and_refuses_nobody(world: World) -> None:
    world.raise_alert()
    question, run, _ = world.asked("keep-message")
    assert world.prefect.api.reschedule(run.id, force=True) == Accepted()
    attempt = question.attempt + 1
    eventually(lambda: world.question("keep-message").attempt == attempt or None, "the form is put anew")
    assert world.answer("keep-message").state == "answered"
    assert not world.history("answer_refused")

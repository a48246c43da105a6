"""Answers that may not count: each is recorded, and the form comes back saying what was wrong."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlmodel import select

from flows.clock import wall_now
from flows.prefect_api import Accepted
from playbooks.models import Field
from store.tables import Answer, Question, Responder
from tests.harness.world import World

pytestmark = pytest.mark.prefect


def fault_on_form(world: World, question: Question) -> str:
    """What the form says about the last answer, at its first field."""
    _, _, form = world.asked(question.ref)
    return str(form.schema["properties"]["responder"]["description"])


def last(world: World, question: Question) -> Answer:
    return world.answers(question)[-1]


def test_a_wrong_code_is_recorded_told_to_the_team_and_slows_the_responder_down(world: World) -> None:
    world.raise_alert()
    asked = world.wrong_code("keep-message", "it-1")
    assert (asked.state, last(world, asked).verdict) == ("open", "wrong_code")
    assert "the code does not fit this responder" in fault_on_form(world, asked)
    assert world.history("answer_wrong_code")[0].author == "it-1"
    world.slack.expect("the code does not fit this responder")
    asked = world.wrong_code("keep-message", "it-1")
    for _ in range(5):  # the wait doubles, 1, 2, 4 … 60 s: a right code comes too early for sure
        asked = world.wrong_code("keep-message", "it-1")
    assert "too many wrong codes: wait" in world.answer("keep-message", "it-1").fault
    assert world.answer("keep-message", "it-2").state == "answered", "somebody else is not slowed down"


def test_a_code_that_is_spent_is_told_to_wait_for_the_next_one(world: World) -> None:
    world.raise_alert()
    code = world.cast.code("commander-1")
    assert world.answer("confirm-misdirection", "commander-1", code=code).state == "answered"
    lead = world.answer("command", "commander-1", decision="note", reason="Noted.", code=code)
    assert lead.fault == "that code is already used: wait for the next one"
    assert last(world, lead).verdict == "refused"
    assert "wait for the next one" in fault_on_form(world, lead)
    assert not world.history("remark")


def test_the_form_refuses_who_does_not_hold_the_role_and_the_house_who_lost_it_since(world: World) -> None:
    world.raise_alert()
    assert "is not one of" in world.refused_by_form("keep-message", "commander-1")
    world.asked("keep-message")
    with world.store.writing() as session:
        row = session.exec(select(Responder).where(Responder.handle == "it-1")).one()
        row.roles = ["client_lead"]
        session.add(row)
    asked = world.answer("keep-message", "it-1")
    assert asked.fault == "this question is for the role it: somebody else has to answer"
    assert world.answer("keep-message").state == "answered"


def test_an_instant_that_is_none_is_refused_by_the_form_or_comes_back_with_it(world: World) -> None:
    world.raise_alert()
    assert "does not match" in world.refused_by_form("confirm-misdirection", detected_at="yesterday")
    asked = world.answer("confirm-misdirection", detected_at="2026-13-45T25:00Z")
    assert asked.state == "open"
    assert Field(fact="detected_at").label in asked.fault
    assert "no such day or hour" in fault_on_form(world, asked)
    assert last(world, asked).verdict == "refused"
    assert world.answer("confirm-misdirection").state == "answered"


def test_a_blank_resume_is_refused_by_the_server_and_changes_nothing(world: World) -> None:
    world.raise_alert()
    question, run, _ = world.asked("keep-message")
    before = len(world.history())
    assert world.prefect.api.resume(run.id, {}) != Accepted()
    assert world.again(question).attempt == question.attempt
    assert world.prefect.api.read_runs([run.id])[run.id].is_suspended
    assert len(world.history()) == before


def test_of_eight_who_resume_at_once_one_counts_and_a_replay_changes_nothing(world: World) -> None:
    world.raise_alert()
    question, run, form = world.asked("keep-message")
    values = world.values(question, form)
    at_once = threading.Barrier(8)

    def resume(_: int) -> bool:
        at_once.wait()
        return world.prefect.api.resume(run.id, values) == Accepted()

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(resume, range(8))) == 1
    assert world.judged(question).state == "answered"
    world.ended(run.id)
    before = world.history()
    assert len(world.answers(question)) == 1
    world.prefect.api.reschedule(run.id, force=True)
    world.prefect.when(run.id, "ran again", lambda one: one.is_over and one.state_at != run.state_at)
    assert [entry.hash for entry in world.history()] == [entry.hash for entry in before]


def test_a_code_is_checked_against_the_instant_of_the_answer_however_late_a_worker_comes(
    world: World,
) -> None:
    with world.store.writing() as session:
        world.cast.enrol(session, "hasty-1", "it", period=3)
    world.raise_alert()
    world.asked("keep-message")
    world.kill_worker()
    hasty = world.cast.players["hasty-1"]
    counter = hasty.counter() + 1
    question = world.question("keep-message")
    world.submit("keep-message", "hasty-1", code=hasty.code_of(counter))
    while hasty.counter() < counter + 3:  # neither this period nor the one after it: the code is stale now
        time.sleep(0.2)
    world.start_worker()
    after = world.judged(question)
    assert (after.state, after.fault) == ("answered", "")
    assert last(world, question).submitted_at < wall_now()


def test_an_answer_is_gone_from_prefect_once_the_store_has_it(world: World) -> None:
    world.raise_alert()
    for decide, state in ((world.wrong_code, "open"), (world.answer, "answered")):
        _, run, form = world.asked("keep-message")
        question = decide("keep-message")
        assert question.state == state
        if state == "open":
            world.asked("keep-message")
        else:
            world.ended(run.id)
        left = world.prefect.api.post(
            f"/flow_runs/{run.id}/input/filter", {"prefix": form.keyset.response, "limit": 50}
        )
        assert left == []


def test_nobody_approves_what_they_did_themselves(world: World) -> None:
    with world.store.writing() as session:
        world.cast.enrol(session, "both-1", "it", "approver")
    world.raise_alert()
    world.answer("confirm-misdirection")
    world.answer("keep-message")
    world.answer("triage")
    assert world.answer("stop-repeat", "both-1").state == "answered"
    own = world.answer("approval", "both-1")
    assert own.fault == "a second person must decide this: somebody else with the role has to answer"
    assert "both-1" in world.asked("approval")[2].schema["properties"]["responder"]["enum"], (
        "nobody is shown up"
    )
    assert not world.history("approved")
    assert world.answer("approval").state == "answered"
    assert world.history("approved")

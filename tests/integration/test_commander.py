"""What the commander's form does beside the plan: steps passed by with a reason, and steps added."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlmodel import select

from flows.circle import ON_PAGE
from flows.clock import wall_now
from flows.describing import describe
from flows.desk.look import Look
from flows.desk.papers import answers_shown
from flows.review.building import build_report
from flows.review.gather import gather
from flows.review.material import ADDED
from notify.report import render_markdown
from store.database import Store
from store.scope import Scope
from store.tables import Client, Message, Responder, StepRow, TimelineEntry
from tests.harness.databases import SqliteFiles, fixed_keyring
from tests.harness.stocks import play
from tests.harness.sweeps import CAST_OF_TWO, GRAVE
from tests.harness.walks import START, Walk, begin_walk, stamp


@pytest.fixture
def walk(sqlite_store: Store, tmp_path: Path) -> Walk:
    return open_walk(sqlite_store, tmp_path)


@pytest.fixture
def open_one(sqlite_files: SqliteFiles, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Walk]:
    """A walk of the same playbook where it is not restricted, in a store of its own."""
    folder = tmp_path_factory.mktemp("open")
    store = Store.open(sqlite_files.new(folder), fixed_keyring())
    yield open_walk(store, folder, restricted=False)
    store.close()


def open_walk(store: Store, folder: Path, *, restricted: bool = True) -> Walk:
    library = play("every-key", restricted=restricted)
    begun = begin_walk(
        store, folder, title="t", alert="a", playbook=next(iter(library)), library=library, cast=CAST_OF_TWO
    )
    begun.facts = {**GRAVE, "restorable": "yes"}
    return begun


def row(walk: Walk, step_id: str) -> StepRow:
    """The latest round of a step."""
    with walk.house.store.reading() as session:
        rows = session.exec(select(StepRow).where(StepRow.step_id == step_id)).all()
    return max(rows, key=lambda one: one.round)


def titles_for(walk: Walk, *clients: str) -> set[str]:
    """The titles of the answers on the page of a responder who sees these clients, or all."""
    with walk.house.store.reading() as session:
        reader = session.exec(select(Responder).where(Responder.handle == "commander-1")).one()
        session.expunge(reader)
        reader.clients = list(clients)
        return {one.title for one in answers_shown(Look(session, walk.incident(session), reader, walk.now))}


def added(walk: Walk) -> StepRow:
    with walk.house.store.reading() as session:
        return next(one for one in session.exec(select(StepRow)) if one.step_id.startswith("added-"))


def last(walk: Walk, kind: str) -> Message:
    with walk.house.store.reading() as session:
        found = session.exec(select(Message).where(Message.kind == kind)).all()
    return max(found, key=lambda one: one.sequence)


def history(walk: Walk, kind: str) -> list[TimelineEntry]:
    with walk.house.store.reading() as session:
        return list(session.exec(select(TimelineEntry).where(TimelineEntry.kind == kind)))


def report(walk: Walk) -> str:
    with walk.house.store.reading() as session:
        material = gather(session, walk.ref, Scope.whole(), wall_now(), "Example Services")
    return render_markdown(build_report(material))


class TestSkipping:
    def test_a_step_is_passed_by_with_name_and_reason_and_the_plan_goes_on(self, walk: Walk) -> None:
        assert not walk.command("skip", about="Look at what came in", reason="Seen by telephone already.")
        done = row(walk, "look")
        why = "skipped by commander-1: Seen by telephone already."
        assert (done.state, done.why) == ("done", why)
        assert history(walk, "step_done")[-1].payload == {
            "step": "look",
            "title": "Look at what came in",
            "why": why,
        }
        assert walk.asked("action").title == "Seal the alert"
        assert "Look at what came in (skipped by commander-1: Seen by telephone already.)" in report(walk)

    def test_the_channel_is_told_who_passed_a_step_by_and_why_unless_a_circle_is_kept(
        self, walk: Walk, open_one: Walk
    ) -> None:
        for one in (walk, open_one):
            assert not one.command("skip", about="Look at what came in", reason="Seen already.")
        assert last(walk, "step_done").fields["outcome"] == "skipped"
        assert last(open_one, "step_done").fields["outcome"] == "skipped by commander-1: Seen already."

    def test_no_step_is_passed_by_without_a_reason(self, walk: Walk) -> None:
        assert "needs a reason" in walk.command("skip", about="Look at what came in", reason=" ")
        assert row(walk, "look").state == "open"

    def test_what_wants_approvals_is_passed_by_on_two_words_only(self, walk: Walk) -> None:
        walk.to("by-key")
        assert not walk.command("skip", about="Close it by key", reason="There is no key.")
        assert row(walk, "by-key").state == "open"
        assert walk.asked("approval").title == "Agree to skip: Close it by key"
        assert not walk.answer("approval", "approve")
        assert row(walk, "by-key").why == "skipped by commander-1, agreed by approver-1: There is no key."

    def test_an_automated_step_that_cannot_end_is_passed_by_on_two_words(self, walk: Walk) -> None:
        assert not walk.command("skip", about="Look at what came in")
        seal = walk.asked("action")
        assert not walk.command("skip", about=seal.title, reason="It fails for want of a disk.")
        assert not walk.answer("approval", "approve")
        why = "skipped by commander-1, agreed by approver-1: It fails for want of a disk."
        assert why in {one.payload["why"] for one in history(walk, "step_done") if one.payload}
        assert seal.id not in {one.id for one in walk._open()}

    def test_two_skips_are_asked_for_side_by_side_but_one_is_not_asked_twice(self, walk: Walk) -> None:
        assert not walk.command("skip", about="Look at what came in")
        walk.settle(walk.asked("action"))
        assert not walk.command("skip", about="Establish the facts")
        assert "this is asked already" in walk.command("skip", about=walk.question("triage").ref)

    def test_a_refused_skip_leaves_the_step_open_and_tells_the_commander(self, walk: Walk) -> None:
        walk.to("by-key")
        walk.command("skip", about="Close it by key")
        assert not walk.answer("approval", "refuse", reason="There is one in the safe.")
        assert row(walk, "by-key").state == "open"
        assert walk.asked("command").fault.endswith(f"refused: {ON_PAGE}")

    def test_a_word_to_skip_does_not_count_once_the_step_was_answered(self, walk: Walk) -> None:
        walk.to("by-key")
        walk.command("skip", about="Close it by key")
        word = walk.asked("approval")
        walk.left = frozenset({"by-cable", "ask-around"})
        walk.settle(walk.question("by-key"))
        walk._give(word, "approve", {})
        assert row(walk, "by-key").state == "approving"
        assert "answered meanwhile" in walk.asked("command").fault

    def test_a_notice_that_a_duty_wants_is_not_passed_by(self, walk: Walk) -> None:
        walk.to("tell-client")
        fault = walk.command("skip", about="Tell the client")
        assert "a duty to tell them runs" in fault
        assert "do_not_notify" in fault
        assert row(walk, "tell-client").state == "open"

    def test_what_somebody_else_holds_in_hand_is_not_passed_by(self, walk: Walk) -> None:
        walk.to("by-key")
        walk.answer("by-key")
        about = walk.asked("approval").ref
        assert "a second person is asked already" in walk.command("skip", about=about)


class TestAdding:
    def test_an_added_step_says_who_added_it_is_due_in_four_hours_and_keeps_its_answer(
        self, walk: Walk
    ) -> None:
        assert not walk.command("add_step", task="Call the landlord", to_whom="it", reason="He has keys.")
        question = next(one for one in walk._open() if one.title == "Call the landlord")
        assert question.due_at == walk.now + timedelta(hours=4)
        with walk.house.store.reading() as session:
            told = describe(walk.house, session, walk.incident(session), question)
        assert "Call the landlord" not in told, "a restricted incident's form says nothing of what to do"
        assert "Added by commander-1 at 2026-03-02T12:00Z." in added(walk).added
        step_id = added(walk).step_id
        assert not walk.answer(step_id, by="it-2", result="He came at once.")
        assert (added(walk).state, history(walk, "step_done")[-1].author) == ("done", "it-2")

    def test_it_is_for_a_person_about_one_client_until_an_instant(self, walk: Walk) -> None:
        until = START + timedelta(hours=30, seconds=30)
        fault = walk.command(
            "add_step", task="Call them", to_whom="privacy-2", about="example-retail", until=stamp(until)
        )
        assert not fault
        question = next(one for one in walk._open() if one.title == "Call them")
        assert (question.assignee, question.role, question.case_ref) == ("privacy-2", "privacy", "A")
        assert question.due_at == START + timedelta(hours=30)
        assert added(walk).case_ref == "A"
        assert "assigned to privacy-2" in walk.answer(added(walk).step_id, by="privacy-1")
        assert not walk.answer(added(walk).step_id)

    def test_whoever_also_leads_exercises_is_given_it_in_a_role_of_the_plan(self, walk: Walk) -> None:
        with walk.house.store.writing() as session:
            for handle, roles in (("lead-1", ["facilitator", "it"]), ("lead-2", ["facilitator"])):
                session.add(
                    Responder(handle=handle, name="", roles=roles, secret="s", enrolled_at=wall_now())
                )
        assert not walk.command("add_step", task="Call them", to_whom="lead-1")
        question = next(one for one in walk._open() if one.title == "Call them")
        assert (question.assignee, question.role) == ("lead-1", "it")
        assert "neither a role" in walk.command("add_step", task="Call them", to_whom="lead-2")

    @pytest.mark.parametrize(
        ("wrong", "fault"),
        [
            ({"task": ""}, "needs a task"),
            ({"to_whom": "nobody"}, "neither a role nor a responder"),
            ({"about": "Z"}, "not one of the incident's cases"),
            ({"until": stamp(START)}, "cannot be due then"),
            ({"until": stamp(START + timedelta(days=800))}, "cannot be due then"),
        ],
    )
    def test_what_cannot_be_is_refused(self, walk: Walk, wrong: dict[str, str], fault: str) -> None:
        assert fault in walk.command("add_step", **{"task": "Call them", "to_whom": "it", **wrong})

    def test_a_page_for_one_client_says_neither_what_was_added_nor_what_was_agreed_about_all(
        self, walk: Walk
    ) -> None:
        walk.command("add_step", task="Ask the other client", to_whom="it")
        walk.answer(added(walk).step_id)
        walk.command("skip", about="Close it by key")
        walk.command("false_positive", reason="Nothing of it is true.")
        walk.answer("approval", "refuse", reason="It is true.")
        assert {"Ask the other client", "Close as a false positive"} <= titles_for(walk)
        with walk.house.store.reading() as session:
            ref = session.exec(select(Client.ref)).first() or ""
        seen = titles_for(walk, ref)
        assert {ADDED, "A second person's word"} <= seen
        assert not [title for title in seen if "other client" in title or "false positive" in title]

    def test_the_incident_does_not_close_while_an_added_step_is_open(self, walk: Walk) -> None:
        walk.command("add_step", task="Call them", to_whom="it")
        walk.left = frozenset({"ask-around", "keep-telling", added(walk).step_id})
        while walk._next().kind != "command":
            walk.settle(walk._next())
        assert "Call them: added by hand, not answered yet" in walk.command("close")
        walk.answer(added(walk).step_id)
        assert not walk.command("close")
        assert walk.state == "closed"

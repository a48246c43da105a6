"""Whoever is kept out of an incident, or was never of its circle, is answered as if there were none."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from sqlmodel import select

from flows.action_items import close_action_item
from flows.circle import may_know, refuse_outsider
from flows.clock import wall_now
from flows.deciding import deciding
from flows.forms import Given
from flows.gathering import open_questions
from flows.house import House
from flows.law.scheduling import schedule_action
from flows.people import Newcomer, enrol
from flows.reporting import refuse_telling
from flows.settling.steps import _add_action
from flows.specs import holders_of, spec_of
from flows.starting import run_name
from flows.vouching import Vouched
from playbooks.errors import NotFound, Refused
from playbooks.fact_types import FactValue
from store.database import Store
from store.tables import ActionItem, Answer, Client, Incident, Message, Question, Responder, TimelineEntry
from tests.harness.stocks import play, stock
from tests.harness.sweeps import CAST_OF_TWO, GRAVE, outside, secrets_of, told
from tests.harness.walks import Walk, begin_walk

OUT = "it-2"
NEUTRAL = "this question is for the role it: somebody else has to answer"


def open_walk(store: Store, folder: Path, *, restricted: bool) -> Walk:
    library = play("every-key", restricted=restricted)
    walk = begin_walk(
        store,
        folder,
        title="A matter about a colleague",
        alert="a",
        playbook=next(iter(library)),
        library=library,
        cast=CAST_OF_TWO,
    )
    walk.facts = {**GRAVE, "restorable": "yes"}
    return walk


@pytest.fixture
def walk(sqlite_store: Store, tmp_path: Path) -> Walk:
    """An incident that is not restricted, in which somebody may be kept out all the same."""
    return open_walk(sqlite_store, tmp_path, restricted=False)


@pytest.fixture
def secret(sqlite_store: Store, tmp_path: Path) -> Walk:
    """A restricted incident."""
    return open_walk(sqlite_store, tmp_path, restricted=True)


def keep_out(walk: Walk, handle: str = OUT) -> None:
    assert not walk.command("exclude", to_whom=handle, reason="A conflict of interest.")


def messages(walk: Walk) -> list[Message]:
    with walk.house.store.reading() as session:
        return sorted(session.exec(select(Message)), key=lambda one: one.sequence)


def history(walk: Walk, kind: str) -> list[TimelineEntry]:
    with walk.house.store.reading() as session:
        return list(session.exec(select(TimelineEntry).where(TimelineEntry.kind == kind)))


def responder(walk: Walk, handle: str) -> Responder:
    with walk.house.store.reading() as session:
        return session.exec(select(Responder).where(Responder.handle == handle)).one()


def action_item(incident: Incident, owner: str, due_at: datetime) -> ActionItem:
    return ActionItem(
        ref="A-1",
        incident_id=incident.id or 0,
        title="t",
        owner=owner,
        due_at=due_at,
        evidence="",
        opened_at=incident.opened_at,
    )


class TestAnswering:
    def test_who_is_kept_out_hears_what_a_wrong_role_hears(self, walk: Walk) -> None:
        keep_out(walk)
        assert walk.answer("look", by=OUT) == NEUTRAL
        assert walk.answer("look", by="privacy-1") == NEUTRAL
        assert not walk.answer("look", by="it-1")

    def test_neither_code_nor_record_sets_the_refusal_apart(self, walk: Walk) -> None:
        keep_out(walk)
        walk.answer("look", by=OUT)
        walk.answer("look", by="privacy-1")
        with walk.house.store.reading() as session:
            kept, wrong = session.exec(select(Answer).where(Answer.verdict == "refused")).all()
        assert (kept.fault, kept.verdict) == (wrong.fault, wrong.verdict)
        tellings = [one.fields for one in messages(walk) if one.kind == "answer_refused"]
        assert tellings[0].keys() == tellings[1].keys()
        assert {one.get("by") for one in tellings} == {None}, "nobody is named, so that nobody is missing"

    def test_the_select_lists_them_still(self, walk: Walk) -> None:
        keep_out(walk)
        with walk.house.store.reading() as session:
            assert OUT in spec_of(session, walk.incident(session), walk.question("look")).responders
            assert OUT in holders_of(session, "it", walk.exercise_id)

    def test_no_question_is_given_to_them(self, walk: Walk) -> None:
        keep_out(walk)
        told_of_nobody = walk.command("reassign", about="Look at what", to_whom="it-9")
        assert walk.command("reassign", about="Look at what", to_whom=OUT) == told_of_nobody
        no_responder = walk.command("add_step", task="Call them", to_whom="it-9")
        assert walk.command("add_step", task="Call them", to_whom=OUT) == no_responder

    def test_what_was_theirs_goes_back_to_its_role_and_is_not_told_with_their_name(self, walk: Walk) -> None:
        assert not walk.command("reassign", about="Look at what", to_whom=OUT)
        before = len(messages(walk))
        keep_out(walk)
        question = walk.question("look")
        assert (question.assignee, question.role, question.run_id) == ("", "it", None)
        with walk.house.store.reading() as session:
            assert OUT not in run_name(question, walk.incident(session), None)
        assert OUT not in str([one.fields for one in messages(walk)[before:]])

    def test_a_new_holder_of_the_role_gets_a_form_where_only_the_one_kept_out_held_it(
        self, walk: Walk
    ) -> None:
        for handle in ("it-1", OUT):
            keep_out(walk, handle)
        with walk.house.store.writing() as session:
            generation = session.get_one(Question, walk.question("look").id).generation
            enrol(session, Newcomer("it-3", "It", ("it",)), ("commander-1",), wall_now())
        assert walk.question("look").generation == generation + 1


class TestCommanding:
    def test_keeping_out_is_one_persons_word_and_letting_back_in_two_peoples(self, walk: Walk) -> None:
        keep_out(walk)
        assert not walk.command("readmit", to_whom=OUT, reason="Cleared.")
        assert walk.answer("look", by=OUT) == NEUTRAL
        assert not walk.answer("approval", "approve")
        assert [entry.payload["handle"] for entry in history(walk, "responder_readmitted")] == [OUT]
        assert not walk.answer("look", by=OUT)
        keep_out(walk)

    def test_two_people_are_asked_back_side_by_side_but_none_of_them_twice(self, walk: Walk) -> None:
        for handle in ("it-1", OUT):
            keep_out(walk, handle)
            assert not walk.command("readmit", to_whom=handle)
        assert "this is asked already" in walk.command("readmit", to_whom=OUT)

    def test_who_is_kept_out_cannot_agree_to_be_let_back_in(self, walk: Walk) -> None:
        keep_out(walk, "approver-1")
        assert not walk.command("readmit", to_whom="approver-1")
        assert "for the role approver" in walk.answer("approval", "approve", by="approver-1")
        assert not walk.answer("approval", "approve", by="approver-2")

    def test_what_a_commander_gets_wrong_speaks_of_nobody(self, walk: Walk) -> None:
        keep_out(walk)
        faults = {
            walk.command("exclude", to_whom="nobody-1"),
            walk.command("exclude", to_whom="commander-1"),
            walk.command("exclude", to_whom=OUT),
            walk.command("readmit", to_whom="it-1"),
        }
        assert len(faults) == 1
        reasonless = walk.command("exclude", to_whom="it-1", reason="")
        for told_in_channel in (*faults, reasonless):
            assert not {OUT, "exclude", "readmit", "kept"} & set(told_in_channel.replace("`", " ").split())

    def test_nothing_told_or_asked_outside_says_who_was_kept_out_or_that_anybody_was(
        self, secret: Walk
    ) -> None:
        before = len(messages(secret))
        keep_out(secret)
        secret.command("readmit", to_whom=OUT, reason="Cleared of it.")
        with secret.house.store.reading() as session:
            questions = open_questions(session, secret.incident(session).id or 0)
        seen = [text for question in questions for text in outside(secret, question)]
        seen += [str(one.fields) for one in messages(secret)[before:]]
        text = "\n".join(seen).replace(str(["it-1", OUT]), "all who hold the role")
        assert OUT not in text
        assert "conflict" not in text
        assert "Cleared" not in text
        assert "let them back in" in text, "every commander's form offers it, always"

    def test_why_somebody_refused_or_escalated_is_read_in_the_circle_alone(self, walk: Walk) -> None:
        keep_out(walk)
        assert not walk.command("escalate", about="Look at what", reason="Their friend is under suspicion.")
        assert not walk.command("readmit", to_whom=OUT, reason="Cleared.")
        assert not walk.answer("approval", "refuse", reason="Still under suspicion.")
        commander = walk.asked("command")
        assert not walk.command("readmit", to_whom=OUT, reason="Cleared.")
        seen = [*outside(walk, commander), *outside(walk, walk.asked("approval")), *told(walk)]
        assert "suspicion" not in "\n".join(seen)
        (refusal,) = history(walk, "refused")
        assert (refusal.payload or {})["reason"] == "Still under suspicion.", (
            "the page tells it to the circle"
        )

    def test_a_step_given_by_name_opens_a_restricted_incident_to_that_one_alone(self, secret: Walk) -> None:
        with secret.house.store.writing() as session:
            for handle in ("client-1", "client-2"):
                enrol(session, Newcomer(handle, "C", ("client_lead",)), ("commander-1",), wall_now())
        assert not secret.command("add_step", task="Call them", to_whom="client-1")
        with secret.house.store.reading() as session:
            incident = secret.incident(session)
            known = [may_know(session, incident, responder(secret, f"client-{n}")) for n in (1, 2)]
        assert known == [True, False]

    def test_no_question_is_given_to_whoever_may_not_see_its_clients(self, walk: Walk) -> None:
        with walk.house.store.writing() as session:
            ref = session.exec(select(Client.ref)).all()[-1]
            enrol(session, Newcomer("it-3", "I", ("it",), (ref,)), ("commander-1",), wall_now())
        nobody = walk.command("reassign", about="Look at what", to_whom="it-9")
        assert walk.command("reassign", about="Look at what", to_whom="it-3") == nobody
        assert "neither a role nor a responder" in walk.command("add_step", task="Call", to_whom="it-3")

    def test_no_action_item_is_given_to_whoever_is_kept_out(self, walk: Walk) -> None:
        keep_out(walk)
        given = Given("it-1", "", "done", "", {}, walk.now)
        agreed: dict[str, FactValue] = {
            "action_title": "Mend it",
            "action_owner": OUT,
            "action_due": walk.now + timedelta(days=9),
        }
        with (
            deciding(walk.house, walk.ref) as decision,
            pytest.raises(Refused, match="no responder's handle"),
        ):
            _add_action(decision, given, agreed)


class TestCommands:
    def test_a_command_in_their_name_finds_no_such_incident(self, walk: Walk) -> None:
        keep_out(walk)
        with walk.house.store.reading() as session:
            incident = walk.incident(session)
            refuse_outsider(session, incident, responder(walk, "it-1"))
            with pytest.raises(NotFound, match="no such incident"):
                refuse_outsider(session, incident, responder(walk, OUT))

    def test_their_own_action_item_is_not_there_any_more_and_reminds_without_their_name(
        self, walk: Walk
    ) -> None:
        keep_out(walk)
        with walk.house.store.writing() as session:
            incident = session.exec(select(Incident)).one()
            item = action_item(incident, OUT, walk.now)
            session.add(item)
        vouched = Vouched(OUT, responder(walk, OUT).id or 0, 1)
        for ref in ("A-1", "A-2"):
            with pytest.raises(NotFound, match="no such action item") as refused:
                close_action_item(walk.house, ref, "Done.", vouched, "x")
            assert refused.value.mend == "see `seventytwo action list`"

    def test_reminders_and_escalations_name_roles_and_never_them(self, walk: Walk) -> None:
        with deciding(walk.house, walk.ref) as decision:
            item = action_item(decision.incident, OUT, walk.now + timedelta(days=20))
            decision.session.add(item)
            decision.session.flush()
            schedule_action(decision, item)
        keep_out(walk)
        before = len(messages(walk))
        walk.later(timedelta(days=30))
        later = messages(walk)[before:]
        assert {"escalated", "action_due", "action_overdue"} <= {one.kind for one in later}
        assert OUT not in str([one.fields for one in later])


def test_nothing_is_read_outside_of_what_a_restricted_incident_is_about_from_its_first_to_its_last(
    secret: Walk,
) -> None:
    seen: list[str] = []
    secret.watch = lambda question: seen.extend(outside(secret, question))
    secret.to("ask-around")
    assert secret.answer("ask-around", of_whom="").startswith("Answer 2: ")
    secret.to_the_end()
    everything = "\n".join([*seen, *told(secret)]).casefold()
    assert "answer 2" in everything
    assert [one for one in secrets_of(secret) if one.casefold() in everything] == []


def test_a_restricted_incident_is_not_reported_through_prefect_which_keeps_what_was_asked_for(
    secret: Walk, sqlite_store: Store
) -> None:
    with pytest.raises(Refused, match="everybody reads it"):
        refuse_telling(secret.house, "secret-affair")
    refuse_telling(
        stock(House(secret.house.settings, sqlite_store), play("every-key", restricted=False)),
        "secret-affair",
    )


def test_the_doubt_about_a_restricted_playbook_does_not_name_it(sqlite_store: Store, tmp_path: Path) -> None:
    expired = play("every-key", valid_until=date(2026, 1, 2))
    walk = begin_walk(
        sqlite_store,
        tmp_path,
        title="t",
        alert="a",
        playbook=next(iter(expired)),
        library=expired,
        cast=CAST_OF_TWO,
    )
    everything = "\n".join(told(walk)).casefold()
    assert "doubt about its playbook" in everything
    assert [one for one in secrets_of(walk) if len(one) > 3 and one.casefold() in everything] == []

"""A notice is released by as many people as its contract wants, each by their own word on the same text."""

from __future__ import annotations

import base64
import threading
from datetime import timedelta
from pathlib import Path

import pyotp
import pytest
from sqlmodel import select

from flows.answering import Claim, take_answer
from flows.clock import wall_now
from flows.describing import describe
from flows.forms import Given
from flows.text_proof import proof_wanted
from store.database import Store
from store.tables import Approval, Client, Contact, ContractTerm, Notice, NoticeDocument, Question, Responder
from tests.harness.law_walks import WORDS, LawWalk, begin_law_walk, client, ours


def walk_with(store: Store, folder: Path, *, people: int = 2, **terms: object) -> LawWalk:
    """An exercise with the notice to a client drafted, whose contract wants that many people."""
    walk = begin_law_walk(store, folder, ours("EU"), client("shop", "processor", "EU"), concerned=("shop",))
    agree(walk, approvals=people, **terms)
    walk.triage(clients=["shop"], our_role="processor", jurisdictions=["EU"])
    draft(walk)
    return walk


def agree(walk: LawWalk, **terms: object) -> None:
    """Let the client's contract say so from now on."""
    with walk.house.store.writing() as session:
        shop = session.exec(select(Client).where(Client.ref == "shop")).one()
        for old in session.exec(select(ContractTerm).where(ContractTerm.client_id == shop.id)):
            old.superseded_at = wall_now()
        session.flush()
        session.add(
            ContractTerm(client_id=shop.id, hours=24, citation="cl. 9", terms=terms, imported_at=wall_now())
        )


@pytest.fixture
def walk(sqlite_store: Store, tmp_path: Path) -> LawWalk:
    return walk_with(sqlite_store, tmp_path)


def draft(walk: LawWalk, **words: str) -> None:
    assert not walk.answer("tell-client", "draft", **(WORDS | words))


def notices(walk: LawWalk) -> list[Notice]:
    with walk.house.store.reading() as session:
        return sorted(session.exec(select(Notice)), key=lambda one: one.version)


def states(walk: LawWalk) -> list[str]:
    return [one.state for one in notices(walk)]


def releases(walk: LawWalk) -> list[Question]:
    return [one for one in walk.open() if one.kind == "release"]


def shown(walk: LawWalk, question: Question) -> str:
    with walk.house.store.reading() as session:
        return describe(walk.house, session, walk.incident(session), question)


def test_two_people_release_it_and_the_notice_names_both(walk: LawWalk) -> None:
    first, second = releases(walk)
    assert (first.title[:27], second.title[:27]) == (
        "Release the notice (1 of 2)",
        "Release the notice (2 of 2)",
    )
    assert not walk.answer("release", "approve", by="approver-1")
    assert states(walk) == ["drafted"]
    assert "**1 of 2** have released it: approver-1" in shown(walk, releases(walk)[0])
    assert not walk.answer("release", "approve", by="approver-2")
    assert states(walk) == ["accepted"]
    assert notices(walk)[0].approved_by == "approver-1, approver-2"


def test_one_person_is_not_two(walk: LawWalk) -> None:
    assert not walk.answer("release", "approve", by="approver-1")
    assert "a second person must decide this" in walk.answer("release", "approve", by="approver-1")
    assert states(walk) == ["drafted"]


def test_the_author_is_none_of_them(walk: LawWalk) -> None:
    assert [one.excluded for one in releases(walk)] == [["privacy-1"], ["privacy-1"]]


def test_one_refusal_sends_it_back_and_withdraws_the_other_question(walk: LawWalk) -> None:
    assert not walk.answer("release", "approve", by="approver-1")
    assert not walk.answer("release", "refuse", reason="The number is missing.", by="approver-2")
    assert releases(walk) == []
    draft(walk, nature="A list of 120 records was exported.")
    assert len(releases(walk)) == 2, "the word given on the old text counts for nothing"
    assert not walk.answer("release", "approve", by="approver-1")
    assert states(walk) == ["superseded", "drafted"]


def test_facts_that_change_between_two_words_void_both(walk: LawWalk) -> None:
    assert not walk.answer("release", "approve", by="approver-1")
    assert not walk.command("state", about="people_affected A", value="900")
    assert not walk.answer("release", "approve", by="approver-2")
    assert states(walk) == ["drafted"]
    assert releases(walk) == []
    assert {one.author for one in walk.history("word_void")} == {"approver-1", "approver-2"}
    draft(walk)
    assert len(releases(walk)) == 2


def test_a_contact_who_changes_between_two_words_voids_both_and_is_not_named(walk: LawWalk) -> None:
    assert not walk.answer("release", "approve", by="approver-1")
    with walk.house.store.writing() as session:
        shop = session.exec(select(Client).where(Client.ref == "shop")).one()
        session.add(
            Contact(
                client_id=shop.id or 0,
                purpose="client_controller",
                position=0,
                name="Somebody New",
                channel="email",
                address="new@example.com",
                imported_at=wall_now(),
            )
        )
    assert not walk.answer("release", "approve", by="approver-2")
    fault = walk.asked("tell-client").fault
    assert "whom it reaches" in fault
    assert "Somebody" not in fault
    assert states(walk) == ["drafted"]


def test_a_contract_that_wants_more_by_now_is_followed_and_one_that_wants_fewer_lowers_nothing(
    sqlite_store: Store, tmp_path: Path
) -> None:
    walk = walk_with(sqlite_store, tmp_path, people=1)
    agree(walk, approvals=2)
    assert not walk.answer("release", "approve", by="approver-1")
    assert states(walk) == ["drafted"]
    agree(walk, approvals=1)
    assert len(releases(walk)) == 1
    assert not walk.answer("release", "approve", by="approver-2")
    assert states(walk) == ["accepted"]


def test_too_few_approvers_are_said_at_once_and_lower_nothing(sqlite_store: Store, tmp_path: Path) -> None:
    walk = walk_with(sqlite_store, tmp_path, people=3)
    said = "it takes 3 people with the role approver and 2 could answer"
    assert said in shown(walk, releases(walk)[0])
    assert said in shown(walk, walk.asked("command"))
    assert any(said in str(one.fields) for one in walk.messages("note"))
    assert not walk.answer("release", "approve", by="approver-1")
    assert not walk.answer("release", "approve", by="approver-2")
    assert states(walk) == ["drafted"]


def test_time_running_out_names_the_next_and_releases_nothing(walk: LawWalk) -> None:
    walk.later(timedelta(hours=30))
    assert all(one.escalations for one in releases(walk))
    assert states(walk) == ["drafted"]
    assert not session_approvals(walk)


def session_approvals(walk: LawWalk) -> list[Approval]:
    with walk.house.store.reading() as session:
        return list(session.exec(select(Approval)))


def given_to(walk: LawWalk, question: Question, handle: str, late: int = 0) -> tuple[Claim, Given]:
    """An answer that approves, as it would come from Prefect."""
    at = wall_now() + timedelta(seconds=500 + late)
    with walk.house.store.reading() as session:
        read = proof_wanted(session, question)
    code = pyotp.HOTP(walk.secrets[handle]).at(int(at.timestamp()))
    claim = Claim(walk.ref, question.ref, question.generation, question.attempt)
    return claim, Given(handle, code, "approve", "", read, at)


def at_once(walk: LawWalk, *answers: tuple[Claim, Given]) -> None:
    gate = threading.Barrier(len(answers))

    def give(claim: Claim, given: Given) -> None:
        gate.wait()
        take_answer(walk.house, claim, given)

    threads = [threading.Thread(target=give, args=one) for one in answers]
    for one in threads:
        one.start()
    for one in threads:
        one.join()


def test_two_people_at_the_same_instant_release_it_once(store: Store, tmp_path: Path) -> None:
    walk = walk_with(store, tmp_path)
    first, second = releases(walk)
    at_once(walk, given_to(walk, first, "approver-1"), given_to(walk, second, "approver-2"))
    assert states(walk) == ["accepted"]
    assert len(walk.history("notice_accepted")) == 1
    assert {one.handle for one in session_approvals(walk) if one.granted} == {"approver-1", "approver-2"}


def test_one_person_at_both_questions_at_the_same_instant_gives_one_word(
    store: Store, tmp_path: Path
) -> None:
    walk = walk_with(store, tmp_path)
    first, second = releases(walk)
    at_once(walk, given_to(walk, first, "approver-1"), given_to(walk, second, "approver-1", late=2))
    assert states(walk) == ["drafted"]
    assert len(session_approvals(walk)) == 1
    assert len(releases(walk)) == 1


def test_the_same_answer_twice_is_one_word(store: Store, tmp_path: Path) -> None:
    walk = walk_with(store, tmp_path)
    same = given_to(walk, releases(walk)[0], "approver-1")
    at_once(walk, same, same)
    assert len(session_approvals(walk)) == 1
    assert len(releases(walk)) == 1


def test_a_text_that_is_edited_in_the_store_is_released_by_nobody(walk: LawWalk) -> None:
    assert not walk.answer("release", "approve", by="approver-1")
    with walk.house.store.writing() as session:
        notice = session.exec(select(Notice)).one()
        notice.text = notice.text.replace("A list of records", "A list of 7 records")
        session.add(notice)
    assert "has changed since it was put to you" in walk.answer("release", "approve", by="approver-2")
    assert states(walk) == ["drafted"]


def test_the_answer_that_drafted_it_given_again_writes_nothing_anew(walk: LawWalk) -> None:
    with walk.house.store.reading() as session:
        asked = session.exec(select(Question).where(Question.kind == "draft")).one()
    assert not walk.answer("release", "approve", by="approver-1")
    before = notices(walk)[0].text
    at = wall_now() + timedelta(seconds=900)
    code = pyotp.HOTP(walk.secrets["privacy-1"]).at(int(at.timestamp()))
    for attempt in (asked.attempt, asked.attempt - 1):
        claim = Claim(walk.ref, asked.ref, asked.generation, attempt)
        take_answer(
            walk.house, claim, Given("privacy-1", code, "draft", "", {**WORDS, "nature": "Else."}, at)
        )
    assert [one.text for one in notices(walk)] == [before]
    assert not walk.answer("release", "approve", by="approver-2")
    assert states(walk) == ["accepted"]


def test_nobody_is_told_again_while_it_waits_for_its_second_word(walk: LawWalk) -> None:
    assert not walk.answer("release", "approve", by="approver-1")
    assert walk.command("tell_again", about="client_controller A")
    assert len(releases(walk)) == 1
    assert states(walk) == ["drafted"]


def test_an_incident_that_closes_before_the_second_word_releases_nothing(walk: LawWalk) -> None:
    assert not walk.answer("release", "approve", by="approver-1")
    last = given_to(walk, releases(walk)[0], "approver-2")
    assert not walk.command("false_positive")
    walk.approve()
    take_answer(walk.house, *last)
    assert states(walk) == ["drafted"]
    assert len([one for one in session_approvals(walk) if one.handle == "approver-2"]) == 0


def test_a_document_that_is_edited_in_the_store_is_released_by_nobody_and_can_be_sent_back(
    walk: LawWalk,
) -> None:
    assert not walk.answer("release", "approve", by="approver-1")
    with walk.house.store.writing() as session:
        paper = session.exec(select(NoticeDocument).where(NoticeDocument.kind == "pdf")).one()
        paper.content = base64.b64encode(b"%PDF-1.7 something else").decode()
        session.add(paper)
    assert "has changed since it was put to you" in walk.answer("release", "approve", by="approver-2")
    assert states(walk) == ["drafted"]
    assert not walk.answer("release", "refuse", by="approver-2", reason="It was tampered with.")
    draft(walk)
    assert states(walk) == ["superseded", "drafted"]


@pytest.mark.parametrize("change", ["disabled", "role taken away"])
def test_the_word_of_who_may_release_nothing_any_more_counts_for_none(walk: LawWalk, change: str) -> None:
    assert not walk.answer("release", "approve", by="approver-1")
    with walk.house.store.writing() as session:
        gone = session.exec(select(Responder).where(Responder.handle == "approver-1")).one()
        if change == "disabled":
            gone.disabled_at = wall_now()
        else:
            gone.roles = [role for role in gone.roles if role != "approver"]
        session.add(gone)
    assert not walk.answer("release", "approve", by="approver-2")
    assert states(walk) == ["drafted"]
    (left,) = releases(walk)
    assert "(2 of 2)" in left.title
    assert left.excluded == ["approver-1", "approver-2", "privacy-1"]
    assert "it takes 1 person with the role approver and 0 could answer" in shown(walk, left)

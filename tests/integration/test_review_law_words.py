"""A second person's word counts only for what the first decided on, once, and within what can be."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from sqlmodel import select

from flows.describing import describe
from store.database import Store
from store.tables import Notice
from tests.harness.law_walks import WORDS, LawWalk, begin_law_walk, client, ours
from tests.harness.walks import START, stamp
from tests.integration.test_law_decisions import AUTHORITY, EU, learn
from tests.integration.test_law_hipaa import covered_entity

GRAVE = {"people_affected": "400000", "risk": "high"}
HIPAA = "US-HIPAA-404"


@pytest.fixture
def walk(sqlite_store: Store, tmp_path: Path) -> LawWalk:
    """An incident about our own staff, the risk to whom is said to be likely."""
    walk = begin_law_walk(sqlite_store, tmp_path, ours("EU"), client("retail", "controller", "UK"))
    walk.triage(clients=["ours"], our_role="controller", **EU)
    assert not walk.answer("assess-risk", risk="likely")
    walk.approve()
    return walk


def form(walk: LawWalk, about: str) -> str:
    """What the form of an open question says."""
    with walk.house.store.reading() as session:
        return describe(walk.house, session, walk._incident(session), walk.asked(about))


def test_silence_agreed_after_a_fact_changed_goes_back_to_whoever_asked_for_it(walk: LawWalk) -> None:
    assert not walk.answer("tell-authority", "do_not_notify", reason="Forty people, contact data only.")
    learn(walk, **GRAVE)
    walk.approve()
    assert walk.duty(AUTHORITY, "A").state == "owed"
    assert "people_affected A" in walk.asked("tell-authority").fault
    assert any("people_affected A" in one.fields["why"] for one in walk.messages("answer_refused"))
    assert walk.history("word_void")
    assert not walk.history("duty_waived")
    assert not walk.answer("tell-authority", "do_not_notify", reason="Asked again with both numbers.")
    walk.approve()
    assert walk.duty(AUTHORITY, "A").state == "waived", "on the same facts it counts"


def test_a_waiver_and_a_meeting_agreed_after_a_fact_changed_do_not_count(walk: LawWalk) -> None:
    assert not walk.command("waive", about=AUTHORITY, reason="Forty people.")
    assert not walk.command("met", about=AUTHORITY, at=stamp(walk.now), basis="Receipt")
    learn(walk, **GRAVE)
    walk.approve()
    walk.approve()
    assert walk.duty(AUTHORITY, "A").state == "owed"
    assert "changed since" in walk.asked("command").fault


def test_a_fact_that_has_nothing_to_do_with_a_duty_voids_no_word_about_it(walk: LawWalk) -> None:
    assert not walk.command("waive", about=AUTHORITY, reason="Forty people.")
    learn(walk, root_cause="A setting.")
    walk.approve()
    assert walk.duty(AUTHORITY, "A").state == "waived"


def test_no_false_positive_closes_over_a_client_found_meanwhile(walk: LawWalk) -> None:
    assert not walk.command("false_positive", reason="Only a scanner.")
    assert not walk.command("add_client", about="retail")
    walk.approve()
    assert walk.is_asked("command")
    assert "the clients concerned" in walk.asked("command").fault


def test_an_assessment_agreed_after_a_fact_changed_is_made_again(sqlite_store: Store, tmp_path: Path) -> None:
    walk = begin_law_walk(sqlite_store, tmp_path, ours("EU"))
    walk.triage(clients=["ours"], our_role="controller", **EU)
    assert not walk.answer("assess-risk", risk="unlikely")
    learn(walk, people_affected="400000")
    walk.approve()
    assert walk.duty(AUTHORITY, "A").state == "presumed", "nobody has agreed that there is no risk"
    assert "people_affected" in walk.asked("assess-risk").fault


def test_a_notice_is_not_released_with_numbers_that_no_longer_stand(walk: LawWalk) -> None:
    assert not walk.answer("tell-authority", "draft", **WORDS)
    learn(walk, people_affected="400000")
    assert not walk.answer("release", "approve")
    assert walk.duty(AUTHORITY, "A").state == "owed"
    assert "people_affected" in walk.asked("tell-authority").fault


def test_one_word_is_asked_once_and_a_refusal_stands_before_the_next_approver(walk: LawWalk) -> None:
    assert not walk.command("waive", about=AUTHORITY, reason="Forty people.")
    assert "this is asked already" in walk.command("waive", about=f"{AUTHORITY} A", reason="Once more.")
    assert "this is asked already" in walk.answer("tell-authority", "do_not_notify", reason="Nobody.")
    assert not walk.command("met", about=AUTHORITY, at=stamp(walk.now), basis="Receipt"), "another act"
    walk.approve()
    assert walk.duty(AUTHORITY, "A").state == "waived"


def test_a_refusal_is_shown_to_whoever_is_asked_next(walk: LawWalk) -> None:
    assert not walk.command("waive", about=AUTHORITY, reason="Forty people.")
    assert not walk.answer("approval", "refuse", reason="Count them first.")
    assert "Count them first." in walk.asked("command").fault
    assert not walk.command("waive", about=AUTHORITY, reason="Counted.")
    assert "**refused before** by approver-1: Count them first." in form(walk, "approval")


def test_what_the_law_wants_assessed_cannot_be_called_not_applicable(
    sqlite_store: Store, tmp_path: Path
) -> None:
    walk = begin_law_walk(sqlite_store, tmp_path, ours("AU"))
    walk.triage(clients=["ours"], our_role="controller", **(EU | {"jurisdictions": ["AU"]}))
    step = "assess-au-ndb-26wh"
    assert "the law asks" in walk.answer(step, "not_applicable", reason="No.")
    assert walk.is_asked(step)
    assert len(walk.steps(step)) == 1


def test_what_became_late_after_its_draft_gives_its_reasons_when_it_is_told(walk: LawWalk) -> None:
    walk.later(timedelta(hours=71))
    assert not walk.answer("tell-authority", "draft", **WORDS)
    walk.later(timedelta(hours=20))
    assert "the reasons for the delay" in walk.answer("release", "approve", reason=" ")
    assert not walk.answer("release", "approve", reason="The approver was ill.")
    duty = walk.duty(AUTHORITY, "A")
    assert (duty.state, duty.late_reason) == ("met", "The approver was ill.")


def test_whoever_was_told_before_the_clock_started_was_told(walk: LawWalk) -> None:
    learn(walk, detected_at=stamp(START - timedelta(hours=3)))
    about = {"about": AUTHORITY, "basis": "Receipt"}
    assert "before anybody noticed" in walk.command("met", **about, at=stamp(START - timedelta(hours=4)))
    assert not walk.command("met", **about, at=stamp(START - timedelta(hours=2)))
    walk.approve()
    assert walk.duty(AUTHORITY, "A").state == "met"
    learn(walk, root_cause="A setting.")
    assert walk.duty(AUTHORITY, "A").state == "met"


@pytest.fixture
def delayable(sqlite_store: Store, tmp_path: Path) -> LawWalk:
    return covered_entity(sqlite_store, tmp_path)


@pytest.mark.parametrize(
    ("at", "until", "basis", "why"),
    [
        (900, 920, "oral", "it lies ahead"),
        (0, 400, "written: letter of 2 March", "366 days"),
        (0, 31, "Nothing written, by telephone", "30 days"),
    ],
)
def test_a_delay_that_the_law_does_not_know_is_refused(
    delayable: LawWalk, at: int, until: int, basis: str, why: str
) -> None:
    asked = {"at": stamp(delayable.now + timedelta(days=at)), "basis": basis}
    ends = stamp(delayable.now + timedelta(days=until))
    assert why in delayable.command("delay", about=HIPAA, until=ends, **asked)


def test_a_delay_by_word_of_mouth_is_granted_once_and_none_after_the_deadline(delayable: LawWalk) -> None:
    def ask(days: int, basis: str) -> str:
        until = stamp(delayable.now + timedelta(days=days))
        return delayable.command("delay", about=HIPAA, at=stamp(delayable.now), until=until, basis=basis)

    delayable.later(timedelta(days=50))
    assert not ask(20, "oral")
    delayable.approve()
    assert "by word of mouth already" in ask(25, "oral")
    assert not ask(25, "written: letter of the agency")
    delayable.later(timedelta(days=26))
    delayable.approve()
    assert "over already" in delayable.asked("command").fault, "the word came when the delay was over"
    assert "overdue when the delay was asked" in ask(25, "written: letter of the agency")


def test_a_fact_is_corrected_at_once_and_one_that_ends_a_duty_by_two_people(walk: LawWalk) -> None:
    assert not walk.command("state", about="people_affected a", value="4000", reason="Counted anew.")
    assert walk.duty(AUTHORITY, "A").state == "owed"
    assert walk.history("facts_asserted")[-1].payload["facts"] == {
        "people_affected": {"low": 4000, "high": 4000}
    }
    assert not walk.command("state", about="risk", value="unlikely", reason="Only names.")
    assert walk.duty(AUTHORITY, "A").state == "owed", "one word ends no duty"
    assert "asked already" in walk.command("state", about="risk", value="unlikely", reason="Again.")
    assert AUTHORITY in form(walk, "approval")
    walk.approve()
    assert walk.duty(AUTHORITY, "A").state == "not_owed"
    assert not walk.command("state", about="risk", value="high", reason="It was more.")
    assert walk.duty(AUTHORITY, "A").state == "owed", "what makes a duty needs one word"


@pytest.mark.parametrize(
    ("about", "value", "why"),
    [
        ("no_such_fact", "1", "name a fact"),
        ("people_affected Z", "1", "name a fact"),
        ("people_affected", "many", "give a count"),
        ("aware_at", "2026-03-09T12:00Z", "it lies ahead"),
    ],
)
def test_a_fact_that_cannot_be_is_not_stated(walk: LawWalk, about: str, value: str, why: str) -> None:
    assert why in walk.command("state", about=about, value=value, reason="r")
    assert "needs a reason" in walk.command("state", about="people_affected", value="4", reason=" ")


def test_no_notice_was_sent_before_it_was_released_and_a_late_receipt_gives_reasons(walk: LawWalk) -> None:
    written = walk.now
    assert not walk.answer("tell-authority", "draft", **WORDS)
    with walk.house.store.writing() as session:
        notice = session.exec(select(Notice)).one()
        notice.channel = "portal"
        session.add(notice)
    walk.later(timedelta(hours=75))
    assert not walk.answer("release", "approve", reason=" ")
    proof = {"receipt": "No. 4", "accepted_at": stamp(walk.now)}
    assert "released it" in walk.answer("proof", "accepted", sent_at=stamp(written), **proof)
    proof["sent_at"] = stamp(walk.now)
    assert "reasons for the delay" in walk.answer("proof", "accepted", **proof, reason=" ")
    assert not walk.answer("proof", "accepted", **proof, reason="The portal was down.")
    assert walk.duty(AUTHORITY, "A").late_reason == "The portal was down."

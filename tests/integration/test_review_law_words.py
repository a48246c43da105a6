"""A second person's word counts only for what the first decided on, once, and within what can be."""

from __future__ import annotations

from pathlib import Path

import pytest

from flows.describing import describe
from store.database import Store
from tests.harness.law_walks import WORDS, LawWalk, begin_law_walk, client, ours
from tests.harness.walks import stamp
from tests.integration.test_law_decisions import AUTHORITY, EU, learn

GRAVE = {"people_affected": "400000", "risk": "high"}


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

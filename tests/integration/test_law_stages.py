"""NIS2 from early warning to final report, stage by stage, and what one notice answers and what not."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlmodel import select

from flows.asserting import assert_facts, join_jurisdictions
from flows.deciding import deciding
from store.database import Store
from store.tables import Client, Notice
from tests.harness.law_walks import WORDS, LawWalk, begin_law_walk, client, ours
from tests.harness.walks import START, stamp

WARNING, NOTIFICATION, FINAL = "EU-NIS2-23-4a", "EU-NIS2-23-4b", "EU-NIS2-23-4d"
BERLIN = ZoneInfo("Europe/Berlin")
AUTHORITY = "csirt_or_competent_authority"
EU = {"jurisdictions": ["EU"], "data_categories": ["contact"]}


def entity(store: Store, folder: Path, *clients: Client, **facts: object) -> LawWalk:
    """An incident at us, an important entity under NIS2."""
    retail = client("retail", "processor", "EU")
    us = ours("EU", status=("nis2_entity",))
    walk = begin_law_walk(store, folder, retail, us, *clients, concerned=("retail",))
    named = ["retail", *(one for one in ("bank",) if clients)]
    walk.triage(clients=named, our_role="processor", **EU, **facts)
    return walk


@pytest.fixture
def walk(store: Store, tmp_path: Path) -> LawWalk:
    return entity(store, tmp_path, significant_incident="yes")


def notices(walk: LawWalk) -> list[Notice]:
    with walk.house.store.reading() as session:
        return sorted(session.exec(select(Notice)), key=lambda one: one.id or 0)


def test_triage_asks_whether_the_incident_is_significant_because_we_are_such_an_entity(
    sqlite_store: Store, tmp_path: Path
) -> None:
    us = ours("EU", status=("nis2_entity",))
    walk = begin_law_walk(sqlite_store, tmp_path, client("retail", "processor", "EU"), us)
    for step in ("confirm-alert", "preserve-logs"):
        walk.answer(step)
    assert "significant_incident" in walk.fields("triage")
    assert "risk" not in walk.fields("triage"), "a later step of the plan asks for it"


def test_each_stage_is_told_in_its_turn_and_the_final_report_counts_from_the_submission(
    walk: LawWalk,
) -> None:
    first = walk.asked(AUTHORITY)
    assert "(early warning)" in first.title
    assert walk.duty(WARNING).due_at == START + timedelta(hours=24)
    assert (walk.duty(FINAL).state, walk.duty(FINAL).due_at) == ("owed", None)
    walk.tell(AUTHORITY)
    assert [walk.duty(rule).state for rule in (WARNING, NOTIFICATION, FINAL)] == ["met", "owed", "owed"]
    second = walk.asked(AUTHORITY)
    assert second.title == "Tell the CSIRT or competent authority (EU)"
    assert walk.duty(FINAL).anchor_at is None, "nothing was submitted yet"
    refused = walk.command("met", about=FINAL, at=stamp(walk.now), basis="Receipt")
    assert "it follows another act" in refused
    walk.later(timedelta(hours=40))
    walk.tell(AUTHORITY)
    submitted = walk.duty(NOTIFICATION).met_at
    assert submitted == START + timedelta(hours=40)
    final = walk.duty(FINAL)
    assert final.anchor_at == submitted
    a_month_later = submitted.astimezone(BERLIN).replace(month=4)
    assert final.due_at == a_month_later, "from the submission, not from awareness, on our authority's clock"
    assert [entry.kind for entry in walk.ledger(final)] == ["appeared", "moved"]
    settle_containment(walk)
    assert "(final)" in walk.asked(AUTHORITY).title
    walk.tell(AUTHORITY)
    assert walk.duty(FINAL).state == "met"
    assert not walk.is_asked(AUTHORITY)
    assert [step.round for step in walk.steps("tell-csirt-or-competent-authority-eu")] == [1, 2, 3]


def settle_containment(walk: LawWalk) -> None:
    """Say that it is contained: no progress report is due beside the final one."""
    for step in ("disable-account", "restrict-circle"):
        walk.answer(step)
    walk.answer("close-route", contained="yes")
    walk.approve()


def test_a_repeat_or_a_review_asks_nothing_twice(walk: LawWalk) -> None:
    before = len(walk._open())
    assert walk.review() == 0
    assert len(walk._open()) == before
    assert len(walk.steps("tell-csirt-or-competent-authority-eu")) == 1


def test_a_duty_that_appears_after_the_notice_was_written_is_not_met_by_it(walk: LawWalk) -> None:
    assert not walk.answer(AUTHORITY, "draft", **WORDS)
    assert notices(walk)[-1].obligations == [walk.duty(WARNING).id]
    walk.answer("release", "approve")
    assert not walk.answer("tell-client", "draft", **WORDS)
    with deciding(walk.house, walk.ref) as decision:
        assert_facts(decision, {"jurisdictions": frozenset({"EU", "PH"})}, author="commander-1")
        join_jurisdictions(decision, "commander-1")
    walk.review()
    walk.answer("release", "approve")
    assert walk.duty("EU-GDPR-33-2", "A").state == "met"
    assert walk.duty("PH-NPC-1603-16", "A").state == "owed"
    again = walk.asked("tell-client")
    assert [row.round for row in walk.steps("tell-client")] == [1, 2]
    assert again.case_ref == "A"


def test_a_duty_of_ours_is_asked_once_however_many_clients_are_concerned(
    sqlite_store: Store, tmp_path: Path
) -> None:
    walk = entity(sqlite_store, tmp_path, client("bank", "processor", "EU"), significant_incident="yes")
    assert [one.case_ref for one in walk.duties() if one.rule_id == WARNING] == [""]
    assert [one.case_ref for one in walk.duties() if one.rule_id == "EU-GDPR-33-2"] == ["A", "B"]
    assert len(walk.steps("tell-csirt-or-competent-authority-eu")) == 1


def test_a_notice_of_the_laws_own_is_taken_back_when_no_duty_runs_any_more(walk: LawWalk) -> None:
    assert walk.is_asked(AUTHORITY)
    with deciding(walk.house, walk.ref) as decision:
        assert_facts(decision, {"significant_incident": False}, author="commander-1")
    walk.review()
    assert not walk.is_asked(AUTHORITY)
    assert walk.steps("tell-csirt-or-competent-authority-eu")[0].state == "withdrawn"


def test_what_the_law_does_not_know_is_asked_again_once_a_later_record_makes_it_matter(
    sqlite_store: Store, tmp_path: Path
) -> None:
    walk = begin_law_walk(
        sqlite_store, tmp_path, client("retail", "processor", "EU"), ours("EU"), concerned=("retail",)
    )
    walk.triage(clients=["retail"], our_role="processor", **EU)
    assert not walk.is_asked("answer-the-law")
    with walk.house.store.writing() as session:
        us = session.exec(select(Client).where(Client.own)).one()  # type: ignore[call-overload]
        us.status = ["nis2_entity"]
        session.add(us)
    assert walk.review() == 1
    assert walk.fields("answer-the-law") == {"significant_incident"}
    assert walk.review() == 0
    walk.answer("answer-the-law", significant_incident="no")
    assert walk.duty(WARNING).state == "not_owed"
    assert walk.review() == 0, "a set of facts is asked for once"


def test_a_question_of_the_laws_own_is_withdrawn_when_nobody_needs_its_answer(
    sqlite_store: Store, tmp_path: Path
) -> None:
    us = ours("EU", status=("nis2_entity",))
    walk = begin_law_walk(
        sqlite_store, tmp_path, client("retail", "processor", "EU"), us, concerned=("retail",)
    )
    with walk.house.store.writing() as session:
        record = session.exec(select(Client).where(Client.own)).one()  # type: ignore[call-overload]
        record.status = ["none"]
        session.add(record)
    walk.review()
    walk.triage(clients=["retail"], our_role="processor", **EU)
    for status in (["nis2_entity"], ["none"]):
        with walk.house.store.writing() as session:
            record = session.exec(select(Client).where(Client.own)).one()  # type: ignore[call-overload]
            record.status = status
            session.add(record)
        walk.review()
    assert not walk.is_asked("answer-the-law")
    assert [row.state for row in walk.steps("answer-the-law")] == ["withdrawn"]


def test_triage_leaves_out_what_no_law_here_and_no_condition_reads(
    sqlite_store: Store, tmp_path: Path
) -> None:
    """Only Switzerland is in the footprint, whose law this rulebook does not know: numbers decide nothing."""
    walk = begin_law_walk(
        sqlite_store, tmp_path, client("retail", "processor", "CH"), ours("CH"), concerned=("retail",)
    )
    for step in ("confirm-alert", "preserve-logs"):
        walk.answer(step)
    asked = walk.fields("triage")
    assert {"clients", "personal_data", "jurisdictions", "our_role", "aware_at"} <= asked
    assert "people_affected" not in asked


def test_where_the_rulebook_has_no_law_counsel_is_asked_and_the_answer_meets_the_duty(
    sqlite_store: Store, tmp_path: Path
) -> None:
    walk = begin_law_walk(
        sqlite_store, tmp_path, client("retail", "processor", "CH"), ours("CH"), concerned=("retail",)
    )
    walk.triage(clients=["retail"], our_role="processor", jurisdictions=["CH"])
    assert walk.asked("assess-ask-ch").role == "privacy"
    assert not walk.answer("assess-ask-ch", conclusion="Counsel: the federal commissioner, at once.")
    duty = walk.duty("ASK-CH", "A")
    assert (duty.state, duty.proof) == ("met", "Counsel: the federal commissioner, at once.")
    assert walk.review() == 0


def test_an_assessment_is_met_by_the_instant_at_which_it_was_finished(
    sqlite_store: Store, tmp_path: Path
) -> None:
    walk = begin_law_walk(sqlite_store, tmp_path, ours("AU"), concerned=("ours",))
    walk.triage(clients=["ours"], our_role="controller", jurisdictions=["AU"])
    assert walk.duty("AU-NDB-26WH", "A").state == "owed"
    assert walk.fields("assess-au-ndb-26wh") == {"assessed_at", "conclusion"}
    assert not walk.is_asked("register"), "nobody outside is told of an assessment"
    walk.later(timedelta(days=3))
    finished = walk.now - timedelta(hours=1)
    assert not walk.answer("assess-au-ndb-26wh", conclusion="Not yet.")
    assert walk.duty("AU-NDB-26WH", "A").state == "owed"
    assert not walk.answer("assess-au-ndb-26wh", assessed_at=stamp(finished), conclusion="By counsel.")
    duty = walk.duty("AU-NDB-26WH", "A")
    assert (duty.state, duty.met_at) == ("met", finished)

"""What changes beside an incident: facts judged by, starts nobody stated, client records, the dictionary."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import select

from flows.asserting import add_cases, assert_facts
from flows.clock import wall_now
from flows.deciding import deciding
from flows.gathering import cases_of, view_of
from flows.opening import Opening, open_incident
from flows.settling.steps import state_facts
from flows.watch_loop import _look_anew, last_beat
from playbooks.fact_types import UNKNOWN, FactValue
from store.adding import add_rows
from store.database import Store
from store.tables import Client, FactRow, Incident
from tests.harness.law_walks import LawWalk, begin_law_walk, client, ours
from tests.integration.test_law_decisions import AUTHORITY, CLIENT, EU, learn


@pytest.fixture
def walk(sqlite_store: Store, tmp_path: Path) -> LawWalk:
    """An incident about our own staff, the risk to whom two people hold to be unlikely."""
    shop = client("shop", "controller", "EU")
    walk = begin_law_walk(sqlite_store, tmp_path, ours("EU"), shop, concerned=("ours",))
    walk.triage(clients=["ours"], our_role="controller", **EU)
    judge(walk, "unlikely")
    return walk


def judge(walk: LawWalk, risk: str) -> None:
    assert not walk.answer("assess-risk", risk=risk)
    walk.approve()


def test_a_risk_held_unlikely_is_asked_anew_once_what_it_rests_on_has_changed(walk: LawWalk) -> None:
    assert walk.duty(AUTHORITY, "A").state == "not_owed"
    learn(walk, root_cause="A setting.", people_affected="40")
    assert not walk.is_asked("assess-risk")
    learn(walk, people_affected="400000", data_categories="health")
    assert walk.duty(AUTHORITY, "A").state == "presumed"
    again = walk.steps("assess-risk")
    assert [(row.round, row.state) for row in again] == [(1, "done"), (2, "open")]
    assert again[1].why == "changed since it was judged: data_categories, people_affected"
    assert walk.asked("assess-risk").fault == again[1].why
    walk.review()
    assert len(walk.steps("assess-risk")) == len(again), "it is asked once"
    judge(walk, "unlikely")
    walk.review()
    assert walk.duty(AUTHORITY, "A").state == "not_owed"
    assert not walk.is_asked("assess-risk")


def test_a_case_more_reopens_what_was_judged_without_it(walk: LawWalk) -> None:
    with deciding(walk.house, walk.ref) as decision:
        add_cases(decision, ("shop",), "commander-1")
    walk.review()
    assert walk.duty(AUTHORITY, "A").state == "presumed"
    assert walk.steps("assess-risk")[-1].why == "changed since it was judged: case B was added"


def test_what_changes_before_the_second_word_counts_as_changed(sqlite_store: Store, tmp_path: Path) -> None:
    walk = begin_law_walk(sqlite_store, tmp_path, ours("EU"), concerned=("ours",))
    walk.triage(clients=["ours"], our_role="controller", **EU)
    assert not walk.answer("assess-risk", risk="unlikely")
    learn(walk, people_affected="4000")
    walk.approve()
    assert walk.duty(AUTHORITY, "A").state == "presumed"
    assert walk.is_asked("assess-risk")


def test_a_likely_risk_stands_while_it_is_asked_whether_it_is_high(
    sqlite_store: Store, tmp_path: Path
) -> None:
    walk = begin_law_walk(sqlite_store, tmp_path, ours("EU"), concerned=("ours",))
    walk.triage(clients=["ours"], our_role="controller", **EU)
    judge(walk, "likely")
    learn(walk, people_affected="4000")
    assert walk.duty(AUTHORITY, "A").state == "owed"
    assert walk.is_asked("assess-risk")
    judge(walk, "high")
    learn(walk, people_affected="40000")
    assert not walk.is_asked("assess-risk"), "no graver judgement is left"


def test_a_judgement_given_at_triage_is_asked_anew_by_the_law(sqlite_store: Store, tmp_path: Path) -> None:
    walk = begin_law_walk(sqlite_store, tmp_path, ours("PH"), concerned=("ours",))
    about = {"our_role": "controller", "jurisdictions": ["PH"], "data_categories": ["health"]}
    walk.triage(clients=["ours"], **about, serious_harm="no")
    before = len(walk.steps("answer-the-law"))
    learn(walk, people_affected="4000")
    with walk.house.store.reading() as session:
        view = view_of(session, walk._incident(session).id or 0)
    assert view.known("serious_harm") is UNKNOWN
    assert len(walk.steps("answer-the-law")) == before + 1
    assert "serious_harm" in walk.fields("answer-the-law")
    assert not walk.answer("answer-the-law", serious_harm="no")
    walk.review()
    assert known(walk, "serious_harm") is False, "it now rests on the facts of today"
    learn(walk, people_affected="40000")
    assert known(walk, "serious_harm") is UNKNOWN


def test_a_processors_decision_rests_on_how_grave_it_is_and_not_on_other_places(
    sqlite_store: Store, tmp_path: Path
) -> None:
    walk = begin_law_walk(
        sqlite_store, tmp_path, client("retail", "processor", "EU"), ours("EU"), concerned=("retail",)
    )
    walk.triage(clients=["retail"], our_role="processor", **EU)
    assert not walk.answer("tell-client", "do_not_notify", reason="Forty encrypted records.")
    walk.approve()
    rests = walk.duty(CLIENT, "A").rests_on
    assert rests is not None
    assert rests["facts"]["jurisdictions has EU"] is True
    learn(walk, jurisdictions="EU,BR")
    assert walk.duty(CLIENT, "A").state == "waived"
    learn(walk, people_affected="400000")
    assert walk.duty(CLIENT, "A").state == "owed"


def test_not_knowing_a_count_takes_no_known_one_back(walk: LawWalk) -> None:
    learn(walk, people_affected="4000")
    asked = next(step for step in walk.steps() if step.state == "open" and step.step_id == "assess-risk")
    with deciding(walk.house, walk.ref) as decision:
        state_facts(decision, asked, "Q-1", "privacy-1", {"people_affected": UNKNOWN, "encrypted": UNKNOWN})
        view = view_of(decision.session, decision.incident_id)
    assert str(view.known("people_affected")) == "4000"
    assert view.known("encrypted") is UNKNOWN


def record(walk: LawWalk, **changes: Any) -> None:
    """Change the record of our own organisation's data, as an import would."""
    with walk.house.store.writing() as session:
        ours_now = session.exec(select(Client).where(Client.ref == "ours")).one()
        for name, value in changes.items():
            setattr(ours_now, name, value)
        session.add(ours_now)


def known(walk: LawWalk, name: str, case: str | None = None) -> FactValue:
    with walk.house.store.reading() as session:
        incident = session.exec(select(Incident).where(Incident.ref == walk.ref)).one()
        return view_of(session, incident.id or 0).known(name, case)


def test_a_record_that_names_another_place_or_role_is_followed(sqlite_store: Store, tmp_path: Path) -> None:
    walk = begin_law_walk(sqlite_store, tmp_path, ours("EU"), concerned=("ours",))
    record(walk, jurisdictions=["EU", "BR"], our_role="processor")
    walk.review()
    assert known(walk, "jurisdictions", "A") == {"EU", "BR", "unknown"}, "nobody said where the people are"
    assert known(walk, "our_role", "A") == "processor"
    entries = len(walk.history("facts_asserted"))
    walk.review()
    assert len(walk.history("facts_asserted")) == entries


def test_a_record_takes_no_persons_word_back(walk: LawWalk) -> None:
    with deciding(walk.house, walk.ref) as decision:
        (case,) = cases_of(decision.session, decision.incident_id)
        assert_facts(decision, {"our_role": "controller"}, author="privacy-1", case=case)
    record(walk, our_role="processor")
    walk.review()
    assert known(walk, "our_role", "A") == "controller"


def test_a_fact_that_the_dictionary_no_longer_takes_is_unknown(
    walk: LawWalk, caplog: pytest.LogCaptureFixture
) -> None:
    with deciding(walk.house, walk.ref) as decision:
        retired = {"name": "retired_fact", "value": {"value": "yes"}}
        changed = {"name": "risk", "value": {"value": "slight"}}
        common = {"incident_id": decision.incident_id, "case_id": None, "author": "privacy-1", "basis": ""}
        at = {"asserted_at": decision.now, "recorded_at": decision.wall}
        add_rows(decision.session, FactRow, [common | at | retired, common | at | changed])
    assert known(walk, "risk") is UNKNOWN
    assert known(walk, "retired_fact") is UNKNOWN
    walk.review()
    assert walk.duty(AUTHORITY, "A").state == "presumed"
    assert "the fact risk of incident" in caplog.text


def test_one_incidents_fault_keeps_no_other_from_being_reviewed(
    sqlite_store: Store, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    walk = begin_law_walk(sqlite_store, tmp_path, ours("EU"), concerned=("ours",))
    with sqlite_store.writing() as session:
        opening = Opening("alert", "data-exfiltration", "t", clients=("ours",), exercise_id=walk.exercise_id)
        other = open_incident(session, walk.house, opening, wall_now()).ref
        broken = session.exec(select(Incident).where(Incident.ref == walk.ref)).one()
        broken.plan = "no plan"
        session.add(broken)
    record(walk, jurisdictions=["EU", "BR"])
    with pytest.raises(ValueError, match="plan"):
        _look_anew(walk.house, threading.Event())
    walk.ref, broken_ref = other, walk.ref
    assert known(walk, "jurisdictions", "A") == {"EU", "BR", "unknown"}
    assert f"{broken_ref} could not be reviewed" in caplog.text
    assert "1 of 2 incidents" in caplog.text
    begun = last_beat(sqlite_store, "review")
    with pytest.raises(ValueError, match="plan"):
        _look_anew(walk.house, threading.Event())
    assert last_beat(sqlite_store, "review") == begun, "its age tells of the fault"

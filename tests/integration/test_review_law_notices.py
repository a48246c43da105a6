"""Notices under changing facts: a released one stays, each tells whom it was begun for and nobody else's."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import select

from flows.asserting import assert_facts, join_jurisdictions
from flows.clock import wall_now
from flows.deciding import deciding
from flows.delivery.recipients import ways_for
from flows.describing import describe
from flows.gathering import cases_of, step_of
from flows.settling import notices as settling
from flows.settling.closing import hindrances
from playbooks.facts import parse_fact
from store.database import Store
from store.tables import Client, Contact, ContractTerm, Notice, Question, StepRow
from tests.harness.law_walks import WORDS, LawWalk, begin_law_walk, client, ours
from tests.harness.walks import stamp
from tests.integration.test_law_hipaa import covered_entity

EU = {"jurisdictions": ["EU"], "data_categories": ["contact"]}
AUTHORITY = "tell-authority"


@pytest.fixture
def by_hand(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no sink take what is released: a person sends it and records its receipt."""
    monkeypatch.setattr(settling, "SINK", "nobody's")


def learn(walk: LawWalk, **facts: Any) -> None:
    """State facts of the incident, and let the law look at them."""
    with deciding(walk.house, walk.ref) as decision:
        stated = {name: parse_fact(name, value, now=decision.now) for name, value in facts.items()}
        assert_facts(decision, stated, author="privacy-1")
        join_jurisdictions(decision, "privacy-1")
    walk.review()


def written(walk: LawWalk) -> Notice:
    """The notice written last."""
    with walk.house.store.reading() as session:
        return max(session.exec(select(Notice)), key=lambda one: one.id or 0)


def reached(walk: LawWalk, about: str) -> tuple[str, str]:
    """Whom the notice that is asked would go to if this were no exercise, and by which way."""
    question = walk.asked(about)
    with deciding(walk.house, walk.ref) as decision:
        row = decision.session.get_one(StepRow, question.step_row_id)
        decision.incident.exercise_id, decision.incident.kind = None, "real"
        first = ways_for(decision, step_of(decision.incident, row), row)[0]
        decision.session.rollback()
    return str(first["name"]), str(first["channel"])


def shown(walk: LawWalk, question: Question) -> str:
    """The words above the form of a question."""
    with walk.house.store.reading() as session:
        return describe(walk.house, session, walk._incident(session), question)


def shop(store: Store, folder: Path, *places: str) -> LawWalk:
    """A controller whose risk is judged high, so that authorities must be told."""
    walk = begin_law_walk(
        store, folder, client("shop", "controller", *places), ours("EU"), concerned=("shop",)
    )
    facts: dict[str, Any] = {"jurisdictions": list(places), "data_categories": ["health"]}
    walk.triage(clients=["shop"], our_role="controller", people_affected="4000", **facts)
    assert not walk.answer("assess-risk", risk="high")
    walk.approve()
    return walk


def add_contact(store: Store, ref: str, purpose: str, name: str, channel: str, position: int = 0) -> None:
    """Add a contact to a client's record."""
    with store.writing() as session:
        owner = session.exec(select(Client).where(Client.ref == ref)).one().id or 0
        session.add(
            Contact(
                client_id=owner, purpose=purpose, name=name, channel=channel, address="x", position=position
            )
        )


def authorities(walk: LawWalk) -> dict[str, str]:
    """The step by which each data-protection authority is asked to be told now."""
    with walk.house.store.reading() as session:
        rows = [row for row in session.exec(select(StepRow)) if row.state in ("open", "approving")]
        steps = {row.step_id: (row, step_of(walk._incident(session), row)) for row in rows}
    told = {name: one for name, one in steps.items() if one[1].recipient == "supervisory_authority"}
    return {row.addressee or "": name for name, (row, _) in told.items()}


def test_a_released_notice_stays_until_its_receipt_though_no_duty_runs_any_more(
    sqlite_store: Store, tmp_path: Path, by_hand: None
) -> None:
    walk = shop(sqlite_store, tmp_path, "EU")
    assert not walk.answer(AUTHORITY, "draft", **WORDS)
    assert not walk.answer("release", "approve")
    learn(walk, personal_data="no")
    assert walk.duty("EU-GDPR-33-1", "A").state == "not_owed"
    assert [row.state for row in walk.steps(AUTHORITY)] == ["approving"]
    with deciding(walk.house, walk.ref) as decision:
        assert any(line.endswith("its receipt is not recorded yet") for line in hindrances(decision))
    sent = stamp(walk.now)
    assert not walk.answer("proof", "accepted", sent_at=sent, accepted_at=sent, receipt="No. 12")
    assert (written(walk).state, written(walk).receipt) == ("accepted", "No. 12")
    assert [row.state for row in walk.steps(AUTHORITY)] == ["done"]


def test_a_notice_that_was_not_delivered_may_be_taken_back_again(
    sqlite_store: Store, tmp_path: Path, by_hand: None
) -> None:
    walk = shop(sqlite_store, tmp_path, "EU")
    assert not walk.answer(AUTHORITY, "draft", **WORDS)
    assert not walk.answer("release", "approve")
    assert not walk.answer("proof", "not_delivered", reason="The portal is down.")
    learn(walk, personal_data="no")
    assert [row.state for row in walk.steps(AUTHORITY)] == ["withdrawn"]


def test_a_released_notice_of_the_laws_own_stays_too(
    sqlite_store: Store, tmp_path: Path, by_hand: None
) -> None:
    us = ours("EU", status=("nis2_entity",))
    walk = begin_law_walk(
        sqlite_store, tmp_path, client("retail", "processor", "EU"), us, concerned=("retail",)
    )
    walk.triage(clients=["retail"], our_role="processor", significant_incident="yes", **EU)
    assert not walk.answer("csirt_or_competent_authority", "draft", **WORDS)
    assert not walk.answer("release", "approve")
    learn(walk, significant_incident="no")
    assert [row.state for row in walk.steps("tell-csirt-or-competent-authority-eu")] == ["approving"]
    assert walk.is_asked("proof")


@pytest.mark.parametrize("is_drafted", [False, True])
def test_a_round_keeps_whom_it_was_begun_for_and_a_later_first_has_a_step_of_its_own(
    sqlite_store: Store, tmp_path: Path, by_hand: None, *, is_drafted: bool
) -> None:
    walk = shop(sqlite_store, tmp_path, "UK")
    (british,) = authorities(walk)
    if is_drafted:
        assert not walk.answer(AUTHORITY, "draft", **WORDS)
        assert not walk.answer("release", "approve")
    learn(walk, jurisdictions=["UK", "EU"])
    now = authorities(walk)
    assert now.pop(british) == AUTHORITY
    assert len(now) == 1, "the EU's own authority is asked to be told at once"
    ((european, step),) = now.items()
    assert step == f"tell-supervisory-authority-{european.lower()}"
    if not is_drafted:
        assert not walk.answer(AUTHORITY, "draft", **WORDS)
        assert written(walk).obligations == [walk.duty("UK-GDPR-33-1", "A").id]
        return
    sent = stamp(walk.now)
    assert not walk.answer("proof", "accepted", sent_at=sent, accepted_at=sent, receipt="No. 12")
    assert walk.duty("UK-GDPR-33-1", "A").state == "met"
    assert walk.duty("EU-GDPR-33-1", "A").state == "owed"
    assert list(authorities(walk).values()) == [step], "nobody is asked twice to be told"


def test_a_round_for_an_authority_that_need_not_be_told_after_all_goes_to_the_one_that_must(
    sqlite_store: Store, tmp_path: Path
) -> None:
    walk = begin_law_walk(
        sqlite_store, tmp_path, client("shop", "controller"), ours("EU"), concerned=("shop",)
    )
    facts: dict[str, Any] = {"jurisdictions": ["UK"], "data_categories": ["health"]}
    walk.triage(clients=["shop"], our_role="controller", people_affected="4000", **facts)
    assert not walk.answer("assess-risk", risk="high")
    walk.approve()
    (british,) = authorities(walk)
    case = {"jurisdictions": frozenset({"EU"})}
    with deciding(walk.house, walk.ref) as decision:
        assert_facts(decision, case, author="privacy-1")
        assert_facts(
            decision, case, author="privacy-1", case=cases_of(decision.session, decision.incident_id)[0]
        )
    walk.review()
    ((european, step),) = authorities(walk).items()
    assert european != british
    assert step == AUTHORITY


def test_a_contact_is_used_only_where_one_authority_of_its_kind_must_be_told(
    sqlite_store: Store, tmp_path: Path
) -> None:
    walk = shop(sqlite_store, tmp_path, "UK")
    add_contact(sqlite_store, "shop", "supervisory_authority", "The desk in London", "portal")
    assert reached(walk, AUTHORITY) == ("The desk in London", "portal")
    learn(walk, jurisdictions=["UK", "EU"])
    for step in authorities(walk).values():
        name, way = reached(walk, step)
        assert name.startswith("The data-protection authority (")
        assert way == "portal"


def test_a_contract_chooses_the_contact_by_its_channel_and_its_words_are_shown(
    sqlite_store: Store, tmp_path: Path
) -> None:
    walk = begin_law_walk(
        sqlite_store, tmp_path, client("retail", "processor", "EU"), ours("EU"), concerned=("retail",)
    )
    add_contact(sqlite_store, "retail", "client_controller", "Mailbox", "email")
    add_contact(sqlite_store, "retail", "client_controller", "Hotline", "phone", 1)
    walk.triage(clients=["retail"], our_role="processor", **EU)
    assert reached(walk, "tell-client") == ("Mailbox", "email")
    with sqlite_store.writing() as session:
        owner = session.exec(select(Client).where(Client.ref == "retail")).one().id or 0
        terms = {"channel": "phone", "content": ["nature", "our *ticket* number"]}
        session.add(
            ContractTerm(client_id=owner, hours=24, citation="cl. 9", terms=terms, imported_at=wall_now())
        )
    assert reached(walk, "tell-client") == ("Hotline", "phone")
    wanted = r"the contract wants said:** what happened; our \*ticket\* number"
    assert wanted in shown(walk, walk.asked("tell-client"))
    assert not walk.answer("tell-client", "draft", **WORDS)
    assert wanted in shown(walk, walk.asked("release"))


def test_a_duty_that_is_held_is_met_by_no_notice_and_the_forms_say_that_telling_is_forbidden(
    sqlite_store: Store, tmp_path: Path
) -> None:
    walk, people = covered_entity(sqlite_store, tmp_path), "tell-data-subjects-us"
    assert not walk.answer(people, "draft", **WORDS)
    until = stamp(walk.now + timedelta(days=20))
    asked = {"about": "US-HIPAA-404", "at": stamp(walk.now), "until": until, "basis": "oral statement"}
    assert not walk.command("delay", **asked)
    walk.approve()
    forbidden = "**a lawful delay forbids telling this recipient** under US-HIPAA-404 until"
    assert forbidden in shown(walk, walk.asked("release"))
    assert forbidden in shown(walk, walk.asked("tell-data-subjects-us-ca")), "they are the same people"
    assert not walk.answer("release", "approve")
    assert walk.duty("US-HIPAA-404", "A").state == "owed"
    walk.later(timedelta(days=19, hours=1))
    walk.review()
    walk.tell(people)
    assert walk.duty("US-HIPAA-404", "A").state == "met", "written in the last day of the delay"


def test_the_incidents_numbers_are_not_told_as_one_clients_own_where_several_are_concerned(
    sqlite_store: Store, tmp_path: Path
) -> None:
    both = client("retail", "processor", "EU"), client("bank", "processor", "EU")
    walk = begin_law_walk(sqlite_store, tmp_path, *both, ours("EU"), concerned=("retail", "bank"))
    walk.triage(clients=["retail", "bank"], our_role="processor", people_affected="4711", **EU)
    assert not walk.answer("tell-client", "draft", **WORDS)
    assert "4711" not in written(walk).text


def test_an_only_clients_numbers_are_the_incidents(sqlite_store: Store, tmp_path: Path) -> None:
    walk = begin_law_walk(
        sqlite_store, tmp_path, client("retail", "processor", "EU"), ours("EU"), concerned=("retail",)
    )
    walk.triage(clients=["retail"], our_role="processor", people_affected="4711", **EU)
    assert not walk.answer("tell-client", "draft", **WORDS)
    assert "4711" in written(walk).text


def test_a_released_notice_stays_though_its_duty_was_met_elsewhere(
    sqlite_store: Store, tmp_path: Path, by_hand: None
) -> None:
    walk = shop(sqlite_store, tmp_path, "EU")
    assert not walk.answer(AUTHORITY, "draft", **WORDS)
    assert not walk.answer("release", "approve")
    assert not walk.command("met", about="EU-GDPR-33-1", at=stamp(walk.now), basis="By telephone")
    walk.approve()
    assert walk.duty("EU-GDPR-33-1", "A").state == "met"
    assert walk.is_asked("proof")

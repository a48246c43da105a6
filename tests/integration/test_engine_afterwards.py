"""What changes beside or behind an incident reaches it: later duties, contracts, people, bad playbooks."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlmodel import select

from flows.asking import _storable
from flows.asserting import assert_facts
from flows.clock import wall_now
from flows.deciding import deciding
from flows.fitness import unfit
from flows.people import Newcomer, enrol
from flows.reviewing import review_all
from playbooks.contracts import CONTRACT_RULE
from playbooks.library import load_playbooks
from playbooks.models import Playbook
from store.database import Store
from store.tables import Client, ClockEntry, ContractTerm, Obligation, Question
from tests.harness.walks import CAST, OURS, Walk, begin_walk


@pytest.fixture
def walk(sqlite_store: Store, tmp_path: Path) -> Walk:
    return begin_walk(sqlite_store, tmp_path, title="t", alert="a")


def until(walk: Walk, kind: str, title: str) -> Question:
    """Answer what is open until a question of this kind and title is; returns it."""
    while True:
        found = next((q for q in walk._open() if q.kind == kind and title in q.title.casefold()), None)
        if found is not None:
            return found
        following = walk._next()
        assert following is not None, f"no {kind} about {title} was ever asked"
        walk.settle(following)


def new_contract(walk: Walk, hours: float) -> None:
    with walk.house.store.writing() as session:
        client = session.exec(select(Client).where(Client.ref == OURS)).one()
        for term in session.exec(select(ContractTerm).where(ContractTerm.client_id == client.id)).all():
            term.superseded_at = wall_now()
            session.add(term)
        session.add(
            ContractTerm(
                client_id=client.id,
                version=2,
                hours=hours,
                citation="cl. 9",
                terms={},
                imported_at=wall_now(),
            )
        )


def contract_duty(walk: Walk) -> Obligation:
    with walk.house.store.reading() as session:
        return session.exec(select(Obligation).where(Obligation.rule_id == CONTRACT_RULE)).one()


def forget_contract_duty(walk: Walk) -> None:
    """Make the contract's duty unknown, as if the contract were found only now."""
    duty = contract_duty(walk)
    with walk.house.store.writing() as session:
        for entry in session.exec(select(ClockEntry).where(ClockEntry.obligation_id == duty.id)).all():
            session.delete(entry)
        session.flush()
        session.delete(session.get_one(Obligation, duty.id))


def test_a_contract_that_changes_reaches_an_open_incident_without_an_answer(walk: Walk) -> None:
    until(walk, "draft", "client")
    before = contract_duty(walk).due_at
    new_contract(walk, hours=2)
    review_all(walk.house)
    after = contract_duty(walk).due_at
    assert before is not None
    assert after is not None
    assert after < before


def test_a_duty_that_appears_after_its_recipient_was_told_is_told_in_a_new_round(walk: Walk) -> None:
    release = until(walk, "release", "client")
    walk.settle(release)
    with (
        walk.house.store.writing() as session
    ):  # a second duty to the same recipient, as a new contract brings
        told = session.exec(select(Obligation).where(Obligation.rule_id == CONTRACT_RULE)).one()
        told.rule_id, told.state, told.met_at = "EARLIER-CONTRACT", "owed", None
        session.add(told)
    with deciding(walk.house, walk.ref) as decision:
        assert_facts(decision, {"exfiltrated": True}, author="commander-1")
    review_all(walk.house)
    again = until(walk, "draft", "client")
    assert again.ref != release.ref
    walk.settle(again)
    walk.settle(until(walk, "release", "client"))
    assert contract_duty(walk).state == "met"


def test_a_newcomer_is_on_the_form_that_everybody_else_is_excluded_from(walk: Walk) -> None:
    asked = until(walk, "approval", "")
    with walk.house.store.writing() as session:
        row = session.get_one(Question, asked.id)
        row.excluded = ["approver-1", "approver-2"]
        session.add(row)
    with walk.house.store.writing() as session:
        newcomer = Newcomer("approver-3", "Third approver", ("approver",))
        enrol(session, newcomer, sorted(CAST)[:2], wall_now())
    with walk.house.store.reading() as session:
        assert session.get_one(Question, asked.id).generation == asked.generation + 1


def test_a_playbook_whose_action_or_notice_nobody_has_is_named(walk: Walk) -> None:
    playbook = load_playbooks(())["data-exfiltration"]
    assert not list(unfit(playbook))
    steps = {step.id: step for step in playbook.steps}
    broken = [
        steps["snapshot-alert"].model_copy(update={"action": "no_such"}),
        steps["tell-client"].model_copy(update={"template": "no-such"}),
    ]
    phase = playbook.phases[0].model_copy(update={"steps": tuple(broken)})
    rest = {name: getattr(playbook, name) for name in Playbook.model_fields if name != "phases"}
    faults = [fault.what for fault in unfit(Playbook.model_construct(phases=(phase,), **rest))]
    assert faults == ["no such action: no_such", "no such notice: no-such"]


def test_a_text_that_no_database_takes_is_marked_and_kept() -> None:
    assert _storable(["a\0b", "\ud800c"]) == ["a\N{REPLACEMENT CHARACTER}b", "?c"]

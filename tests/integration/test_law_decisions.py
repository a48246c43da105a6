"""What people decide about duties: not to tell, that it was told elsewhere, to delay it; and what reopens."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from sqlmodel import select

from flows.asserting import assert_facts
from flows.deciding import deciding
from playbooks.facts import parse_fact
from store.database import Store
from store.tables import Approval
from tests.harness.law_walks import LawWalk, begin_law_walk, client, ours
from tests.harness.walks import START, stamp

AUTHORITY, CLIENT = "EU-GDPR-33-1", "EU-GDPR-33-2"
EU = {"jurisdictions": ["EU"], "data_categories": ["contact"], "people_affected": "40"}


@pytest.fixture
def walk(sqlite_store: Store, tmp_path: Path) -> LawWalk:
    """An incident about our own staff, the risk to whom is said to be likely."""
    walk = begin_law_walk(sqlite_store, tmp_path, ours("EU"), concerned=("ours",))
    walk.triage(clients=["ours"], our_role="controller", **EU)
    assert not walk.answer("assess-risk", risk="likely")
    walk.approve()
    return walk


def keep_silent(walk: LawWalk) -> None:
    """Decide, by two people, that the authority is not told."""
    assert not walk.answer("tell-authority", "do_not_notify", reason="Nobody outside saw it.")
    walk.approve()


def learn(walk: LawWalk, **facts: str) -> None:
    """Write facts down as an answer would, and let the watch look."""
    with deciding(walk.house, walk.ref) as decision:
        assert_facts(
            decision,
            {name: parse_fact(name, value, now=decision.now) for name, value in facts.items()},
            author="commander-1",
        )
    walk.review()


def test_a_decision_not_to_notify_keeps_facts_score_rule_and_both_names(walk: LawWalk) -> None:
    keep_silent(walk)
    duty = walk.duty(AUTHORITY, "A")
    assert duty.state == "waived"
    assert "privacy-1 and approver-1: Nobody outside saw it." in duty.why
    rests = duty.rests_on
    assert rests is not None
    assert rests["facts"]["risk"] == "likely"
    assert rests["facts"]["people_affected"] == {"low": 40, "high": 40}
    assert rests["by"] == ["privacy-1", "approver-1"]
    assert "so it applies" in rests["rule"]
    assert rests["advice"]["score"] > 0
    assert walk.ledger(duty)[-1].kind == "waived"
    with walk.house.store.reading() as session:
        granted = [one.handle for one in session.exec(select(Approval)) if one.granted]
    assert granted[-1] == "approver-1"


def test_a_decision_stands_while_its_facts_do_and_is_asked_anew_when_one_changes(walk: LawWalk) -> None:
    keep_silent(walk)
    entries = len(walk.ledger(walk.duty(AUTHORITY, "A")))
    learn(walk, root_cause="A setting.", people_affected="40")
    walk.review()
    assert walk.duty(AUTHORITY, "A").state == "waived"
    assert len(walk.ledger(walk.duty(AUTHORITY, "A"))) == entries
    assert not walk.is_asked("tell-authority")
    learn(walk, people_affected="4000")
    duty = walk.duty(AUTHORITY, "A")
    assert (duty.state, duty.rests_on) == ("owed", None)
    assert walk.ledger(duty)[-1].kind == "reopened"
    assert walk.is_asked("tell-authority")
    assert [one.fields["rule"] for one in walk.messages("duty_reopened")] == [AUTHORITY]
    keep_silent(walk)
    learn(walk, people_affected="4000")
    assert walk.duty(AUTHORITY, "A").state == "waived"


def test_a_duty_met_elsewhere_needs_its_proof_a_possible_instant_and_a_second_person(walk: LawWalk) -> None:
    walk.later(timedelta(hours=5))
    about = {"about": f"{AUTHORITY} A", "basis": "Receipt 77-12 of the authority"}
    assert "its proof" in walk.command("met", about=AUTHORITY, at=stamp(walk.now))
    assert "lies ahead" in walk.command("met", **about, at=stamp(walk.now + timedelta(hours=2)))
    assert "before anybody noticed" in walk.command("met", **about, at=stamp(START - timedelta(hours=2)))
    assert "name a running duty" in walk.command(
        "met", **(about | {"about": "EU-GDPR-99"}), at=stamp(walk.now)
    )
    at = START + timedelta(hours=3)
    assert not walk.command("met", **about, at=stamp(at))
    assert walk.duty(AUTHORITY, "A").state == "owed", "one word meets nothing"
    walk.approve()
    duty = walk.duty(AUTHORITY, "A")
    assert (duty.state, duty.met_at) == ("met", at)
    assert duty.proof == "Receipt 77-12 of the authority (stated by commander-1, agreed by approver-1)"
    assert not walk.is_asked("tell-authority"), "nobody is asked for what was done"
    assert walk.steps("tell-authority")[0].why == "met elsewhere"
    assert walk.duty("EU-GDPR-33-4", "A").anchor_at == at, "it starts what follows upon it"


def test_a_duty_met_late_elsewhere_gives_its_reasons(walk: LawWalk) -> None:
    walk.later(timedelta(hours=75))
    asked = {"about": AUTHORITY, "at": stamp(walk.now), "basis": "Receipt"}
    assert "reasons for the delay" in walk.command("met", **asked, reason=" ")
    assert not walk.command("met", **asked, reason="The portal was down.")
    walk.approve()
    duty = walk.duty(AUTHORITY, "A")
    assert (duty.state, duty.late_reason) == ("met", "The portal was down.")


def test_a_refused_word_meets_and_delays_nothing(walk: LawWalk) -> None:
    assert not walk.command("met", about=AUTHORITY, at=stamp(walk.now), basis="Receipt")
    assert not walk.answer("approval", "refuse", reason="Show me the receipt.")
    assert walk.duty(AUTHORITY, "A").state == "owed"
    assert walk.is_asked("tell-authority")


def test_a_duty_whose_law_allows_no_delay_is_not_delayed(walk: LawWalk) -> None:
    late = stamp(walk.now + timedelta(days=20))
    assert "no delay" in walk.command("delay", about=AUTHORITY, until=late, basis="written statement")
    assert "its end and its basis" in walk.command("delay", about=AUTHORITY, until=late)


@pytest.mark.parametrize(
    ("field", "value", "why"),
    [
        ("aware_at", "2026-03-02T15:00Z", "it lies ahead"),
        ("aware_at", "2026-03-02T11:00", "Z or an offset"),
        ("people_affected", "-4", "give a count"),
        ("people_affected", "99999999999", "more than"),
        ("jurisdictions", ["Atlantis"], "choose one of"),
    ],
)
def test_what_cannot_be_is_refused_with_the_reason(
    sqlite_store: Store, tmp_path: Path, field: str, value: str, why: str
) -> None:
    walk = begin_law_walk(sqlite_store, tmp_path, client("retail", "processor", "EU"), ours("EU"))
    for step in ("confirm-alert", "preserve-logs"):
        walk.answer(step)
    assert why in walk.answer("triage", clients=["retail"], **{field: value})
    assert walk.is_asked("triage")


def test_nothing_is_noticed_before_it_happened(sqlite_store: Store, tmp_path: Path) -> None:
    walk = begin_law_walk(sqlite_store, tmp_path, client("retail", "processor", "EU"), ours("EU"))
    with deciding(walk.house, walk.ref) as decision:
        assert_facts(decision, {"occurred_at": START - timedelta(hours=1)}, author="it-1")
    for step in ("confirm-alert", "preserve-logs"):
        walk.answer(step)
    too_early = stamp(START - timedelta(hours=2))
    assert "lies before it happened" in walk.answer("triage", clients=["retail"], aware_at=too_early)
    assert not walk.answer("triage", clients=["retail"], aware_at=stamp(START - timedelta(minutes=30)))

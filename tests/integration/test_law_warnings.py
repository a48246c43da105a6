"""Clocks that nobody stops: warned by share, escalated by role, told together, and reminded of each day."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest
from sqlmodel import select

from store.database import Store
from store.tables import Client, ContractTerm, Notice
from tests.harness.law_walks import WORDS, LawWalk, begin_law_walk, client, ours
from tests.harness.walks import stamp

AUTHORITY = "EU-GDPR-33-1"


@pytest.fixture
def walk(sqlite_store: Store, tmp_path: Path) -> LawWalk:
    """An alert about our own staff's data that nobody has looked at."""
    return begin_law_walk(sqlite_store, tmp_path, ours("EU"), concerned=("ours",))


def told(walk: LawWalk, rule: str) -> list[tuple[str, str]]:
    """The thresholds of a rule's clock that were told, each with the role that it named."""
    said = [one.payload or {} for one in walk.history("clock_warned")]
    return [(str(one["threshold"]), str(one["to"])) for one in said if one["rule"] == rule]


def test_an_untriaged_alerts_provisional_clock_warns_and_escalates(walk: LawWalk) -> None:
    duty = walk.duty(AUTHORITY, "A")
    assert (duty.state, duty.due_at) == ("presumed", walk.now + timedelta(hours=72))
    walk.later(timedelta(hours=60))
    assert told(walk, AUTHORITY) == [("50", "privacy"), ("75", "privacy")]
    walk.later(timedelta(hours=13))
    assert told(walk, AUTHORITY)[2:] == [("90", "commander"), ("1h", "commander"), ("overdue", "approver")]
    assert walk.duty(AUTHORITY, "A").state == "presumed", "time decides nothing"
    assert not walk.steps("tell-authority"), "nobody is asked to tell before triage"


def test_an_overdue_duty_is_reminded_of_each_day_until_somebody_acts(walk: LawWalk) -> None:
    walk.later(timedelta(hours=72 + 49))
    late = [threshold for threshold, _ in told(walk, AUTHORITY)]
    assert late[-3:] == ["overdue", "late-1", "late-2"]
    walk.later(timedelta(days=2))
    assert [threshold for threshold, _ in told(walk, AUTHORITY)][-1] == "late-4"
    assert not walk.command("false_positive", reason="A drill.")
    walk.approve()
    seen = len(told(walk, AUTHORITY))
    walk.later(timedelta(days=3))
    assert len(told(walk, AUTHORITY)) == seen


def test_what_is_overdue_asks_for_reasons(walk: LawWalk) -> None:
    walk.triage(clients=["ours"], our_role="controller", jurisdictions=["EU"])
    walk.later(timedelta(hours=80))
    words = {"nature": "n", "consequences": "c", "measures": "m", "contact": "d"}
    assert "reasons for the delay" in walk.answer("tell-authority", "draft", **words)
    assert not walk.answer("tell-authority", "draft", **words, late_reasons="Nobody looked.")


def test_a_letter_to_people_that_is_late_asks_for_reasons_and_does_not_show_them(walk: LawWalk) -> None:
    walk.triage(clients=["ours"], our_role="controller", jurisdictions=["EU"], encrypted="no")
    assert not walk.answer("assess-risk", risk="high", risk_reasons="r")
    walk.approve()
    walk.later(timedelta(hours=80))
    assert "reasons for the delay" in walk.answer("tell-people", "draft", **WORDS)
    assert not walk.answer("tell-people", "draft", **WORDS, late_reasons="Nobody looked.")
    with walk.house.store.reading() as session:
        letter = session.exec(select(Notice)).one()
    assert "Nobody looked." not in letter.text
    assert not walk.answer("release", "approve")
    assert walk.duty("EU-GDPR-34", "A").state == "met"


def test_a_clock_that_warns_alone_is_told_alone(sqlite_store: Store, tmp_path: Path) -> None:
    walk = begin_law_walk(sqlite_store, tmp_path, ours("EU", status=("nis2_entity",)), concerned=("ours",))
    walk.later(timedelta(hours=12))
    assert [(one.fields["rule"], one.fields["threshold"]) for one in walk.messages("clock_warning")] == [
        ("EU-NIS2-23-4a", "50")
    ]
    assert not walk.messages("clock_digest")


def test_clocks_that_warn_at_one_moment_are_one_message(sqlite_store: Store, tmp_path: Path) -> None:
    us = ours("EU", status=("nis2_entity", "financial_entity"))
    clients = [client(f"client-{number}", "processor", "EU") for number in range(8)]
    refs = tuple(one.ref for one in clients)
    walk = begin_law_walk(sqlite_store, tmp_path, us, *clients, concerned=refs)
    presumed = [duty for duty in walk.duties() if duty.due_at == walk.now + timedelta(hours=24)]
    assert len(presumed) > len(refs)
    walk.later(timedelta(hours=12))
    digests = walk.messages("clock_digest")
    at_noon = [one for one in digests if len(one.fields["clocks"]) == len(presumed)]
    assert len(at_noon) == 1
    said = Counter((line["rule"], line["case"]) for line in at_noon[0].fields["clocks"])
    assert set(said.values()) == {1}
    assert set(said) == {(duty.rule_id, duty.case_ref) for duty in presumed}


def starts_unknown(store: Store, folder: Path) -> LawWalk:
    """An incident of whose client nobody can say since when we know, triaged without that instant."""
    walk = begin_law_walk(
        store, folder, client("retail", "processor", "EU"), ours("EU"), concerned=("retail",)
    )
    with store.writing() as session:
        retail = session.exec(select(Client).where(Client.ref == "retail")).one()
        session.add(
            ContractTerm(
                client_id=retail.id or 0,
                hours=24,
                starts="client_confirmed_at",
                citation="cl 9",
                terms={},
                imported_at=walk.now,
            )
        )
    walk.triage(clients=["retail"], our_role="processor", jurisdictions=["EU"], data_categories=["contact"])
    return walk


def test_the_start_that_a_contract_waits_for_is_asked_again_each_day(
    sqlite_store: Store, tmp_path: Path
) -> None:
    walk = starts_unknown(sqlite_store, tmp_path)
    duty = walk.duty("CONTRACT", "A")
    assert (duty.state, duty.anchor_at) == ("owed", None)
    for _ in range(3):
        assert walk.fields("answer-the-law") == {"client_confirmed_at"}
        assert not walk.answer("answer-the-law")
        walk.review()
        assert not walk.is_asked("answer-the-law"), "not twice a day"
        walk.later(timedelta(days=1))
        walk.review()
    confirmed_at = walk.now
    assert not walk.answer("answer-the-law", client_confirmed_at=stamp(confirmed_at))
    assert walk.duty("CONTRACT", "A").anchor_at == confirmed_at
    walk.later(timedelta(days=2))
    walk.review()
    assert not walk.is_asked("answer-the-law")

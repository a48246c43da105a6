"""What intake recorded is begun whatever befalls others: those that cannot be begun keep nobody waiting."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlmodel import Session, select

from flows.beginning import BATCH, Beginner
from flows.clock import wall_now
from flows.house import House
from flows.opening import Opening, record_incident
from store.database import Store
from store.tables import Incident, Question
from tests.harness.desks import PLAYBOOK, DeskUnderTest, add_source, desk_on, house_on


@pytest.fixture
def house(store: Store, tmp_path: Path) -> House:
    return house_on(store, tmp_path)


def recorded(session: Session, house: House, *, is_sound: bool = True) -> str:
    """An incident that waits to be begun; where it is not sound its plan can be read no more."""
    opening = Opening(author="source:siem", playbook=PLAYBOOK, title="t")
    incident = record_incident(session, house, opening, wall_now())
    if not is_sound:
        incident.plan = "no plan"
        session.add(incident)
    return incident.ref


def test_incidents_that_cannot_be_begun_keep_no_later_one_waiting(house: House) -> None:
    with house.store.writing() as session:
        for _ in range(BATCH):
            recorded(session, house, is_sound=False)
        last = recorded(session, house)
    beginner = Beginner(house)
    assert beginner.begin_all() + beginner.begin_all() == 1
    with house.store.reading() as session:
        incident = session.exec(select(Incident).where(Incident.ref == last)).one()
        assert incident.pending == ""
        assert session.exec(select(Question).where(Question.incident_id == incident.id)).all()
        assert len(session.exec(select(Incident).where(Incident.pending == "begin")).all()) == BATCH


@pytest.fixture
def desk(store: Store, tmp_path: Path) -> Iterator[DeskUnderTest]:
    add_source(store, "siem")
    with desk_on(house_on(store, tmp_path)) as desk:
        desk.begins = False
        yield desk


def flood(desk: DeskUnderTest, wave: str, *, accounts: int, of_each: int) -> None:
    """Alerts at once, those of one account belonging together."""
    alerts = [
        {"title": "t", "fingerprint": f"{wave}-{account}-{n}", "account": f"{wave}-{account}"}
        for account in range(accounts)
        for n in range(of_each)
    ]
    assert desk.raise_alert("siem", alerts).status_code == 202


def test_in_a_storm_of_alerts_one_incident_a_second_is_begun_and_after_it_all(desk: DeskUnderTest) -> None:
    now = 0.0
    beginner = Beginner(desk.house, monotonic=lambda: now)
    flood(desk, "calm", accounts=1, of_each=1)
    now = 1.0
    assert beginner.begin_in_turn() == 1
    flood(desk, "storm", accounts=4, of_each=60)
    now = 1.5
    assert beginner.begin_in_turn() == 0
    flood(desk, "storm goes on", accounts=1, of_each=300)
    now = 2.1
    assert beginner.begin_in_turn() == 1
    flood(desk, "and on", accounts=1, of_each=300)
    now = 3.2
    assert beginner.begin_in_turn() == 1
    now = 3.5
    assert beginner.begin_in_turn() == 4


def ask_to_advance(desk: DeskUnderTest, ref: str) -> None:
    with desk.store.deciding(ref) as (session, incident):
        incident.pending = "advance"
        session.add(incident)


def test_in_a_storm_an_incident_that_grows_all_the_time_keeps_no_other_from_being_begun(
    desk: DeskUnderTest,
) -> None:
    now = 0.0
    beginner = Beginner(desk.house, monotonic=lambda: now)
    flood(desk, "calm", accounts=1, of_each=1)
    now = 1.0
    assert beginner.begin_in_turn() == 1
    with desk.store.reading() as session:
        grows = session.exec(select(Incident.ref)).one()
    for second in range(3):
        flood(desk, f"storm {second}", accounts=1, of_each=480)
        ask_to_advance(desk, grows)
        now += 1.1
        assert beginner.begin_in_turn() == 1
    with desk.store.reading() as session:
        assert not session.exec(select(Incident).where(Incident.pending == "begin")).all()

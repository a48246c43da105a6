"""Exercises are spoken of in their own channel, and real incidents are not, but for one line."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlmodel import select

from flows.clock import wall_now
from flows.exercise.stepping import begin_exercise
from flows.exercise_channel import spoken_in
from flows.house import House
from flows.opening import Opening, open_incident
from store.database import Store
from store.tables import Incident, Message
from tests.harness.desks import house_on

DRILLS = "#drills"


@pytest.fixture
def house(store: Store, tmp_path: Path) -> House:
    return house_on(store, tmp_path, SEVENTYTWO_CHANNEL="#house", SEVENTYTWO_EXERCISE_CHANNEL=DRILLS)


def begin(house: House, *, exercise: bool, channel: str = "") -> Incident:
    wall = wall_now()
    with house.store.writing() as session:
        drill = begin_exercise(session, "drill", wall, wall).id if exercise else None
        opening = Opening("tests", "data-exfiltration", "t", channel=channel, exercise_id=drill)
        return open_incident(session, house, opening, wall)


def said(house: House, channel: str) -> list[Message]:
    with house.store.reading() as session:
        return list(session.exec(select(Message).where(Message.channel == channel).order_by(Message.id)))


def test_all_that_is_said_of_an_exercise_is_said_in_the_exercise_channel(house: House) -> None:
    drill = begin(house, exercise=True, channel="#client")
    assert drill.channel == DRILLS
    assert said(house, DRILLS)
    assert not said(house, "#house")
    assert not said(house, "#client")


def test_a_real_incident_is_one_line_there_while_somebody_plays(house: House) -> None:
    begin(house, exercise=True)
    before = len(said(house, DRILLS))
    real = begin(house, exercise=False, channel=DRILLS)
    assert real.channel == "#house"
    (line,) = said(house, DRILLS)[before:]
    assert (line.kind, line.fields["incident"]) == ("real_incident", real.ref)
    assert {one.incident_id for one in said(house, "#house")} == {real.id}


def test_nobody_is_told_where_nobody_plays(house: House) -> None:
    begin(house, exercise=False)
    assert not said(house, DRILLS)


def test_without_an_exercise_channel_it_is_as_the_incident_says(store: Store, tmp_path: Path) -> None:
    settings = house_on(store, tmp_path, SEVENTYTWO_CHANNEL="#house").settings
    assert spoken_in(settings, "#client", exercise=True) == "#client"
    assert spoken_in(settings, "", exercise=True) == "#house"

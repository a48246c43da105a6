"""Real work beside an exercise: neither an alert, nor an answer, nor a report of it meets what is played."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pyotp
import pytest
from sqlmodel import select

from flows.answering import Claim, take_answer
from flows.beginning import begin_all
from flows.channel import standing
from flows.channel.incoming import Sender
from flows.clock import wall_now
from flows.forms import Given
from flows.freezing import freeze
from flows.gathering import open_questions
from flows.house import House
from flows.intake.adapters.generic import ADAPTER
from flows.intake.batch import intake_of, take
from flows.intake.claims import Understood
from flows.intake.deliveries import Delivery
from flows.intake.directory import known_source
from flows.opening import Opening, open_incident
from store.database import Store
from store.tables import Alert, Answer, Client, Incident, Responder, Source
from tests.harness.conducted import AGAIN, DRILLS, HOURS, LOST, drilled, first, running, shift

AWAY = {"id": "away", "kind": "person_unavailable", "at": "1h", "role": "commander", "lasts": "9h"}


@pytest.fixture
def house(store: Store, tmp_path: Path) -> House:
    return drilled(store, tmp_path)


def real_alert(house: House) -> None:
    """A tool's alert, word for word what the exercise's says, about the same client."""
    with house.store.writing() as session:
        client = session.exec(select(Client).where(Client.ref == "example-retail")).one()
        source = session.exec(select(Source).where(Source.name == "siem")).first() or Source(
            name="siem", kind="generic", auth="hmac", playbook="misdirected-message", client_id=client.id,
            added_at=wall_now(),
        )  # fmt: skip
        session.add(source)
        session.flush()
        said = {
            "title": "About again", "severity": "high", "fingerprint": "EX-2026-0001/again",
            "labels": {"text": "Words."},
        }  # fmt: skip
        content = Understood("generic", tuple(ADAPTER.read(said)))
        take(session, [Delivery(known_source(source), None, wall_now(), content)], intake_of(house))
    begin_all(house)


@pytest.mark.parametrize("is_real_first", [True, False], ids=["real-first", "played-first"])
def test_the_same_alert_in_earnest_and_in_an_exercise_are_two(house: House, is_real_first: bool) -> None:
    exercise = running(house, AGAIN)
    if is_real_first:
        real_alert(house)
    shift(house, exercise.name, 2 * HOURS, "commander-1")
    begin_all(house)
    real_alert(house)
    with house.store.reading() as session:
        incidents = {one.id: one for one in session.exec(select(Incident))}
        sources = {one.id: one.exercise_id for one in session.exec(select(Source))}
        alerts = session.exec(select(Alert)).all()
    assert {(sources[one.source_id], incidents[one.incident_id].exercise_id) for one in alerts} == {
        (None, None), (exercise.id, exercise.id),
    }  # fmt: skip
    (real,) = [one for one in incidents.values() if one.exercise_id is None]
    assert real.opened_at == real.recorded_at
    assert real.channel == "#house"


def test_whoever_is_away_in_an_exercise_answers_in_earnest(house: House) -> None:
    exercise = running(house, AWAY, scripted=("it",))
    shift(house, exercise.name, 2 * HOURS, "commander-1")
    with house.store.writing() as session:
        real = open_incident(session, house, Opening("t", "misdirected-message", "Real"), wall_now())
        played = first(session, exercise)
    assert "you are away" in remark(house, played, wall_now())
    assert remark(house, real, wall_now() + timedelta(seconds=30)) == ""


def remark(house: House, incident: Incident, at: datetime) -> str:
    """What is wrong with a remark of the commander's; empty where it counts."""
    with house.store.reading() as session:
        question = next(one for one in open_questions(session, incident.id or 0) if one.kind == "command")
        secret = session.exec(select(Responder.secret).where(Responder.handle == "commander-1")).one()
    claim = Claim(incident.ref, question.ref, question.generation, question.attempt)
    given = Given("commander-1", pyotp.TOTP(secret).at(at), "note", "A remark.", {}, at)
    take_answer(house, claim, given)
    with house.store.reading() as session:
        return session.exec(select(Answer.fault).where(Answer.question_id == question.id)).one()


class TestChannel:
    def may_act(self, house: House) -> bool:
        """Whether what a person types in the exercises' channel counts."""
        with house.store.reading() as session:
            return standing.actor(session, Sender("T1", "U1", "C1", DRILLS.removeprefix("#"))) is not None

    @pytest.fixture
    def lost(self, house: House) -> House:
        """A house whose channel for exercises is lost in one, and a person whom Slack knows."""
        shift(house, running(house, LOST).name, 2 * HOURS, "commander-1")
        with house.store.writing() as session:
            person = session.exec(select(Responder).where(Responder.handle == "commander-1")).one()
            person.slack_id = "U1"
            session.add(person)
        return house

    def test_a_real_report_from_a_channel_that_is_lost_in_an_exercise_counts(self, lost: House) -> None:
        assert self.may_act(lost)

    def test_none_does_from_one_that_is_frozen_in_earnest(self, lost: House) -> None:
        with lost.store.writing() as session:
            freeze(session, {DRILLS}, "in earnest", "commander-1", wall_now())
        assert not self.may_act(lost)

    def test_nothing_that_is_pressed_below_an_exercise_s_message_counts_there(self, lost: House) -> None:
        with lost.store.reading() as session:
            person = session.exec(select(Responder).where(Responder.handle == "commander-1")).one()
            played = session.exec(select(Incident)).first()
            assert played is not None
            assert not standing.may_press(session, person, played)

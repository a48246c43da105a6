"""A facilitator's commands: begun once, paused, resumed, shifted, injected and ended, whatever is cut off."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

import pytest
from sqlmodel import col, select

from flows.clock import incident_now, wall_now
from flows.exercise.alone import import_scenario_clients
from flows.exercise.beginning import Wish, begin, lay_out
from flows.exercise.ending import end_what_is_over, pause, resume, sweep
from flows.exercise.recording import find_exercise, incidents_of
from flows.exercise.shifting import shift_injects
from flows.exercise.stepping import exercise_now, locked
from flows.house import House
from flows.opening import Opening, open_incident
from flows.people import Newcomer, enrol, ever_enrolled
from flows.specs import holders_of
from playbooks.errors import Mend, NotFound, Refused
from playbooks.exercises.scenario import Inject as Told
from playbooks.exercises.scenario import Scenario
from store.database import Store
from store.tables import Client, Exercise, Incident, Inject, Question, Responder, TimelineEntry
from tests.harness.conducted import bring, end_exercise, shift
from tests.harness.desks import house_on
from tests.harness.rehearsals import scenario
from tests.harness.stocks import shipped, stock

HOURS = timedelta(hours=1)
WISH = Wish("facilitator-1", scripted=("it", "counsel"))


def told(*injects: Mapping[str, object]) -> Scenario:
    """The tests' scenario with these injects."""
    rows = tuple(
        Told.model_validate({"text": "Words.", "title": f"About {one['id']}", **one}) for one in injects
    )
    return scenario().model_copy(update={"injects": rows})


PRESS = {"id": "press", "kind": "press_question", "at": "2h", "to": "commander"}
CALL = {"id": "call", "kind": "regulator_call", "at": "5h", "to": "privacy"}


@pytest.fixture
def house(store: Store, tmp_path: Path) -> House:
    """A house with the scenario's clients, and a real person."""
    found = stock(house_on(store, tmp_path), shipped())
    import_scenario_clients(found, scenario(), wall_now())
    with store.writing() as session:
        enrol(session, Newcomer("commander-1", "One", ("commander", "facilitator")), (), wall_now())
    return found


def running(house: House, *injects: Mapping[str, object], wish: Wish = WISH) -> Exercise:
    return begin(house, told(*injects), wish, wall_now())


def states(house: House) -> dict[str, str]:
    with house.store.reading() as session:
        return {row.key: row.state for row in session.exec(select(Inject))}


def of(house: House, name: str) -> Exercise:
    with house.store.reading() as session:
        return find_exercise(session, name)


class TestBeginning:
    def test_it_opens_an_incident_marked_and_dated_by_its_own_clock(self, house: House) -> None:
        exercise = running(house)
        with house.store.reading() as session:
            (incident,) = incidents_of(session, exercise)
        assert (incident.kind, incident.state, incident.opened_at) == (
            "exercise", "open", told().begins_at,
        )  # fmt: skip
        assert exercise.name.startswith("EX-")

    def test_started_twice_it_is_refused_and_says_which_runs(self, house: House) -> None:
        first = running(house)
        with pytest.raises(Refused, match=first.name):
            running(house)
        with house.store.reading() as session:
            assert len(session.exec(select(Exercise)).all()) == 1
        end_exercise(house, first.name, "commander-1", "enough")
        assert running(house).name != first.name

    def test_cut_off_within_its_transaction_nothing_was_begun(self, house: House) -> None:
        def cut_off() -> None:
            with house.store.writing() as session:
                lay_out(session, house, told(PRESS), WISH, wall_now())
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            cut_off()
        with house.store.reading() as session:
            assert not session.exec(select(Exercise)).all()
            assert not session.exec(select(Inject)).all()
            assert session.exec(select(Responder.handle)).all() == ["commander-1"]

    def test_a_client_whom_nobody_plays_is_named(self, house: House) -> None:
        with house.store.writing() as session:
            client = session.exec(select(Client).where(Client.ref == "example-retail")).one()
            client.ref = "client-7"
            session.add(client)
        with pytest.raises(NotFound, match="example-retail"):
            running(house)
        exercise = running(house, wish=Wish("f", scripted=("it",), clients={"example-retail": "client-7"}))
        assert exercise.clients["example-retail"] == "client-7"

    def test_a_pace_that_cannot_be_is_refused(self, house: House) -> None:
        for wish in (Wish("f"), Wish("f", pace="speed", speed=0), Wish("f", scripted=("nobody",))):
            with pytest.raises(Mend):
                running(house, wish=wish)


class TestScripted:
    def test_they_are_in_no_form_of_a_real_incident_and_count_as_nobody(self, house: House) -> None:
        exercise = running(house)
        with house.store.reading() as session:
            assert "ex-" not in " ".join(holders_of(session, "it"))
            assert exercise.scripted["it"] in holders_of(session, "it", exercise.id)
            assert ever_enrolled(session) == 1

    def test_nobody_else_is_enrolled_under_such_a_handle(self, house: House) -> None:
        with house.store.writing() as session, pytest.raises(Mend):
            enrol(session, Newcomer("ex-2026-0001-it", "One", ("it",)), ("commander-1",), wall_now())

    def test_a_real_newcomer_lets_a_real_form_be_asked_anew_though_somebody_is_scripted(
        self, house: House
    ) -> None:
        running(house)
        with house.store.writing() as session:
            real = open_incident(session, house, Opening("t", "misdirected-message", "Real"), wall_now())
        with house.store.writing() as session:
            asked = session.exec(
                select(Question).where(Question.incident_id == real.id, Question.state == "open")
            ).all()
            for one in asked:
                one.role = "it"
                session.add(one)
        with house.store.writing() as session:
            enrol(session, Newcomer("it-9", "Two", ("it",)), ("commander-1",), wall_now())
        with house.store.reading() as session:
            assert {session.get_one(Question, one.id).generation for one in asked} == {1}

    def test_they_are_disabled_at_the_end(self, house: House) -> None:
        exercise = running(house)
        end_exercise(house, exercise.name, "commander-1", "enough")
        with house.store.reading() as session:
            rows = session.exec(select(Responder).where(col(Responder.disabled_at).is_not(None))).all()
        assert {row.handle for row in rows} == set(exercise.scripted.values())


class TestClock:
    def test_paused_it_stands_and_resumed_it_goes_on(self, house: House) -> None:
        exercise = running(house, wish=Wish("f", pace="speed", speed=3600, scripted=("it",)))
        number = exercise.id or 0
        with house.store.writing() as session:
            pause(session, exercise, "commander-1", wall_now())
        stood = exercise_now(house, number)
        assert exercise_now(house, number) == stood
        with house.store.writing() as session, pytest.raises(Refused, match="paused"):
            pause(session, locked(session, number), "commander-1", wall_now())
        with house.store.writing() as session:
            resume(session, locked(session, number), "commander-1", wall_now())
        assert exercise_now(house, number) >= stood
        assert of(house, exercise.name).state == "running"

    def test_what_lies_within_a_shift_happens_at_its_own_instant(self, house: House) -> None:
        exercise = running(house, PRESS, CALL)
        start = exercise.began_at
        assert start is not None
        shift(house, exercise.name, 3 * HOURS, "commander-1")
        assert states(house) == {"start": "delivered", "press": "delivered", "call": "waiting"}
        with house.store.reading() as session:
            press = session.exec(select(Inject).where(Inject.key == "press")).one()
        assert press.delivered_at == start + 2 * HOURS
        assert exercise_now(house, exercise.id or 0) == start + 3 * HOURS

    def test_a_shift_goes_ahead_only(self, house: House) -> None:
        exercise = running(house)
        for span in (timedelta(0), -HOURS, timedelta(days=4000)):
            with pytest.raises(Refused):
                shift(house, exercise.name, span, "commander-1")

    def test_injects_shifted_come_later_and_so_does_the_end(self, house: House) -> None:
        exercise = running(house, PRESS)
        with house.store.writing() as session:
            row = locked(session, exercise.id or 0)
            assert shift_injects(session, row, 4 * HOURS, "commander-1", wall_now()) == 1
        shift(house, exercise.name, 3 * HOURS, "commander-1")
        assert states(house)["press"] == "waiting"
        shift(house, exercise.name, 3 * HOURS, "commander-1")
        assert states(house)["press"] == "delivered"
        after = of(house, exercise.name)
        assert after.ends_at is not None
        assert exercise.ends_at is not None
        assert after.ends_at - exercise.ends_at == 4 * HOURS

    def test_a_real_incident_reads_no_exercise_s_clock(self, house: House) -> None:
        exercise = running(house)
        shift(house, exercise.name, 20 * HOURS, "commander-1")
        wall = wall_now()
        with house.store.writing() as session:
            real = open_incident(session, house, Opening("t", "misdirected-message", "Real"), wall)
            assert incident_now(session, real, wall) == wall
            assert real.opened_at == wall


class TestEnding:
    def test_the_end_closes_what_is_open_and_drops_what_waits(self, house: House) -> None:
        exercise = running(house, PRESS)
        end_exercise(house, exercise.name, "commander-1", "enough")
        assert states(house)["press"] == "dropped"
        with house.store.reading() as session:
            assert {one.state for one in incidents_of(session, exercise)} == {"closed"}
            assert not session.exec(select(Question).where(Question.state == "open")).all()
        with pytest.raises(Refused, match="ended"):
            end_exercise(house, exercise.name, "commander-1", "again")

    def test_cut_off_after_its_first_commit_it_is_swept_up_once(self, house: House) -> None:
        exercise = running(house, PRESS)
        with house.store.writing() as session:  # what end_exercise commits first
            row = locked(session, exercise.id or 0)
            row.state, row.ended_at, row.why = "ended", wall_now(), "enough"
            session.add(row)
        sweep(house)
        sweep(house)
        with house.store.reading() as session:
            (incident,) = incidents_of(session, exercise)
            kinds = session.exec(select(TimelineEntry.kind).where(TimelineEntry.chain == incident.ref)).all()
        assert incident.state == "closed"
        assert list(kinds).count("incident_closed") == 1
        assert states(house)["press"] == "dropped"

    def test_it_ends_by_itself_when_its_time_is_over(self, house: House) -> None:
        exercise = running(house)
        shift(house, exercise.name, timedelta(days=3), "commander-1")
        end_what_is_over(house)
        assert (of(house, exercise.name).state, of(house, exercise.name).why) == ("ended", "its time is over")

    def test_the_end_touches_no_real_incident(self, house: House) -> None:
        with house.store.writing() as session:
            real = open_incident(session, house, Opening("t", "misdirected-message", "Real"), wall_now())
        exercise = running(house)
        end_exercise(house, exercise.name, "commander-1", "enough")
        with house.store.reading() as session:
            assert session.get_one(Incident, real.id).state == "open"
            assert session.exec(
                select(Question).where(Question.incident_id == real.id, Question.state == "open")
            ).all()


class TestByHand:
    def test_an_inject_is_brought_once(self, house: House) -> None:
        exercise = running(house, PRESS)
        bring(house, exercise.name, "press", "commander-1")
        with pytest.raises(Refused):
            bring(house, exercise.name, "press", "commander-1")
        shift(house, exercise.name, 3 * HOURS, "commander-1")
        with house.store.reading() as session:
            asked = session.exec(select(Question).where(Question.title == "About press")).all()
        assert len(asked) == 1

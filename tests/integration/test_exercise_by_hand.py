"""Injects that a facilitator calls, and the places and conditions in which any comes."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from sqlmodel import select

from flows.clock import wall_now
from flows.deciding import deciding
from flows.exercise.bringing import bring_alert
from flows.exercise.conducting import add_inject
from flows.exercise.ending import end_what_is_over
from flows.exercise.injecting import fire_injects
from flows.exercise.shifting import shift_injects
from flows.exercise.stepping import exercise_now, locked
from flows.house import House
from flows.intake.expiry import expire
from flows.intake.senders import source_of_kind
from flows.opening import Opening, open_incident
from flows.settling.closing import close_as
from flows.windows import NewWindow, add_window
from playbooks.errors import Refused
from store.database import Store
from store.tables import (
    Alert,
    Client,
    Exercise,
    Incident,
    Inject,
    Message,
    Question,
    Source,
    StepRow,
)
from tests.harness.conducted import (
    AGAIN,
    HOURS,
    NEWS,
    PRESS,
    UNLESS,
    after,
    bring,
    drilled,
    end_exercise,
    first,
    halt,
    inject_of,
    running,
    shift,
)

MINUTES = timedelta(minutes=1)


@pytest.fixture
def house(store: Store, tmp_path: Path) -> House:
    return drilled(store, tmp_path)


class TestByHand:
    def test_while_the_clock_stands_none_is_brought_or_added(self, house: House) -> None:
        exercise = running(house, PRESS)
        halt(house, exercise)
        with pytest.raises(Refused, match="paused"):
            bring(house, exercise.name, "press", "commander-1")
        said = {"kind": "press_question", "to": "commander", "title": "A paper asks", "text": "True?"}
        with house.store.writing() as session, pytest.raises(Refused, match="paused"):
            add_inject(session, locked(session, exercise.id or 0), said, "commander-1", wall_now())
        with house.store.reading() as session:
            assert {one.key for one in session.exec(select(Inject))} == {"start", "press"}
        assert inject_of(house, exercise, "press").state == "waiting"

    def test_one_that_finds_no_open_incident_is_not_said_to_have_come(self, house: House) -> None:
        exercise = running(house, PRESS)
        with house.store.reading() as session:
            ref = first(session, exercise).ref
        with deciding(house, ref) as decision:
            close_as(decision, "closed", "commander-1", "done")
        with pytest.raises(Refused, match="no incident of the exercise was open"):
            bring(house, exercise.name, "press", "commander-1")
        assert inject_of(house, exercise, "press").state == "dropped"

    def test_one_that_can_never_happen_is_dropped_in_words(self, house: House) -> None:
        exercise = running(house, {**NEWS, "facts": {"people_affected": "500-400"}})
        with pytest.raises(Refused, match="could not happen"):
            bring(house, exercise.name, "news", "commander-1")
        assert inject_of(house, exercise, "news").state == "dropped"

    def test_no_client_comes_into_an_exercise_that_nobody_plays(self, house: House) -> None:
        exercise = running(house)
        with house.store.writing() as session:
            said = {"kind": "new_fact", "title": "x", "text": "y", "facts": {"clients": "client-9"}}
            key = add_inject(session, locked(session, exercise.id or 0), said, "commander-1", wall_now())
        with pytest.raises(Refused, match="client-9"):
            bring(house, exercise.name, key, "commander-1")

    def test_its_condition_does_not_hold_back_one_that_is_called(self, house: House) -> None:
        exercise = running(house, UNLESS)
        steps(house, exercise, done="triage")
        bring(house, exercise.name, "unless", "commander-1")
        assert inject_of(house, exercise, "unless").state == "delivered"
        assert inject_of(house, exercise, "unless").why == "by commander-1"


def steps(house: House, exercise: Exercise, done: str, *states: str) -> None:
    """Let a step be done in one case, and be in these states in others."""
    with house.store.writing() as session:
        incident = first(session, exercise)
        known = select(StepRow).where(StepRow.incident_id == incident.id, StepRow.step_id == done)
        for one in session.exec(known):
            one.state = "done"
            session.add(one)
        session.add_all(
            StepRow(incident_id=incident.id or 0, case_ref=ref, step_id=done, state=state)
            for ref, state in zip("XYZ", ("done", *states), strict=False)
        )


class TestUnlessDone:
    def test_a_case_that_was_taken_back_does_not_undo_what_was_done(self, house: House) -> None:
        exercise = running(house, UNLESS)
        steps(house, exercise, "triage", "withdrawn", "skipped")
        shift(house, exercise.name, 3 * HOURS, "commander-1")
        assert inject_of(house, exercise, "unless").state == "dropped"

    def test_what_is_open_in_a_case_is_not_done(self, house: House) -> None:
        exercise = running(house, UNLESS)
        steps(house, exercise, "triage", "open")
        shift(house, exercise.name, 3 * HOURS, "commander-1")
        assert inject_of(house, exercise, "unless").state == "delivered"

    def test_what_was_done_in_an_incident_that_ended_counts(self, house: House) -> None:
        exercise = running(house, UNLESS)
        steps(house, exercise, "triage")
        second = another(house, exercise)
        with house.store.writing() as session:
            session.get_one(Incident, second)
            older = first(session, exercise)
            older.state = "merged"
            session.add(older)
        shift(house, exercise.name, 3 * HOURS, "commander-1")
        assert inject_of(house, exercise, "unless").state == "dropped"


def another(house: House, exercise: Exercise) -> int:
    """A second incident of the exercise."""
    with house.store.writing() as session:
        opening = Opening("t", exercise.playbook, "Another", exercise_id=exercise.id)
        return open_incident(session, house, opening, wall_now()).id or 0


def test_an_inject_happens_where_something_is_open_and_not_in_a_candidate(house: House) -> None:
    exercise = running(house, PRESS)
    second = another(house, exercise)
    with house.store.writing() as session:
        older = first(session, exercise)
        older.state = "candidate"
        session.add(older)
    shift(house, exercise.name, 3 * HOURS, "commander-1")
    with house.store.reading() as session:
        asked = session.exec(select(Question).where(Question.title == "About press")).one()
    assert asked.incident_id == second


def test_an_inject_finds_another_place_where_the_first_closed_at_that_moment(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    exercise = running(house, PRESS)
    another(house, exercise)
    after(house, exercise, 3 * HOURS)
    with house.store.reading() as session:
        ref = first(session, exercise).ref
    with deciding(house, ref) as decision:
        close_as(decision, "closed", "commander-1", "done")
    with monkeypatch.context() as meanwhile:
        meanwhile.setattr("flows.exercise.injecting._place", lambda *_: ref)
        assert fire_injects(house, exercise.id) == 0
    assert inject_of(house, exercise, "press").state == "waiting"
    assert fire_injects(house, exercise.id) == 1


@pytest.mark.parametrize("kind", ["quiet", "test"])
def test_what_was_announced_of_real_tools_neither_holds_nor_counts_an_exercise_s_alert(
    house: House, kind: str
) -> None:
    exercise, wall = running(house, AGAIN), wall_now()
    with house.store.writing() as session:
        window = NewWindow(kind, wall, wall + HOURS, "Maintenance", client="example-retail", contact="it-1")  # type: ignore[arg-type]
        add_window(session, window, "commander-1", wall)
    shift(house, exercise.name, 2 * HOURS, "commander-1")
    with house.store.reading() as session:
        alert = session.exec(select(Alert)).one()
    assert (alert.window_id, alert.incident_id is not None) == (None, True)


def test_an_exercise_s_source_is_never_taken_for_a_tool_s_and_ends_with_it(house: House) -> None:
    with house.store.writing() as session:
        session.add(Source(name="siem", kind="generic", auth="hmac", playbook="x", added_at=wall_now()))
    exercise = running(house, AGAIN)
    shift(house, exercise.name, 2 * HOURS, "commander-1")
    with house.store.reading() as session:
        assert source_of_kind(session, "generic", wall_now()).name == "siem"
    end_exercise(house, exercise.name, "commander-1", "enough")
    with house.store.writing() as session:  # of an alert that was taken in while it was ended
        late = Source(name="late", kind="generic", auth="hmac", playbook="x", added_at=wall_now())
        late.exercise_id = exercise.id
        session.add(late)
    end_what_is_over(house)
    with house.store.reading() as session:
        known = {one.name: one.disabled_at is None for one in session.exec(select(Source))}
    assert known.pop("siem")
    assert list(known.values()) == [False, False]


def test_an_alert_of_an_exercise_is_never_spoken_of_in_a_client_s_channel(
    store: Store, tmp_path: Path
) -> None:
    house = drilled(store, tmp_path, SEVENTYTWO_CHANNEL="", SEVENTYTWO_EXERCISE_CHANNEL="")
    with house.store.writing() as session:
        client = session.exec(select(Client).where(Client.ref == "example-retail")).one()
        client.channel = "#their-own"
        session.add(client)
    shift(house, running(house, AGAIN).name, 2 * HOURS, "commander-1")
    with house.store.reading() as session:
        told = {one.channel for one in session.exec(select(Message))}
        assert {one.channel for one in session.exec(select(Incident))} == {""}
    assert told == {""}


def test_two_alerts_called_at_once_both_come(house: House) -> None:
    exercise = running(house, *({**AGAIN, "id": f"alert-{number}"} for number in range(4)))
    with ThreadPoolExecutor(4) as pool:
        for done in [pool.submit(bring, house, exercise.name, f"alert-{one}", "lead") for one in range(4)]:
            done.result()
    with house.store.reading() as session:
        assert {one.state for one in session.exec(select(Inject))} == {"delivered"}
        assert len(session.exec(select(Source)).all()) == 1


def test_an_alert_comes_while_its_facilitator_lets_the_others_come_later(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """PostgreSQL ends one of two transactions that wait for each other: none may wait so."""
    exercise = running(house, AGAIN, PRESS)
    after(house, exercise, 90 * MINUTES)
    is_coming, is_led = Event(), Event()

    def slowly(*given: Any) -> None:
        is_coming.set()
        is_led.wait(0.5)  # SQLite lets the other wait until this one is over
        bring_alert(*given)

    def later() -> int:
        is_coming.wait(5)
        with house.store.writing() as session:
            leads = locked(session, exercise.id or 0)
            is_led.set()
            return shift_injects(session, leads, HOURS, "commander-1", wall_now())

    monkeypatch.setattr("flows.exercise.injecting.bring_alert", slowly)
    with ThreadPoolExecutor(2) as pool:
        moved = pool.submit(later)
        assert fire_injects(house, exercise.id) == 1
        assert moved.result() == 1
    assert inject_of(house, exercise, "again").state == "delivered"


@pytest.mark.parametrize(("at", "incidents"), [("90m", 2), ("60h", 3)], ids=["soon", "later"])
def test_alerts_belong_together_by_the_exercise_s_time(house: House, at: str, incidents: int) -> None:
    exercise = running(house, AGAIN, {**AGAIN, "id": "later", "at": at})
    shift(house, exercise.name, 61 * HOURS, "commander-1")
    with house.store.reading() as session:
        assert len(session.exec(select(Incident)).all()) == incidents


def test_what_nobody_called_comes_by_itself_and_says_so(house: House) -> None:
    exercise = running(house, PRESS)
    after(house, exercise, 3 * HOURS)
    assert fire_injects(house, exercise.id) == 1
    assert inject_of(house, exercise, "press").why == "by the scenario"


def test_what_belongs_together_is_not_forgotten_while_an_exercise_of_another_month_is_played(
    house: House,
) -> None:
    exercise = running(house, AGAIN, {**AGAIN, "id": "soon", "at": "90m"})
    shift(house, exercise.name, 61 * MINUTES, "commander-1")
    later = exercise_now(house, exercise.id or 0) + timedelta(days=60)
    assert expire(house.store, 0, later)["groups"] == 0
    shift(house, exercise.name, HOURS, "commander-1")
    with house.store.reading() as session:
        assert len(session.exec(select(Incident)).all()) == 2
    end_exercise(house, exercise.name, "commander-1", "enough")
    assert expire(house.store, 0, later)["groups"] > 0

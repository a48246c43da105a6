"""Exercises in trouble: two at once, a clock that stands, an alarm, what can never begin."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlmodel import col, select

from flows.approving import able
from flows.beginning import begin_all
from flows.channel_freeze import frozen_channels
from flows.clock import wall_now
from flows.exercise.beginning import Wish, begin
from flows.exercise.bringing import BRING
from flows.exercise.ending import end_what_is_over, resume, stop_exercise, sweep
from flows.exercise.stepping import exercise_now, is_all_said, locked
from flows.guarding import guard_once
from flows.house import House
from flows.nudging import Nudge
from flows.settling.closing import close_as
from flows.watch_loop import NAME, _look, _rehearse, beat, last_beat
from playbooks.errors import Mend, Refused
from store.database import Store
from store.tables import (
    Client,
    ClockWarning,
    Exercise,
    Incident,
    Inject,
    Message,
    Question,
    Responder,
)
from tests.harness.conducted import (
    AGAIN,
    DRILLS,
    HOURS,
    LOST,
    NEWS,
    after,
    as_it_stands,
    drilled,
    end_exercise,
    first,
    halt,
    inject_of,
    running,
    shift,
)
from tests.harness.rehearsals import scenario
from tests.harness.stocks import library_of, shipped, stock


@pytest.fixture
def house(store: Store, tmp_path: Path) -> House:
    return drilled(store, tmp_path)


class TestBeginning:
    def test_what_cannot_open_its_incident_begins_nothing(
        self, house: House, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def broken(*_: object) -> None:
            raise Mend("it cannot be opened")

        monkeypatch.setattr("flows.exercise.bringing.open_incident", broken)
        with pytest.raises(Mend, match="cannot be opened"):
            running(house)
        with house.store.reading() as session:
            assert not session.exec(select(Exercise)).all()
            assert not session.exec(select(Responder).where(col(Responder.handle).startswith("ex-"))).all()

    def test_a_playbook_that_may_not_be_used_is_played_by_no_other(self, house: House) -> None:
        name = scenario().playbook
        revoked = shipped()[name].model_copy(update={"revoked": "It misled us."})
        stock(house, library_of(revoked))
        with pytest.raises(Refused, match="It misled us"):
            running(house)
        with house.store.reading() as session:
            assert not session.exec(select(Incident)).all()

    @pytest.mark.parametrize("year", [1, 1999, 9999])
    def test_an_instant_that_no_calendar_reaches_is_refused(self, house: House, year: int) -> None:
        wish = Wish("commander-1", scripted=("it",), at=datetime(year, 12, 30, tzinfo=UTC))
        with pytest.raises(Mend, match="begin"):
            begin(house, scenario(), wish, wall_now())

    def test_no_client_plays_our_own_organisation(self, house: House) -> None:
        with house.store.writing() as session:
            session.add(Client(ref="client-7", name="Sample Client", imported_at=wall_now()))
        wish = Wish("commander-1", scripted=("it",), clients={"own-staff": "client-7"})
        with pytest.raises(Mend, match="our own organisation"):
            begin(house, scenario(), wish, wall_now())


class TestTwoAtOnce:
    @pytest.fixture
    def broken(self, house: House, monkeypatch: pytest.MonkeyPatch) -> Exercise:
        """An exercise whose inject is due, and fails by a fault of ours."""
        found = running(house, NEWS)
        number, state = found.id, BRING["new_fact"]

        def fail(decision: object, exercise: Exercise, inject: Inject) -> None:
            if exercise.id == number:
                raise ValueError("a fault of ours")
            state(decision, exercise, inject)  # type: ignore[arg-type]

        monkeypatch.setattr("flows.exercise.injecting.BRING", {**BRING, "new_fact": fail})
        after(house, found, 2 * HOURS)
        return found

    def test_the_fault_of_one_stops_neither_the_shift_nor_the_beginning_of_another(
        self, house: House, broken: Exercise
    ) -> None:
        other = running(house, NEWS, called="another")
        shift(house, other.name, 3 * HOURS, "commander-1")
        assert inject_of(house, other, "news").state == "delivered"
        assert inject_of(house, broken, "news").state == "waiting"

    def test_the_fault_of_one_keeps_no_other_from_its_end_in_the_watch(
        self, house: House, broken: Exercise
    ) -> None:
        other = running(house, called="another")
        after(house, other, timedelta(days=3))
        with pytest.raises(ValueError, match="a fault of ours"):
            _rehearse(house, Nudge(lambda: None))
        assert (as_it_stands(house, other).state, as_it_stands(house, broken).state) == ("ended", "running")

    def test_one_that_cannot_be_swept_up_keeps_no_other_from_it(
        self, house: House, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        one, other = running(house), running(house, called="another")
        with house.store.reading() as session:
            stuck, swept = first(session, one).ref, first(session, other).ref

        def close(decision: object, *said: str) -> None:
            if decision.incident.ref == stuck:  # type: ignore[attr-defined]
                raise ValueError("a fault of ours")
            close_as(decision, *said)  # type: ignore[arg-type]

        monkeypatch.setattr("flows.exercise.ending.close_as", close)
        end_exercise(house, one.name, "commander-1", "enough")
        end_exercise(house, other.name, "commander-1", "enough")
        with house.store.reading() as session:
            found = {each.ref: each.state for each in session.exec(select(Incident))}
            assert not session.exec(
                select(Responder).where(
                    col(Responder.handle).startswith("ex-"), col(Responder.disabled_at).is_(None)
                )
            ).all()
        assert found == {stuck: "open", swept: "closed"}
        monkeypatch.undo()
        sweep(house)
        with house.store.reading() as session:
            assert first(session, one).state == "closed"

    def test_a_warning_of_an_exercise_that_fails_takes_no_sign_of_life_from_real_clocks(
        self, house: House
    ) -> None:
        exercise = running(house)
        with house.store.writing() as session:
            incident = first(session, exercise)
            session.add(
                ClockWarning(
                    incident_id=incident.id or 0, subject="nonsense:1", threshold="x", seq=1,
                    due_at=incident.opened_at,
                )
            )  # fmt: skip
        _look(house)
        assert last_beat(house.store, NAME) is not None
        with pytest.raises(AssertionError):
            _rehearse(house, Nudge(lambda: None))
        beat(house.store, NAME, wall_now() - HOURS)
        assert guard_once(house, wall_now()), "the desk stands in for the watch all the same"

    def test_nobody_scripted_of_another_exercise_counts_as_able_to_release(self, house: House) -> None:
        one = running(house)
        running(house, called="another")
        with house.store.reading() as session:
            assert able(session, first(session, one), "approver", "", ()) == 1


class TestClock:
    def test_a_shift_goes_no_further_than_the_end(self, house: House) -> None:
        exercise = running(house)
        shift(house, exercise.name, timedelta(days=90), "commander-1")
        assert exercise_now(house, exercise.id or 0) == exercise.ends_at
        end_what_is_over(house)
        assert as_it_stands(house, exercise).state == "ended"

    def test_what_an_alert_within_a_shift_opens_is_begun_at_its_own_instant(self, house: House) -> None:
        exercise = running(house, AGAIN)
        shift(house, exercise.name, 20 * HOURS, "commander-1")
        begin_all(house)
        with house.store.reading() as session:
            opened = session.exec(select(Incident).order_by(col(Incident.id).desc())).first()
            assert opened is not None
            asked = session.exec(select(Question.opened_at).where(Question.incident_id == opened.id)).all()
        assert {opened.opened_at, *asked} == {scenario().begins_at + HOURS}

    @pytest.mark.parametrize("ended", [False, True], ids=["paused", "ended"])
    def test_a_clock_that_stands_is_moved_by_nobody(self, house: House, ended: bool) -> None:
        exercise = running(house)
        if ended:
            end_exercise(house, exercise.name, "commander-1", "enough")
        else:
            halt(house, exercise)
        stood = exercise_now(house, exercise.id or 0)
        with pytest.raises(Refused):
            after(house, exercise, HOURS)
        assert exercise_now(house, exercise.id or 0) == stood

    def test_a_reason_to_stop_is_not_told_of_one_that_goes_on(self, house: House) -> None:
        exercise = running(house)
        with house.store.writing() as session:
            stop_exercise(session, house, exercise.id or 0, "something was about to leave", wall_now())
        assert as_it_stands(house, exercise).why
        with house.store.writing() as session:
            resume(session, locked(session, exercise.id or 0), "commander-1", wall_now())
        assert (as_it_stands(house, exercise).state, as_it_stands(house, exercise).why) == ("running", "")


def test_a_lost_channel_does_not_hold_the_clock_of_an_exercise(house: House) -> None:
    exercise = running(house, LOST)
    assert not is_all_said(house, exercise.id or 0)
    shift(house, exercise.name, 2 * HOURS, "commander-1")
    assert is_all_said(house, exercise.id or 0), "what waits for the channel would hold what gives it back"


def test_the_alarm_of_a_stopped_exercise_reaches_its_own_channel_though_it_was_lost(house: House) -> None:
    exercise = running(house, LOST)
    shift(house, exercise.name, 2 * HOURS, "commander-1")
    with house.store.reading() as session:
        assert frozen_channels(session) == {DRILLS}
    with house.store.writing() as session:
        stop_exercise(session, house, exercise.id or 0, "something was about to leave", wall_now())
    with house.store.reading() as session:
        assert not frozen_channels(session)
        told = [one for one in session.exec(select(Message)) if "is stopped" in str(one.fields.get("text"))]
    assert [one.channel for one in told] == [DRILLS]

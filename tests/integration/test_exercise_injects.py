"""Injects happen once, at their instant, to those who play, and to nothing and nobody real."""

from __future__ import annotations

import threading
from datetime import timedelta
from pathlib import Path

import pytest
from sqlmodel import col, select

from flows.answering import Claim, take_answer
from flows.channel_freeze import frozen_channels
from flows.clock import wall_now
from flows.exercise.absent import away_until
from flows.exercise.alone import import_scenario_clients
from flows.exercise.bringing import BRING
from flows.exercise.casting import read_cast
from flows.exercise.ending import pause, resume
from flows.exercise.injecting import fire_injects
from flows.exercise.stepping import exercise_now, jump, locked, next_inject_at
from flows.forms import Given
from flows.freezing import freeze
from flows.gathering import open_questions, view_of
from flows.house import House
from flows.opening import Opening, open_incident
from playbooks.errors import SetupFault, Unreachable
from store import timeline
from store.database import Store
from store.tables import (
    Absence,
    Answer,
    ChannelFreeze,
    Exercise,
    Incident,
    Inject,
    Message,
    Question,
    TimelineEntry,
)
from store.timeline import Verified
from tests.harness.conducted import (
    AGAIN,
    DRILLS,
    HOURS,
    LOST,
    NEWS,
    PRESS,
    UNLESS,
    broken_by,
    drilled,
    end_exercise,
    first,
    running,
    shift,
)
from tests.harness.desks import house_on
from tests.harness.rehearsals import scenario
from tests.harness.stocks import shipped, stock

SECRET = "A-NOTE-FOR-THE-FACILITATOR-ALONE"
AWAY = {"id": "away", "kind": "person_unavailable", "at": "1h", "role": "commander", "lasts": "3h"}
BRIEFLY = {**LOST, "lasts": "2h"}


@pytest.fixture
def house(store: Store, tmp_path: Path) -> House:
    return drilled(store, tmp_path)


def after(house: House, exercise: Exercise, span: timedelta) -> None:
    shift(house, exercise.name, span, "commander-1")


def row(house: House, key: str) -> Inject:
    with house.store.reading() as session:
        return session.exec(select(Inject).where(Inject.key == key)).one()


def titled(house: House, title: str) -> list[Question]:
    with house.store.reading() as session:
        return list(session.exec(select(Question).where(Question.title == title)))


def test_a_question_is_put_to_its_role_told_once_and_named_nowhere_by_its_note(house: House) -> None:
    exercise = running(house, {**PRESS, "note": SECRET})
    after(house, exercise, 3 * HOURS)
    fire_injects(house)
    (question,) = titled(house, "About press")
    assert question.role == "commander"
    assert row(house, "press").step_row_id == question.step_row_id
    with house.store.reading() as session:
        said = [f"{one.kind} {one.fields}" for one in session.exec(select(Message))]
        noted = [str(one.payload) for one in session.exec(select(TimelineEntry))]
    assert sum("About press" in one for one in said if one.startswith("question_opened")) == 1
    assert SECRET not in str(said + noted)


def test_two_who_fire_at_the_same_time_let_it_happen_once(house: House) -> None:
    exercise = running(house, PRESS, NEWS, AGAIN)
    jump(house, exercise.id or 0, exercise_now(house, exercise.id or 0) + 3 * HOURS)
    threads = [threading.Thread(target=fire_injects, args=(house,)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    fire_injects(house)
    assert len(titled(house, "About press")) == 1
    with house.store.reading() as session:
        chain = first(session, exercise).ref
        delivered = [
            one.payload for one in session.exec(select(TimelineEntry).where(TimelineEntry.chain == chain))
            if one.kind == "inject_delivered"
        ]  # fmt: skip
        assert isinstance(timeline.verify(session, chain), Verified)
    assert sorted(str((one or {}).get("inject")) for one in delivered) == ["news", "press"]


def test_cut_off_in_the_middle_nothing_of_it_happened_and_it_comes_again(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    exercise = running(house, PRESS)
    put = BRING["press_question"]

    def cut_off(*given: object) -> None:
        put(*given)  # type: ignore[arg-type]
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("flows.exercise.injecting.BRING", {**BRING, "press_question": cut_off})
        jump(house, exercise.id or 0, exercise_now(house, exercise.id or 0) + 3 * HOURS)
        with pytest.raises(KeyboardInterrupt):
            fire_injects(house)
    assert not titled(house, "About press")
    assert row(house, "press").state == "waiting"
    fire_injects(house)
    assert len(titled(house, "About press")) == 1


def test_a_bug_drops_its_inject_says_so_and_holds_up_no_other(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    exercise = running(house, NEWS, PRESS)
    monkeypatch.setattr("flows.exercise.injecting.BRING", broken_by(ValueError("400 people of Example Bank")))
    jump(house, exercise.id or 0, exercise_now(house, exercise.id or 0) + 3 * HOURS)
    with pytest.raises(ValueError, match="400 people"):
        fire_injects(house)
    assert (row(house, "news").state, row(house, "press").state) == ("dropped", "delivered")
    assert row(house, "news").why == "it could not happen: a fault of ours, ValueError: the log has it"
    assert fire_injects(house) == 0


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param(Unreachable("the database is busy"), id="busy"),
        pytest.param(SetupFault("the vault has no room"), id="full"),
        pytest.param(OSError(28, "No space left on device"), id="no-space"),
    ],
)
def test_what_we_stand_on_holds_up_its_inject_alone_until_it_is_mended(
    fault: Exception, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    exercise = running(house, NEWS, PRESS)
    jump(house, exercise.id or 0, exercise_now(house, exercise.id or 0) + 3 * HOURS)
    with monkeypatch.context() as patched:
        patched.setattr("flows.exercise.injecting.BRING", broken_by(fault))
        with pytest.raises(type(fault)):
            fire_injects(house)
    assert (row(house, "news").state, row(house, "press").state) == ("waiting", "delivered")
    assert fire_injects(house) == 1


def test_a_new_fact_becomes_known_in_the_name_of_the_exercise(house: House) -> None:
    exercise = running(house, NEWS)
    after(house, exercise, 2 * HOURS)
    with house.store.reading() as session:
        known = view_of(session, first(session, exercise).id or 0).known("people_affected")
    assert "400" in str(known)


def test_an_alert_goes_through_intake_and_stays_in_the_exercise(house: House) -> None:
    exercise = running(house, AGAIN)
    after(house, exercise, 2 * HOURS)
    with house.store.reading() as session:
        incidents = session.exec(select(Incident)).all()
    assert {one.exercise_id for one in incidents} == {exercise.id}
    assert {one.channel for one in incidents} == {DRILLS}
    assert row(house, "again").state == "delivered"


def test_a_conditional_one_comes_only_where_the_step_is_not_done(house: House) -> None:
    exercise = running(house, UNLESS)
    after(house, exercise, 3 * HOURS)
    assert row(house, "unless").state == "delivered"


def test_whoever_is_away_may_not_answer_until_they_are_back_and_the_roster_knows_nothing(
    house: House,
) -> None:
    exercise = running(house, AWAY)
    after(house, exercise, 2 * HOURS)
    handle = str(row(house, "away").body["away"])
    number = exercise.id or 0
    with house.store.reading() as session:
        assert list(away_until(session, number, START + 2 * HOURS)) == [handle]
        assert not session.exec(select(Absence)).all()
        incident = first(session, exercise)
    assert "away" in remark(house, incident, handle)
    after(house, exercise, 3 * HOURS)
    assert remark(house, incident, handle) == ""


START = scenario().begins_at


def remark(house: House, incident: Incident, handle: str) -> str:
    """What is wrong with a remark of somebody's; empty where it counts."""
    with house.store.reading() as session:
        question = next(one for one in open_questions(session, incident.id or 0) if one.kind == "command")
    code, at = read_cast(house, [handle]).code_ahead(handle)
    claim = Claim(incident.ref, question.ref, question.generation, question.attempt)
    take_answer(house, claim, Given(handle, code, "note", "A remark.", {}, at))
    with house.store.reading() as session:
        last = select(Answer).where(Answer.question_id == question.id).order_by(col(Answer.id).desc())
        return session.exec(last.limit(1)).one().fault


class TestChannel:
    def frozen(self, house: House) -> frozenset[str]:
        with house.store.reading() as session:
            return frozen_channels(session)

    def test_the_exercise_s_own_is_lost_for_a_while_and_comes_back(self, house: House) -> None:
        exercise = running(house, BRIEFLY)
        after(house, exercise, 2 * HOURS)
        assert self.frozen(house) == {DRILLS}
        after(house, exercise, 2 * HOURS)
        assert not self.frozen(house)

    def test_the_house_s_own_is_never_lost(self, store: Store, tmp_path: Path) -> None:
        house = stock(
            house_on(store, tmp_path, SEVENTYTWO_CHANNEL="#house", SEVENTYTWO_EXERCISE_CHANNEL="#house"),
            shipped(),
        )
        import_scenario_clients(house, scenario(), wall_now())
        after(house, running(house, BRIEFLY), 2 * HOURS)
        assert not self.frozen(house)

    def test_a_real_incident_that_opens_has_it_back_at_once(self, house: House) -> None:
        after(house, running(house, BRIEFLY), 2 * HOURS)
        with house.store.writing() as session:
            open_incident(session, house, Opening("t", "misdirected-message", "Real"), wall_now())
        assert not self.frozen(house)

    def test_a_freeze_in_earnest_takes_its_place_and_outlives_the_exercise(self, house: House) -> None:
        exercise = running(house, BRIEFLY)
        after(house, exercise, 2 * HOURS)
        with house.store.writing() as session:
            freeze(session, {DRILLS}, "in earnest", "commander-1", wall_now())
        end_exercise(house, exercise.name, "commander-1", "enough")
        assert self.frozen(house) == {DRILLS}
        with house.store.reading() as session:
            rows = session.exec(select(ChannelFreeze).where(col(ChannelFreeze.lifted_at).is_(None))).all()
        assert [one.by for one in rows] == ["commander-1"]

    def test_it_is_given_back_at_the_end(self, house: House) -> None:
        exercise = running(house, BRIEFLY)
        after(house, exercise, 2 * HOURS)
        end_exercise(house, exercise.name, "commander-1", "enough")
        assert not self.frozen(house)


def test_a_paused_exercise_has_no_injects_until_it_goes_on(house: House) -> None:
    exercise = running(house, PRESS)
    jump(house, exercise.id or 0, exercise_now(house, exercise.id or 0) + 3 * HOURS)
    with house.store.writing() as session:
        pause(session, locked(session, exercise.id or 0), "commander-1", wall_now())
    assert fire_injects(house) == 0
    assert next_inject_at(house, exercise.id or 0) == START + 2 * HOURS
    with house.store.writing() as session:
        resume(session, locked(session, exercise.id or 0), "commander-1", wall_now())
    assert fire_injects(house) == 1


def test_one_that_can_never_happen_is_dropped_with_the_reason_and_the_story_goes_on(house: House) -> None:
    exercise = running(house, {**NEWS, "facts": {"people_affected": "500-400"}}, PRESS)
    after(house, exercise, 3 * HOURS)
    assert (row(house, "news").state, row(house, "press").state) == ("dropped", "delivered")
    assert "could not happen" in row(house, "news").why
    assert fire_injects(house) == 0

"""A scenario played without Prefect: by three teams, in pieces, beside people, with a faulty script."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from threading import Event

import pytest
from sqlmodel import select

from flows.clock import wall_now
from flows.exercise.alone import Rehearsal
from flows.exercise.beside import let_answer
from flows.exercise.casting import Cast
from flows.exercise.ending import end_what_is_over
from flows.exercise.playing import MOST_ATTEMPTS
from flows.exercise.stepping import is_all_said, jump
from flows.exercise.waiting import put_of
from flows.identity import played_in
from flows.people import Newcomer, enrol
from playbooks.errors import TellHuman
from playbooks.exercises.part import Said
from playbooks.exercises.scenario import Answer
from store import timeline
from store.database import Store
from store.tables import (
    ActionItem,
    Approval,
    ClockWarning,
    CodeUse,
    Exercise,
    Incident,
    Message,
    Obligation,
    Question,
)
from store.tables import Answer as AnswerRow
from store.timeline import Verified
from tests.harness.databases import SqliteFiles, fixed_keyring
from tests.harness.rehearsals import anew, history, rehearse, rows_of, scenario, with_answers

Played = dict[str, Rehearsal]
TEAMS = ("good", "slow", "forgets-the-client")
TOLD_WITHIN = timedelta(hours=24)
"""The client's contract."""


@pytest.fixture(scope="module")
def played(
    sqlite_files: SqliteFiles, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, Rehearsal]]:
    """The scenario as each team has played it."""
    stores, found = [], {}
    for team in TEAMS:
        folder = tmp_path_factory.mktemp(team)
        stores.append(Store.open(sqlite_files.new(folder), fixed_keyring()))
        found[team] = rehearse(stores[-1], folder, scenario(), team)
        found[team].player.play()
    yield found
    for store in stores:
        store.close()


def contract(rehearsal: Rehearsal) -> Obligation:
    """The duty to tell the client that its contract holds."""
    return next(duty for duty in rows_of(rehearsal, Obligation) if duty.rule_id == "CONTRACT")


def state(rehearsal: Rehearsal) -> str:
    return rows_of(rehearsal, Incident)[0].state


def test_a_good_team_closes_the_incident_with_everybody_told_in_time(played: Played) -> None:
    good = played["good"]
    assert state(good) == "closed"
    told = contract(good)
    assert told.met_at is not None
    assert told.due_at is not None
    assert told.met_at < told.due_at
    assert not told.late_reason
    assert not put_of(good.house, good.exercise_id)


def test_a_slow_team_tells_the_client_late_and_says_why(played: Played) -> None:
    told = contract(played["slow"])
    assert told.met_at is not None
    assert told.due_at is not None
    assert told.met_at > told.due_at
    assert told.late_reason


def test_a_team_that_forgets_the_client_plays_on_to_the_end_of_its_time(played: Played) -> None:
    forgetful = played["forgets-the-client"]
    assert contract(forgetful).met_at is None
    assert state(forgetful) == "open"
    assert forgetful.player.now == scenario().begins_at + scenario().lasts
    left = {one.question.kind for one in put_of(forgetful.house, forgetful.exercise_id)}
    assert left == {"draft", "command"}


@pytest.mark.parametrize("team", TEAMS)
def test_every_warning_fires_at_its_own_instant(team: str, played: Played) -> None:
    fired = [one for one in rows_of(played[team], ClockWarning) if one.state == "fired"]
    assert fired
    assert [one.due_at for one in fired] == [one.fired_at for one in fired]


@pytest.mark.parametrize("team", TEAMS)
def test_every_answer_has_a_code_of_its_own_and_every_chain_holds(
    team: str, played: dict[str, Rehearsal]
) -> None:
    used = rows_of(played[team], CodeUse)
    assert len({(one.responder_id, one.counter) for one in used}) == len(used)
    assert {one.verdict for one in rows_of(played[team], AnswerRow)} == {"accepted"}
    with played[team].house.store.reading() as session:
        for chain in (played[team].ref, timeline.HOUSE):
            assert isinstance(timeline.verify(session, chain), Verified)


def test_where_a_contract_wants_two_to_release_its_notice_two_scripts_do(
    sqlite_store: Store, tmp_path: Path
) -> None:
    own, retail = scenario().clients
    strict = retail | {"contract": {**retail["contract"], "approvals": 2}}
    told = scenario().model_copy(update={"clients": (own, strict)})
    rehearsal = rehearse(sqlite_store, tmp_path, told)
    rehearsal.player.play()
    assert state(rehearsal) == "closed"
    with sqlite_store.reading() as session:
        released = select(Approval.handle).join(Question, Approval.question_id == Question.id)
        handles = set(session.exec(released.where(Question.kind == "release")))
    assert {played_in(handle) for handle in handles} == {rehearsal.name}
    assert {handle.partition("approver")[2] for handle in handles} == {"", "-2"}


def test_what_a_script_has_taken_upon_itself_goes_to_a_person_at_the_end(
    sqlite_store: Store, tmp_path: Path
) -> None:
    with sqlite_store.writing() as session:
        enrol(session, Newcomer("commander-1", "One", ("commander",)), (), wall_now())
        enrol(session, Newcomer("it-1", "Two", ("it",)), ("commander-1",), wall_now())
    rehearsal = rehearse(sqlite_store, tmp_path, scenario())
    rehearsal.player.play()
    (agreed,) = rows_of(rehearsal, ActionItem)
    assert played_in(agreed.owner)
    end_what_is_over(rehearsal.house)
    (agreed,) = rows_of(rehearsal, ActionItem)
    assert agreed.owner == "it-1"


def test_whoever_comes_by_can_go_on_and_it_is_the_same_exercise(
    played: Played, sqlite_store: Store, tmp_path: Path
) -> None:
    rehearsal = rehearse(sqlite_store, tmp_path, scenario())
    for _ in range(200):
        if not (rehearsal := anew(rehearsal)).player.move():
            break
    assert state(rehearsal) == "closed"
    assert history(rehearsal) == history(played["good"])


def test_a_question_for_a_person_is_left_to_them_and_the_clock_stands(
    sqlite_store: Store, tmp_path: Path
) -> None:
    rehearsal = rehearse(sqlite_store, tmp_path, scenario())
    everybody = rehearsal.player.cast
    absent = Cast({h: known for h, known in everybody.secrets.items() if "it" not in known[1]})
    player = replace(rehearsal.player, cast=absent, has_people=True)
    while player.move():
        pass
    asked = [one for one in put_of(rehearsal.house, rehearsal.exercise_id) if one.question.role == "it"]
    assert [one.asking.step for one in asked] == ["keep-message"]
    stood = player.now
    assert player.move() == ""
    assert player.now == stood

    answered = asked[0].question
    it = next(h for h, (_, roles) in everybody.secrets.items() if "it" in roles)
    fields = {"copy_kept": "yes", "delivery_state": "delivered"}
    rehearsal.player.engine.give(answered, it, Said("done", "", fields))
    assert "Establish whose data" in (player.move() or "") or player.now > stood


def test_a_clock_that_runs_by_itself_is_not_stepped_and_answers_come_when_their_time_has(
    sqlite_store: Store, tmp_path: Path
) -> None:
    rehearsal = rehearse(sqlite_store, tmp_path, scenario())
    player = replace(rehearsal.player, is_stepped=False, has_people=True)
    assert player.move() == ""
    jump(rehearsal.house, rehearsal.exercise_id, player.now + timedelta(minutes=30))
    assert "Confirm what was sent" in (player.move() or "")
    assert player.now == scenario().begins_at + timedelta(minutes=30)


def test_a_shift_lets_each_script_answer_at_its_own_instant(
    sqlite_store: Store, tmp_path: Path, played: Played
) -> None:
    rehearsal, until = rehearse(sqlite_store, tmp_path, scenario()), scenario().begins_at + timedelta(hours=6)
    runs = replace(rehearsal.player, is_stepped=False, has_people=True)
    heard: list[str] = []
    with ThreadPoolExecutor(1) as scripts:
        over = Event()
        scripts.submit(lambda: [runs.move() or over.wait(0.01) for _ in iter(over.is_set, True)])
        let_answer(anew(rehearsal).player, until, lambda: True, heard.append)
        over.set()
    asked_for = answered_until(played["good"], until)
    assert answered_until(rehearsal, until) == asked_for
    assert "02 Mar 12:30 the script of commander answers: Confirm what was sent, and to whom" in heard


def answered_until(rehearsal: Rehearsal, until: datetime) -> list[tuple[datetime, str]]:
    titles = {one.id: one.title for one in rows_of(rehearsal, Question)}
    answers = rows_of(rehearsal, AnswerRow)
    return sorted((one.answered_at, titles[one.question_id]) for one in answers if one.answered_at <= until)


def test_a_script_whose_answer_is_refused_each_time_is_told_to_a_human(
    sqlite_store: Store, tmp_path: Path
) -> None:
    impossible = Answer(decision="done", fields={"people_affected": "many"})
    told = with_answers(scenario(), triage=impossible)
    rehearsal = rehearse(sqlite_store, tmp_path, told)
    with pytest.raises(TellHuman, match="refused each time"):
        rehearsal.player.play()
    asked = next(one for one in rows_of(rehearsal, Question) if one.attempt > MOST_ATTEMPTS)
    assert asked.state == "open"


def test_beside_people_such_a_question_is_left_to_them_and_the_other_scripts_go_on(
    sqlite_store: Store, tmp_path: Path
) -> None:
    impossible = Answer(decision="done", fields={"people_affected": "many"})
    rehearsal = rehearse(sqlite_store, tmp_path, with_answers(scenario(), triage=impossible))
    player = replace(rehearsal.player, has_people=True, is_stepped=False)
    said: list[str] = []
    for _ in range(40):
        said += [moved for _ in range(20) if (moved := player.move())]
        jump(rehearsal.house, rehearsal.exercise_id, player.now + timedelta(hours=1))
    (left,) = (one for one in said if "refused each time" in one)
    assert "somebody of" in left
    assert said.index(left) < len(said) - 1
    assert "Lead the incident" not in said[-1]


@pytest.mark.parametrize(("is_stepped", "waits"), [(True, True), (False, False)], ids=["steps", "runs"])
def test_scripts_beside_people_wait_until_all_is_said_only_where_the_clock_waits_too(
    sqlite_store: Store, tmp_path: Path, *, is_stepped: bool, waits: bool
) -> None:
    player = rehearse(sqlite_store, tmp_path, scenario()).player
    assert replace(player, has_people=True, is_stepped=is_stepped).waits_until_said is waits
    assert not replace(player, is_stepped=is_stepped).waits_until_said


def test_where_nobody_can_answer_a_human_is_told(
    sqlite_store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("flows.exercise.playing.PATIENCE", 0.2)
    rehearsal = rehearse(sqlite_store, tmp_path, scenario())
    with sqlite_store.writing() as session:
        row = session.exec(select(Exercise)).one()
        row.ends_at = None
        session.add(row)
    player = replace(rehearsal.player, cast=Cast({}))
    with pytest.raises(TellHuman, match=r"does not go on .* no script may answer that"):
        player.play()


def test_everything_is_said_once_every_message_was_sent_or_given_up(
    sqlite_store: Store, tmp_path: Path
) -> None:
    rehearsal = rehearse(sqlite_store, tmp_path, scenario())
    assert not is_all_said(rehearsal.house, rehearsal.exercise_id)
    with sqlite_store.writing() as session:
        for at, message in enumerate(session.exec(select(Message))):
            message.state = "dead" if at % 2 else "sent"
            session.add(message)
    assert is_all_said(rehearsal.house, rehearsal.exercise_id)

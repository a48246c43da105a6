"""The board of an exercise on the desk: all of it for its facilitator, nothing for those who play."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import httpx
import pyotp
import pytest
from sqlmodel import select

from flows.clock import wall_now
from flows.exercise.alone import Rehearsal
from flows.identity import new_secret
from flows.opening import Opening, open_incident
from playbooks.exercises.library import load_scenarios
from playbooks.exercises.scenario import Inject as Told
from playbooks.exercises.scenario import Scenario
from store.database import Store
from store.tables import Answer, Exercise, Question, Responder, TimelineEntry
from tests.harness.conducted import end_exercise
from tests.harness.desks import DeskUnderTest, desk_on
from tests.harness.rehearsals import rehearse, scenario

NOTE = "A good team asks who may speak for us."
HOSTILE = "<script>alert(1)</script> {{ 7*7 }} <!channel>"


@dataclass
class Board:
    """An exercise at its desk, with people of several roles."""

    desk: DeskUnderTest
    rehearsal: Rehearsal
    secrets: dict[str, tuple[str, int]]

    @property
    def name(self) -> str:
        """The exercise's name."""
        return self.rehearsal.name

    def page(self, handle: str, path: str = "") -> httpx.Response:
        """The page as somebody sees it who has logged in there, with a code that nothing else spent."""
        self.desk.wall += timedelta(minutes=1)
        path = path or f"/x/{self.name}"
        secret, period = self.secrets[handle]
        code = pyotp.TOTP(secret, interval=period).at(self.desk.wall)
        with self.desk.reader() as browser:
            return browser.post(path, data={"handle": handle, "code": code}, follow_redirects=True)


PEOPLE: dict[str, tuple[tuple[str, ...], tuple[str, ...], int]] = {
    "facilitator-1": (("facilitator",), (), 30),
    "commander-1": (("commander",), (), 30),
    "it-1": (("it", "privacy", "counsel", "approver"), (), 30),
    "of-one-client": (("facilitator",), ("example-client",), 30),
    "practice-only": (("facilitator",), (), 1),
}
"""Roles, clients and code period."""


@pytest.fixture(scope="module")
def told() -> Scenario:
    injects = (
        Told(id="call", kind="press_question", at=timedelta(hours=3), title=f"A call {HOSTILE}",
             text="Is it true?", to="commander", handled_within=timedelta(hours=1), note=NOTE),
        Told(id="away", kind="person_unavailable", at=timedelta(hours=40), title="Somebody is away",
             text="Ill.", role="counsel", lasts=timedelta(hours=4)),
    )  # fmt: skip
    return scenario().model_copy(update={"injects": injects})


@pytest.fixture
def board(sqlite_store: Store, tmp_path: Path, told: Scenario) -> Iterator[Board]:
    rehearsal = rehearse(sqlite_store, tmp_path, told)
    secrets = enrolled(sqlite_store)
    with desk_on(rehearsal.house) as desk:
        desk.wall = wall_now()
        yield Board(desk, rehearsal, secrets)


def enrolled(store: Store) -> dict[str, tuple[str, int]]:
    secrets: dict[str, tuple[str, int]] = {}
    with store.writing() as session:
        for handle, (roles, clients, period) in PEOPLE.items():
            secrets[handle] = (new_secret(), period)
            session.add(
                Responder(
                    handle=handle,
                    name="",
                    roles=list(roles),
                    clients=list(clients),
                    secret=secrets[handle][0],
                    code_period=period,
                    enrolled_at=wall_now(),
                )
            )
    return secrets


def test_the_facilitator_sees_who_waits_what_comes_and_the_notes(board: Board, told: Scenario) -> None:
    shown = board.page("facilitator-1")
    assert shown.status_code == 200
    for words in (
        board.name, told.title, "Lead the incident", "(script)", "nobody of counsel", NOTE, "waiting",
        "expected decisions", "Nothing yet.", "For the facilitator alone", board.rehearsal.ref,
    ):  # fmt: skip
        assert words in shown.text, words
    assert board.page("commander-1").status_code == 200


def test_every_scenario_of_the_library_has_a_board(board: Board) -> None:
    for told in load_scenarios().values():
        with board.desk.store.writing() as session:
            exercise = session.get_one(Exercise, board.rehearsal.exercise_id)
            exercise.pinned = told.model_dump_json()
            session.add(exercise)
        shown = board.page("facilitator-1")
        assert shown.status_code == 200, told.id
        assert f"{len(told.expected)} expected decisions" in shown.text, told.id


def test_the_board_says_which_client_on_record_plays_which_of_the_story(board: Board) -> None:
    assert "is played by" not in board.page("facilitator-1").text
    with board.desk.store.writing() as session:
        exercise = session.get_one(Exercise, board.rehearsal.exercise_id)
        exercise.clients = {"own-staff": "own-staff", "example-retail": "client-7"}
        session.add(exercise)
    shown = board.page("facilitator-1").text
    assert "example-retail is played by client-7" in shown
    assert "own-staff is played by" not in shown


def people_play(board: Board, role: str) -> None:
    """Let people play a role that was scripted."""
    with board.desk.store.writing() as session:
        exercise = session.get_one(Exercise, board.rehearsal.exercise_id)
        exercise.scripted = {one: handle for one, handle in exercise.scripted.items() if one != role}
        session.add(exercise)


def answers(board: Board, handle: str, verdict: str) -> None:
    with board.desk.store.writing() as session:
        asked = session.exec(select(Question.id)).first()
        now, attempt = board.desk.wall, 99 if verdict == "accepted" else 98
        session.add(
            Answer(question_id=asked or 0, attempt=attempt, handle=handle, decision="done", fields={},
                   verdict=verdict, submitted_at=now, answered_at=now, recorded_at=now)
        )  # fmt: skip


def test_a_commander_who_may_be_asked_reads_no_notes_before_the_end(board: Board) -> None:
    people_play(board, "commander")
    refused = board.page("commander-1")
    assert refused.status_code == 403
    assert "Ask its facilitator" in refused.text
    assert NOTE not in refused.text
    assert board.page("facilitator-1").status_code == 200
    end_exercise(board.rehearsal.house, board.name, "facilitator-1", "enough")
    assert board.page("commander-1").status_code == 200


def test_whoever_has_answered_in_it_reads_no_notes_but_its_own_facilitator(board: Board) -> None:
    answers(board, "facilitator-1", "refused")
    assert board.page("facilitator-1").status_code == 200, "anybody can type somebody's handle"
    answers(board, "facilitator-1", "accepted")
    refused = board.page("facilitator-1")
    assert refused.status_code == 403
    assert NOTE not in refused.text
    with board.desk.store.writing() as session:
        exercise = session.get_one(Exercise, board.rehearsal.exercise_id)
        exercise.facilitator = "facilitator-1"
        session.add(exercise)
    assert board.page("facilitator-1").status_code == 200


def test_what_a_scenario_says_is_inert(board: Board) -> None:
    shown = board.page("facilitator-1").text
    assert "&lt;script&gt;alert(1)&lt;/script&gt; {{ 7*7 }}" in shown
    assert "<script" not in shown


@pytest.mark.parametrize("handle", ["it-1", "of-one-client", "practice-only"])
def test_whoever_plays_finds_nothing_as_if_there_were_no_exercise(handle: str, board: Board) -> None:
    refused, unknown = board.page(handle), board.page("facilitator-1", "/x/EX-2026-0999")
    assert (refused.status_code, unknown.status_code) == (404, 404)
    assert refused.text == unknown.text
    assert NOTE not in refused.text


def test_the_board_asks_who_is_there_and_writes_each_look_down(board: Board) -> None:
    with board.desk.reader() as browser:
        asked = browser.get(f"/x/{board.name}")
        assert asked.status_code == 401
        assert NOTE not in asked.text
    board.page("facilitator-1")
    board.page("it-1")
    with board.desk.store.reading() as session:
        looks = session.exec(select(TimelineEntry).where(TimelineEntry.kind == "exercise_read")).all()
    assert [one.author for one in looks] == ["facilitator-1"]


def test_notes_stand_on_no_page_of_those_who_play(board: Board, told: Scenario) -> None:
    shown = board.page("commander-1", f"/i/{board.rehearsal.ref}").text
    assert board.rehearsal.ref in shown
    assert NOTE not in shown
    assert told.facilitator not in shown


def test_the_board_shows_what_the_sinks_took(board: Board) -> None:
    board.rehearsal.player.play()
    shown = board.page("facilitator-1").text
    assert "notice 1" in shown
    assert "EXERCISE" in shown
    assert "Nothing waits for an answer." in shown
    assert f"handled: {board.name.lower()}-commander:" in shown


def test_a_real_incident_stands_above_all(board: Board) -> None:
    with board.desk.store.writing() as session:
        opening = Opening("tests", "data-exfiltration", "t")
        real = open_incident(session, board.rehearsal.house, opening, wall_now()).ref
    assert f'A real incident is open: <a href="/i/{real}">' in board.page("facilitator-1").text

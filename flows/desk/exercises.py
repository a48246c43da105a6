"""/x/{name}: the board of an exercise, for whoever leads it; those who play in it are refused.

Its notes tell what is to come: a commander who may still be asked is one of those who play.
"""

from __future__ import annotations

from datetime import datetime

from fastapi import APIRouter, Request, Response
from sqlmodel import Session

from flows.desk.entering import ask_who, from_elsewhere, take_login
from flows.desk.exercise_lines import ExerciseView
from flows.desk.exercise_view import exercise_view
from flows.desk.login import reader_of
from flows.desk.reading import Reading
from flows.desk.rendering import message, page
from flows.desk.sessions import DeskSession
from flows.exercise.conducting import CONDUCTS, may_play
from flows.exercise.recording import find_exercise
from flows.identity import CODE_PERIOD
from flows.vouching import note_house
from playbooks.errors import NotFound, Refused
from store.tables import Exercise, Responder

_NOTHING_HERE = ("Nothing here for you", "There is no such exercise, or its board is not for you.", 404)
_WHY_NOT = (
    "The board tells what is to come, and you may be asked in this exercise, or have answered in it. "
    "Ask its facilitator."
)
_PLAYS = ("Not for those who play", _WHY_NOT, 403)


def exercises(reading: Reading) -> APIRouter:
    """The routes of the boards."""
    router = APIRouter()

    @router.get("/x/{name}")
    def board(name: str, request: Request) -> Response:
        """Show the board, or ask who is there."""
        held = reading.session_of(request)
        if held is None and (bounce := from_elsewhere(request)):
            return bounce
        try:
            view = board_for(reading, name, held)
        except NotFound:
            return message(*_NOTHING_HERE)
        except Refused:
            return message(*_PLAYS)
        return ask_who(name) if view is None else page("exercise.html", view=view)

    @router.post("/x/{name}")
    async def login(name: str, request: Request) -> Response:
        """Take handle and code, and lead back to the board."""
        return await take_login(reading, name, request)

    return router


def board_for(reading: Reading, name: str, held: DeskSession | None) -> ExerciseView | None:
    """The board for the holder of the session, once the look is written down; none where nobody is logged in.

    Raises NotFound for those whom it does not concern, Refused for those who play.
    """
    wall = reading.wall_now()
    with reading.house.store.writing() as session:
        reader = reader_of(session, held)
        if reader is None:
            return None
        exercise = _find(session, name, reader)
        if may_play(session, exercise, reader):
            raise Refused("the board is not for those who play", which=exercise.name)
        note_house(session, "exercise_read", reader.handle, {"exercise": exercise.name}, wall)
        exercise_id, reader_id = exercise.id, reader.id
    return _shown(reading, exercise_id, reader_id, wall)


def may_conduct(reader: Responder) -> bool:
    """Whether somebody may see a board: by role, of all clients, and with a code of their own for earnest."""
    is_theirs = bool(CONDUCTS & set(reader.roles)) and not reader.clients
    return is_theirs and reader.code_period >= CODE_PERIOD


def _shown(reading: Reading, exercise_id: int | None, reader_id: int | None, wall: datetime) -> ExerciseView:
    with reading.house.store.reading() as session:
        exercise = session.get_one(Exercise, exercise_id)
        return exercise_view(reading.house, session, exercise, session.get_one(Responder, reader_id), wall)


def _find(session: Session, name: str, reader: Responder) -> Exercise:
    if not may_conduct(reader) or not name.isprintable() or not name.isascii():  # PostgreSQL refuses a NUL
        raise NotFound("no such exercise", which=name[:80])
    return find_exercise(session, name[:80])

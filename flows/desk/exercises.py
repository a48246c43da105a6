"""/x/{name}: the board of an exercise, for its facilitator and commanders; others find nothing here."""

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
from flows.exercise.conducting import CONDUCTS
from flows.exercise.recording import find_exercise
from flows.identity import CODE_PERIOD
from flows.vouching import note_house
from playbooks.errors import NotFound, Refused
from store.tables import Exercise, Responder

_NOTHING_HERE = ("Nothing here for you", "There is no such exercise, or its board is not for you.", 404)


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
        except Refused:
            return ask_who(name)
        return message(*_NOTHING_HERE) if view is None else page("exercise.html", view=view)

    @router.post("/x/{name}")
    async def login(name: str, request: Request) -> Response:
        """Take handle and code, and lead back to the board."""
        return await take_login(reading, name, request)

    return router


def board_for(reading: Reading, name: str, held: DeskSession | None) -> ExerciseView | None:
    """The board for the holder of the session, once the look is written down; none where it is not for them.

    Raises Refused where nobody is logged in.
    """
    wall = reading.wall_now()
    with reading.house.store.writing() as session:
        reader = reader_of(session, held)
        if reader is None:
            raise Refused("nobody is logged in")
        exercise = _find(session, name) if may_conduct(reader) else None
        if exercise is None:
            return None
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


def _find(session: Session, name: str) -> Exercise | None:
    if not name.isprintable() or not name.isascii():  # PostgreSQL refuses a NUL
        return None
    try:
        return find_exercise(session, name[:80])
    except NotFound:
        return None

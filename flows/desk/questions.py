"""/q/{ref}: the way from a link in a message to the run that asks the question now."""

from __future__ import annotations

import re
from uuid import UUID

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from flows.circle import is_guarded
from flows.desk.entering import ask_who, from_elsewhere, take_login
from flows.desk.reading import Reading
from flows.desk.rendering import message
from flows.gathering import find_question
from playbooks.errors import Refused
from store.tables import Incident, Question

_REF = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,23}", re.ASCII)
_AGAIN = 2
_NONE = ("No such question", "Check the link: it names no question of this house.", 404)
_WHOSE = "A question"


def questions(reading: Reading) -> APIRouter:
    """The redirects of this house: they tell a run's id and no more, and ask who comes where a circle is."""
    router = APIRouter()

    @router.get("/q/{ref}")
    def question(ref: str, request: Request) -> Response:
        """Send the browser to the form, or say why there is none."""
        found = _find(reading, ref)
        if found is None:
            return message(*_NONE)
        row, incident, guarded = found
        barred = _bar(reading, incident, request) if guarded else None
        return barred or _way_to(reading.house.settings.prefect_ui_url, row, incident)

    @router.post("/q/{ref}")
    async def login(ref: str, request: Request) -> Response:  # noqa: ARG001 - the path names it
        """Take handle and code, and lead back to the link."""
        return await take_login(reading, _WHOSE, request)

    return router


def _bar(reading: Reading, incident: Incident, request: Request) -> Response | None:
    """What stands in the way of whoever follows a link into a circle, until they prove to be of it."""
    held = reading.session_of(request)
    if held is None and (bounce := from_elsewhere(request)):
        return bounce
    try:
        return None if reading.lets_follow(incident.ref, held) else message(*_NONE)
    except Refused:
        return ask_who(_WHOSE)


def _find(reading: Reading, ref: str) -> tuple[Question, Incident, bool] | None:
    """The question, its incident, and whether only a circle may know of that."""
    if not _REF.fullmatch(ref):
        return None
    with reading.house.store.reading() as session:
        row = find_question(session, ref)
        if row is None:
            return None
        incident = session.get_one(Incident, row.incident_id)
        return row, incident, is_guarded(session, incident)


def _way_to(ui: str, row: Question, incident: Incident) -> Response:
    page = f"/i/{incident.ref}"
    if row.state != "open":
        told = f"This question of {incident.ref} is {row.state}: there is nothing left to do here."
        return message("Already settled", told, 410, link=page)
    if row.run_id is None:
        told = "Its form is being prepared. This page looks again by itself."
        return message("One moment", told, 202, again=_AGAIN, link=page)
    return RedirectResponse(f"{ui}/runs/flow-run/{UUID(row.run_id)}", status_code=303)

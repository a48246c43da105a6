"""/q/{ref}: the way from a link in a message to the run that asks the question now."""

from __future__ import annotations

import re
from uuid import UUID

from fastapi import APIRouter, Response
from fastapi.responses import RedirectResponse

from flows.desk.rendering import message
from flows.gathering import find_question
from flows.house import House
from store.tables import Incident, Question

_REF = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,23}", re.ASCII)
_AGAIN = 2


def questions(house: House) -> APIRouter:
    """The redirects of this house; they tell a run's id and no more, so they ask for no login."""
    router = APIRouter()

    @router.get("/q/{ref}")
    def question(ref: str) -> Response:
        """Send the browser to the form, or say why there is none."""
        found = _find(house, ref)
        if found is None:
            return message("No such question", "Check the link: it names no question of this house.", 404)
        return _way_to(house.settings.prefect_ui_url, *found)

    return router


def _find(house: House, ref: str) -> tuple[Question, Incident] | None:
    if not _REF.fullmatch(ref):
        return None
    with house.store.reading() as session:
        row = find_question(session, ref)
        return (row, session.get_one(Incident, row.incident_id)) if row else None


def _way_to(ui: str, row: Question, incident: Incident) -> Response:
    page = f"/i/{incident.ref}"
    if row.state != "open":
        told = f"This question of {incident.ref} is {row.state}: there is nothing left to do here."
        return message("Already settled", told, 410, link=page)
    if row.run_id is None:
        told = "Its form is being prepared. This page looks again by itself."
        return message("One moment", told, 202, again=_AGAIN, link=page)
    return RedirectResponse(f"{ui}/runs/flow-run/{UUID(row.run_id)}", status_code=303)

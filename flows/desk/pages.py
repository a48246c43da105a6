"""/i/{ref}: the read-only page of an incident, for a responder who proved who they are."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from flows.desk.entering import ask_who, from_elsewhere, take_login
from flows.desk.reading import Reading
from flows.desk.rendering import message, page
from flows.desk.sessions import COOKIE
from playbooks.errors import Refused

_NOTHING_HERE = ("Nothing here for you", "There is no such incident, or it is outside what you may see.", 404)


def pages(reading: Reading) -> APIRouter:
    """The routes of the reading room."""
    router = APIRouter()

    @router.get("/i/{ref}")
    def incident(ref: str, request: Request) -> Response:
        """Show the incident, or ask who is there."""
        return _incident_page(reading, ref, request)

    @router.post("/i/{ref}")
    async def login(ref: str, request: Request) -> Response:
        """Take handle and code, and lead back to the page."""
        return await take_login(reading, ref, request)

    @router.post("/logout")
    def logout() -> Response:
        """Forget the session."""
        answer = message("Logged out", "Close this page, or open your link again to log in.", 200)
        answer.delete_cookie(COOKIE, httponly=True, samesite="strict")
        return answer

    return router


def _incident_page(reading: Reading, ref: str, request: Request) -> Response:
    held = reading.session_of(request)
    if held is None and (bounce := from_elsewhere(request)):
        return bounce
    try:
        view = reading.show(ref, held)
    except Refused:
        return ask_who(ref)
    return message(*_NOTHING_HERE) if view is None else page("incident.html", view=view)

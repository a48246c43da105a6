"""/i/{ref} and its notices: read-only pages of an incident, for a responder who proved who they are."""

from __future__ import annotations

from collections.abc import Callable

from fastapi import APIRouter, Request, Response

from flows.desk.entering import ask_who, from_elsewhere, take_login
from flows.desk.reading import Reading
from flows.desk.rendering import message, page
from flows.desk.sessions import COOKIE, DeskSession
from flows.notice_documents import MEDIA_TYPES
from playbooks.errors import Refused

_NOTHING_HERE = ("Nothing here for you", "There is no such incident, or it is outside what you may see.", 404)
_WHERE = (
    "An incident's page is at /i/INC-2026-0001, an exercise's board at /x/EX-2026-0001, each with its own "
    "number. Forms and messages lead to them. What waits for you is in the inbox of the Prefect UI."
)
_FRONT = ("Seventytwo's desk", _WHERE, 200)
_DIGITS = 10


def pages(reading: Reading) -> APIRouter:
    """The routes of the reading room."""
    router = APIRouter()

    @router.get("/")
    def front() -> Response:
        """Say where the pages are; there is no list for whom nobody knows."""
        return message(*_FRONT)

    @router.get("/i/{ref}")
    def incident(ref: str, request: Request) -> Response:
        """Show the incident, or ask who is there."""
        return _page_for(reading, ref, request, "incident.html", lambda held: reading.show(ref, held))

    @router.post("/i/{ref}")
    async def login(ref: str, request: Request) -> Response:
        """Take handle and code, and lead back to the page."""
        return await take_login(reading, ref, request)

    for kind in MEDIA_TYPES:
        _documents(router, reading, kind)

    @router.get("/i/{ref}/n/{number}")
    def notice(ref: str, number: str, request: Request) -> Response:
        """Show one notice of the incident, or ask who is there."""
        wanted = _number(number)
        return _page_for(
            reading, ref, request, "notice.html", lambda held: reading.show_notice(ref, wanted, held)
        )

    @router.post("/i/{ref}/n/{number}")
    async def login_at_notice(ref: str, number: str, request: Request) -> Response:  # noqa: ARG001 - the path names it
        """Take handle and code, and lead back to the notice."""
        return await take_login(reading, ref, request)

    @router.post("/logout")
    def logout() -> Response:
        """Forget the session."""
        answer = message("Logged out", "Close this page, or open your link again to log in.", 200)
        answer.delete_cookie(COOKIE, httponly=True, samesite="strict")
        return answer

    return router


def _documents(router: APIRouter, reading: Reading, kind: str) -> None:
    """The routes by which a notice's document is handed out; they stand before the page's own."""

    @router.get(f"/i/{{ref}}/n/{{number}}.{kind}")
    def document(ref: str, number: str, request: Request) -> Response:
        """Hand out the document as a file, or ask who is there."""
        held = reading.session_of(request)
        if held is None and (bounce := from_elsewhere(request)):
            return bounce
        try:
            found = reading.hand_out(ref, _number(number), kind, held)
        except Refused:
            return ask_who(ref)
        if found is None:
            return message(*_NOTHING_HERE)
        name, content = found
        headers = {"content-disposition": f'attachment; filename="{name}"'}
        return Response(content, media_type=MEDIA_TYPES[kind], headers=headers)

    @router.post(f"/i/{{ref}}/n/{{number}}.{kind}")
    async def login_at_document(ref: str, number: str, request: Request) -> Response:  # noqa: ARG001 - the path names it
        """Take handle and code, and lead back to the document."""
        return await take_login(reading, ref, request)


def _page_for(
    reading: Reading, ref: str, request: Request, template: str, show: Callable[[DeskSession | None], object]
) -> Response:
    """What `show` has for the holder of the session; else who is asked, or that nothing is here for them."""
    held = reading.session_of(request)
    if held is None and (bounce := from_elsewhere(request)):
        return bounce
    try:
        view = show(held)
    except Refused:
        return ask_who(ref)
    return message(*_NOTHING_HERE) if view is None else page(template, view=view)


def _number(text: str) -> int:
    """The number that a path names; 0, which no notice has, where it is none."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= _DIGITS else 0

"""/i/{ref}: the read-only page of an incident, for a responder who proved who they are."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import parse_qs, urlsplit

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse
from sqlmodel import Session, select
from starlette.concurrency import run_in_threadpool

from flows.clock import incident_now
from flows.desk.login import log_in, may_read, reader_of
from flows.desk.rendering import message, page
from flows.desk.sessions import COOKIE, LENGTH, DeskSession, from_cookie, to_cookie
from flows.desk.showing import show
from flows.desk.throttle import Throttle
from flows.desk.view import IncidentView
from flows.house import House
from playbooks.errors import Refused
from store import timeline
from store.tables import Incident, Responder

_FORM_LIMIT = 4_096
_NOTHING_HERE = ("Nothing here for you", "There is no such incident, or it is outside what you may see.", 404)


@dataclass(frozen=True, slots=True)
class Reading:
    """The desk's reading room: who may come in, and what they are shown."""

    house: House
    wall_now: Callable[[], datetime]
    throttle: Throttle = field(default_factory=Throttle)

    def show(self, ref: str, held: DeskSession | None) -> IncidentView | None:
        """The incident as the holder of the session may see it, after the look is written down.

        Raises Refused when the session's holder is none of ours any more.
        """
        wall = self.wall_now()
        with self.house.store.writing() as session:
            reader = reader_of(session, held)
            if reader is None:
                raise Refused("nobody is logged in")
            incident = _find(session, ref)
            if incident is None or not may_read(session, reader, incident):
                return None
            _note_look(session, incident, reader, wall)
        with self.house.store.reading() as session:
            return show(self.house, session, session.get_one(Incident, incident.id), reader, wall)

    def session_of(self, request: Request) -> DeskSession | None:
        """The session that the request's cookie holds."""
        return from_cookie(self.house.store.keyring, request.cookies.get(COOKIE), self.wall_now())

    def log_in(self, address: str, handle: str, code: str) -> DeskSession:
        """Open a session; raises Refused with what to do."""
        wall = self.wall_now()
        wait = self.throttle.wait(address, wall)
        if wait.total_seconds() > 0:
            seconds = int(wait.total_seconds()) + 1
            raise Refused("too many tries from here", mend=f"wait {seconds} s")
        return log_in(self.house.store, handle, code, wall)


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
        if not _from_here(request):
            return message("Not from here", "Open the page itself and log in there.", 403)
        given = parse_qs((await _short_body(request)).decode("utf-8", "replace"))
        handle, code = (given.get(name, [""])[0].strip()[:64] for name in ("handle", "code"))
        return await run_in_threadpool(_login, reading, ref, request, handle, code)

    @router.post("/logout")
    def logout() -> Response:
        """Forget the session."""
        answer = message("Logged out", "Close this page, or open your link again to log in.", 200)
        answer.delete_cookie(COOKIE, httponly=True, samesite="strict")
        return answer

    return router


def _incident_page(reading: Reading, ref: str, request: Request) -> Response:
    held = reading.session_of(request)
    if held is None and request.headers.get("sec-fetch-site") == "cross-site":
        # A link from elsewhere brings no strict cookie: from a page of our own the browser sends it.
        return message("One moment", "Opening the page.", 200, again=0, link=request.url.path)
    try:
        view = reading.show(ref, held)
    except Refused:
        return page("login.html", 401, ref=ref, fault="", handle="")
    return message(*_NOTHING_HERE) if view is None else page("incident.html", view=view)


def _login(reading: Reading, ref: str, request: Request, handle: str, code: str) -> Response:
    address = request.client.host if request.client else ""
    try:
        held = reading.log_in(address, handle, code)
    except Refused as refused:
        fault = f"{refused.what}: {refused.mend}" if refused.mend else refused.what
        return page("login.html", 401, ref=ref, fault=fault, handle=handle)
    answer = RedirectResponse(request.url.path, status_code=303)
    answer.set_cookie(
        COOKIE,
        to_cookie(reading.house.store.keyring, held),
        max_age=int(LENGTH.total_seconds()),
        httponly=True,
        samesite="strict",
        secure=reading.house.settings.desk_url.startswith("https:"),
    )
    return answer


def _from_here(request: Request) -> bool:
    """Whether a form was sent from a page of this desk, as far as the browser says."""
    if request.headers.get("sec-fetch-site", "same-origin") not in {"same-origin", "none"}:
        return False
    origin = request.headers.get("origin")
    return origin is None or urlsplit(origin).netloc == request.headers.get("host")


async def _short_body(request: Request) -> bytes:
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > _FORM_LIMIT:
            return b""
    return body


def _find(session: Session, ref: str) -> Incident | None:
    if not ref.isprintable():  # PostgreSQL refuses a NUL
        return None
    return session.exec(select(Incident).where(Incident.ref == ref[:32])).first()


def _note_look(session: Session, incident: Incident, reader: Responder, wall: datetime) -> None:
    timeline.append(
        session,
        chain=incident.ref,
        kind="page_read",
        author=reader.handle,
        at=incident_now(session, incident, wall),
        recorded_at=wall,
        payload={},
    )

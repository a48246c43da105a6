"""The login that stands before a page: who is there, and back to the page they asked for."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

from fastapi import Request, Response
from fastapi.responses import RedirectResponse
from starlette.concurrency import run_in_threadpool

from flows.desk.reading import Reading
from flows.desk.rendering import message, page
from flows.desk.sessions import COOKIE, LENGTH, to_cookie
from playbooks.errors import Refused

_FORM_LIMIT = 4_096


def ask_who(ref: str) -> Response:
    """The login form."""
    return page("login.html", 401, ref=ref, fault="", handle="")


def from_elsewhere(request: Request) -> Response | None:
    """A bounce for a link from elsewhere, which brings no strict cookie: a page of our own will."""
    if request.headers.get("sec-fetch-site") != "cross-site":
        return None
    return message("One moment", "Opening the page.", 200, again=0, link=request.url.path)


async def take_login(reading: Reading, ref: str, request: Request) -> Response:
    """Take handle and code, and lead back to the page that asked for them."""
    if not _from_here(request):
        return message("Not from here", "Open the page itself and log in there.", 403)
    given = parse_qs((await _short_body(request)).decode("utf-8", "replace"))
    handle, code = (given.get(name, [""])[0].strip()[:64] for name in ("handle", "code"))
    return await run_in_threadpool(_log_in, reading, ref, request, handle, code)


def _log_in(reading: Reading, ref: str, request: Request, handle: str, code: str) -> Response:
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

"""/slack/…: signed requests of Slack's, and the connection that we open where an app-level token is set."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import parse_qs

import orjson
from fastapi import APIRouter, Request, Response
from starlette.concurrency import run_in_threadpool

from flows.channel.incoming import Incoming, read_command, read_interaction
from flows.channel.room import Room
from flows.intake.authentication.stamped import SLACK
from flows.intake.authentication.verdicts import Accepted, Presented
from notify.slack_socket import SlackSocket

LONGEST: Final = 512_000
"""Bytes of a body; a press brings the whole message that it was made on."""
REMEMBERED: Final = 20_000
KEPT: Final = timedelta(minutes=11)
"""How long a signature is remembered: longer than its time may lie before or after ours, together."""


class Replays:
    """Which signatures came already, those of the last minutes."""

    def __init__(self) -> None:
        self._seen: dict[str, datetime] = {}

    def is_new(self, digest: str, now: datetime) -> bool:
        """Whether this very request comes for the first time; it does not from then on."""
        while self._seen and (len(self._seen) >= REMEMBERED or next(iter(self._seen.values())) < now - KEPT):
            self._seen.pop(next(iter(self._seen)))
        if digest in self._seen:
            return False
        self._seen[digest] = now
        return True


def doors(room: Room, wall_now: Callable[[], datetime]) -> APIRouter:
    """The routes for Slack's requests; without a signing secret there is nothing of that name."""
    router, replays = APIRouter(), Replays()

    @router.post("/slack/interactions")
    async def interactions(request: Request) -> Response:
        """Take a button pressed or a window handed in."""
        return await _enter(request, lambda form: _interaction(form.get("payload", "")))

    @router.post("/slack/commands")
    async def commands(request: Request) -> Response:
        """Take a slash command."""
        return await _enter(request, read_command)

    @router.post("/slack/events")
    async def events(request: Request) -> Response:
        """Answer Slack's question whether the address is ours; no event is asked for."""
        body = await _body(request, room, replays, wall_now())
        if isinstance(body, Response):
            return body
        told = _read(body)
        if told is None:
            return Response(status_code=400)
        challenge = told.get("challenge")
        if told.get("type") == "url_verification" and isinstance(challenge, str):
            return Response(challenge[:200], media_type="text/plain")
        return Response(status_code=200)

    async def _enter(request: Request, read: Callable[[Mapping[str, str]], Incoming | None]) -> Response:
        body = await _body(request, room, replays, wall_now())
        if isinstance(body, Response):
            return body
        incoming = read(_form(body))
        told = await run_in_threadpool(room.receive, incoming) if incoming else None
        return Response(orjson.dumps(told), media_type="application/json") if told else Response()

    return router


def socket_for(room: Room) -> SlackSocket | None:
    """The connection to Slack, not yet opened; none without an app-level token."""
    settings = room.house.settings
    if not settings.slack_app_token:
        return None
    return SlackSocket(settings.slack_app_token, room.hear, settings.slack_url)


async def _body(request: Request, room: Room, replays: Replays, now: datetime) -> bytes | Response:
    """The body of a request that Slack signed just now, once; else the answer to whoever sent it."""
    secret = room.house.settings.slack_signing_secret
    if not secret:
        return Response(status_code=404)
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > LONGEST:
            return Response(status_code=413)
    if _form(body).get("ssl_check") == "1":
        return Response(status_code=200)
    headers = dict(request.headers.raw)
    verdict = SLACK.verify(Presented("slack", (secret.encode(),), headers, body, now))
    if not isinstance(verdict, Accepted) or not replays.is_new(verdict.digest or "", now):
        return Response(status_code=401)
    return body


def _form(body: bytes) -> dict[str, str]:
    """The fields of a form, the last of each name."""
    try:
        read = parse_qs(body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=100)
    except ValueError:
        return {}
    return {name: values[-1] for name, values in read.items()}


def _interaction(payload: str) -> Incoming | None:
    read = _read(payload.encode())
    return read_interaction(read) if read is not None else None


def _read(body: bytes) -> dict[str, Any] | None:
    try:
        read = orjson.loads(body)
    except ValueError:
        return None
    return read if isinstance(read, dict) else None

"""The desk: the house's HTTP door for tools, links, readers and probes."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from fastapi import FastAPI, Request, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from flows.channel.doors import doors, socket_for
from flows.channel.room import Room
from flows.clock import wall_now as machine_now
from flows.desk.acknowledging import Confirming, acknowledging
from flows.desk.exercises import exercises
from flows.desk.headers import StrictHeaders
from flows.desk.openapi import openapi
from flows.desk.pages import pages
from flows.desk.questions import questions
from flows.desk.reading import Reading
from flows.desk.rendering import message, stylesheet
from flows.desk.vitals import Vitals, vitals
from flows.house import House
from flows.intake import rows
from flows.intake.acting import Intake
from flows.intake.batch import intake_of
from flows.intake.claims import Understood
from flows.intake.deliveries import KnownSource, OpenIncident
from flows.intake.directory import Directory
from flows.intake.door import PREFIX, AlertDoor
from flows.intake.expiry import expire
from flows.intake.foretelling import foretell
from flows.intake.rating import Rates
from flows.intake.rehearsals import Foretell, Rehearsals
from flows.intake.stating import foretold
from flows.intake.tally import Tally
from flows.intake.writer import Writer
from playbooks.errors import Retry
from store.database import Store

log = logging.getLogger("seventytwo.desk")

REPLIES_KEPT = timedelta(days=1)
"""How long a request's first answer is given again."""

_PRUNE_EVERY = 3600.0


@dataclass(frozen=True, slots=True)
class Desk:
    """Leads alerts to their door and everything else to the pages.

    The door stands before FastAPI: its layers cost as much as storing an alert does.
    """

    door: AlertDoor
    pages: FastAPI

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        is_alert = scope["type"] == "http" and scope["path"].startswith(PREFIX)
        await (self.door if is_alert else self.pages)(scope, receive, send)


def create_desk(
    house: House,
    *,
    open_incident: OpenIncident | None = None,
    wall_now: Callable[[], datetime] = machine_now,
) -> ASGIApp:
    """The desk of a house; the watch begins what its alerts open."""
    tally = Tally()
    intake = intake_of(house, open_incident)
    writer = Writer(house.store, intake)

    ear = Room(house, wall_now)
    socket = socket_for(ear)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        pruning = asyncio.create_task(_prune_for_ever(house, wall_now))
        if socket is not None:
            socket.start()
        try:
            yield
        finally:
            pruning.cancel()
            if socket is not None:
                await asyncio.to_thread(socket.stop)
            await asyncio.to_thread(ear.close)
            await writer.stop()

    desk = FastAPI(title="Seventytwo desk", lifespan=lifespan, openapi_url=None)
    room = Reading(house, wall_now)
    desk.include_router(questions(room))
    desk.include_router(pages(room))
    desk.include_router(exercises(room))
    desk.include_router(acknowledging(Confirming(house, wall_now)))
    desk.include_router(vitals(Vitals(house.store, writer, tally, wall_now)))
    desk.include_router(doors(ear, wall_now))
    desk.include_router(openapi())
    desk.add_api_route("/desk.css", _css, methods=["GET"])
    desk.add_exception_handler(Retry, _busy)
    desk.add_middleware(StrictHeaders)
    directory = Directory(house.store.reading, wall_now)
    rehearsals = Rehearsals(_foreteller(house.store, intake))
    return Desk(AlertDoor(directory, writer, tally, Rates(), rehearsals, wall_now), desk)


def _foreteller(store: Store, intake: Intake) -> Foretell:
    """What claims would become, by the very decision of intake, undone."""

    def tell(source: KnownSource, content: Understood, wall: datetime) -> dict[str, Any]:
        with store.writing() as session:
            would = foretell(session, intake, source, content.kind, content.claims, wall)
        return foretold(content.claims, source.name, content.kind, would, wall)

    return tell


def _css() -> Response:
    return Response(stylesheet(), media_type="text/css")


def _busy(_: Request, __: Exception) -> Response:
    return message("One moment", "The house is busy. This page looks again by itself.", 503, again=3)


async def _prune_for_ever(house: House, wall_now: Callable[[], datetime]) -> None:
    while True:
        await asyncio.sleep(_PRUNE_EVERY)
        try:
            await asyncio.to_thread(prune, house, wall_now())
        except Exception:
            # The database may be away for this hour: the next one does it.
            log.exception("what has expired could not be removed")


def prune(house: House, wall: datetime) -> None:
    """Remove what has expired: first answers, raw payloads, groups."""
    prune_replies(house.store, wall - REPLIES_KEPT)
    expire(house.store, house.settings.alert_payload_days, wall)


def prune_replies(store: Store, before: datetime) -> int:
    """Forget first answers that no sender asks for any more; returns how many."""
    with store.writing() as session:
        result = session.connection().execute(rows.prune_replies(), {"before": before})
        return int(result.rowcount)

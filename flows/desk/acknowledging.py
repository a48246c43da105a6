"""/ack/{word}: where a recipient says that they have a notice, once, by the link that came with it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from fastapi import APIRouter, Request, Response
from starlette.concurrency import run_in_threadpool

from flows.deciding import Decision, deciding
from flows.delivery.links import HOLDS, delivery_of
from flows.delivery.recording import record
from flows.desk.rendering import message, page
from flows.desk.throttle import Throttle
from flows.house import House
from flows.rounds import REPLACED
from notify.delivery.outcomes import Acknowledged
from store.tables import Delivery, Incident, Notice

TRIES: Final = 30
WITHIN: Final = timedelta(minutes=1)
_UNKNOWN: Final = (
    "Nothing to confirm here",
    "This link is not valid, or not valid any more. If you are unsure, ask whoever sent you the notice.",
    404,
)


@dataclass(frozen=True, slots=True)
class AckPage:
    """What the page says of a notice: our reference and the date, never a word of it."""

    incident: str
    number: int
    queued_at: datetime
    is_done: bool


@dataclass(frozen=True, slots=True)
class Confirming:
    """The links of notices, as those outside open and confirm them."""

    house: House
    wall_now: Callable[[], datetime]
    throttle: Throttle = field(default_factory=lambda: Throttle(TRIES, WITHIN))

    def look(self, word: str) -> AckPage | None:
        """What the link is about; nothing happens by looking, for mail scanners look too."""
        wall = self.wall_now()
        with self.house.store.reading() as session:
            delivery = delivery_of(session, word)
            notice = session.get_one(Notice, delivery.notice_id) if delivery else None
            if delivery is None or notice is None or not _holds(delivery, notice, wall):
                return None
            incident = session.get_one(Incident, delivery.incident_id)
            return _page(incident, delivery)

    def confirm(self, word: str, address: str) -> AckPage | None:
        """Write once that the recipient has the notice; a second time changes nothing."""
        before = self.look(word)
        if before is None or before.is_done:
            return before
        wall = self.wall_now()
        with deciding(self.house, before.incident, wall) as decision:
            return _confirm(decision, word, self.house.store.keyring.blind_index(f"address/{address}"))

    def waits(self, address: str) -> bool:
        """Whether an address has tried too often for now."""
        return self.throttle.wait(address, self.wall_now()) > timedelta(0)


def acknowledging(confirming: Confirming) -> APIRouter:
    """The routes of the links; nobody logs in here."""
    router = APIRouter()

    @router.get("/ack/{word}")
    def look(word: str, request: Request) -> Response:
        """Show what would be confirmed."""
        if confirming.waits(_address(request)):
            return _later()
        return _shown(confirming.look(word), word)

    @router.post("/ack/{word}")
    async def confirm(word: str, request: Request) -> Response:
        """Confirm it."""
        return await run_in_threadpool(_confirmed, confirming, word, _address(request))

    return router


def _confirmed(confirming: Confirming, word: str, address: str) -> Response:
    if confirming.waits(address):
        return _later()
    before = confirming.look(word)
    if before is None or before.is_done:
        return _shown(before, word)
    after = confirming.confirm(word, address)
    if after is None:
        return message(*_UNKNOWN)
    text = f"Thank you. Notice {after.number} of {after.incident} is recorded as received."
    return message("Recorded", text, 200)


def _shown(found: AckPage | None, word: str) -> Response:
    if found is None:
        return message(*_UNKNOWN)
    if found.is_done:
        text = (
            f"Notice {found.number} of {found.incident} was confirmed already. There is nothing more to do."
        )
        return message("Done already", text, 200)
    return page("acknowledge.html", view=found, word=word)


def _confirm(decision: Decision, word: str, address: str) -> AckPage | None:
    delivery = delivery_of(decision.session, word)
    notice = decision.session.get_one(Notice, delivery.notice_id) if delivery else None
    if delivery is None or notice is None or not _holds(delivery, notice, decision.wall):
        return None
    by = "recipient"
    record(decision, delivery, Acknowledged("", "confirmed by the link"), by=by, address_digest=address)
    return _page(decision.incident, delivery)


def _holds(delivery: Delivery, notice: Notice, wall: datetime) -> bool:
    is_there = delivery.state != "superseded" and notice.state not in REPLACED
    return is_there and delivery.attempts > 0 and wall - delivery.queued_at <= HOLDS


def _page(incident: Incident, delivery: Delivery) -> AckPage:
    return AckPage(incident.ref, delivery.notice_id, delivery.queued_at, delivery.acknowledged_at is not None)


def _later() -> Response:
    return message("Too many tries", "Please wait a minute, and try again.", 429)


def _address(request: Request) -> str:
    return request.client.host if request.client else ""

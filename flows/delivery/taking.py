"""A delivery taken in hand: whether it may leave at all, and the intent to send it stored before it does."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from flows.channel_freeze import is_frozen
from flows.deciding import Decision, note
from flows.delivery.ladder import STANDING, go_on, keep_state
from flows.delivery.parcels import parcel_of
from flows.delivery.queueing import BY_HAND, deliveries_of, leaves_by_itself
from flows.delivery.recipients import is_rehearsed, ways_now
from flows.delivery.recording import doubt, supersede
from flows.questions import announce
from flows.rounds import is_as_released
from flows.settling.ending import ask_again
from notify.delivery.outcomes import Accepted, Acknowledged, Bounced, Dispatched, Search
from notify.delivery.parcel import Parcel, Way
from playbooks.errors import RealRecipient
from store.tables import Delivery, Notice, StepRow

LEASE: Final = timedelta(minutes=3)
"""Longer than the longest attempt, so that no second one runs beside it."""
CHANGED: Final = "whom it reaches changed after its release: read it, and release it anew"
EDITED: Final = "what it says is not what was released: read it, and release it anew"
_DONE: Final = ("approving", "released", "done")
"""The states of a step whose notice was released."""


@dataclass(frozen=True, slots=True)
class Errand:
    """One attempt that was written down before it is made."""

    number: int
    channel: str
    parcel: Parcel
    attempt: int
    lease: datetime
    is_search: bool

    def is_still_ours(self, delivery: Delivery, outcome: Search) -> bool:
        """Whether an outcome counts: under our lease any, after it only what is true whoever learnt it."""
        is_true_for_ever = isinstance(outcome, Dispatched | Accepted | Acknowledged | Bounced)
        return delivery.lease_until == self.lease or is_true_for_ever


def take(decision: Decision, number: int, ways: Mapping[str, Way]) -> Errand | None:
    """Claim a delivery and store the intent to carry it; None where it may not leave, or not now.

    Raises RealRecipient for a delivery of an exercise.
    """
    delivery = decision.session.get_one(Delivery, number)
    if not _is_due(delivery, decision.wall):
        return None
    notice = decision.session.get_one(Notice, delivery.notice_id)
    if why := _halted(decision, notice):
        supersede(decision, delivery, why)
        return None
    if delivery.state == "sending":  # whoever sent it is gone, and with them what came of it
        _forgotten(decision, delivery)
    if not _is_due(delivery, decision.wall):
        return None
    if delivery.state != "unknown" and not is_as_released(decision.session, notice):
        supersede(decision, delivery, EDITED)
        _void(decision, notice, EDITED)
        return None
    if delivery.state == "queued" and _has_moved(decision, notice, delivery):
        return None
    if not _has_way(decision, notice, delivery, ways):
        return None
    return _claim(decision, notice, delivery)


def _claim(decision: Decision, notice: Notice, delivery: Delivery) -> Errand:
    is_search = delivery.state == "unknown"
    lease = decision.wall + LEASE
    delivery.lease_until = lease
    if not is_search:
        delivery.state, delivery.attempts = "sending", delivery.attempts + 1
    decision.session.add(delivery)
    parcel = parcel_of(decision, notice, delivery)
    return Errand(delivery.id or 0, delivery.channel, parcel, delivery.attempts, lease, is_search)


def _is_due(delivery: Delivery, wall: datetime) -> bool:
    is_waiting = delivery.state in ("queued", "sending", "unknown") and delivery.next_at <= wall
    return is_waiting and (delivery.lease_until is None or delivery.lease_until <= wall)


def _halted(decision: Decision, notice: Notice) -> str:
    """Why nothing of a notice may leave any more; empty where it may."""
    incident = decision.incident
    if is_rehearsed(decision):
        raise RealRecipient("a delivery of an exercise stood in the queue", which=incident.ref)
    if incident.state != "open":
        return f"the incident is {incident.state.replace('_', ' ')}"
    if notice.state not in STANDING:
        return f"the notice is {notice.state}"
    row = decision.session.get_one(StepRow, notice.step_row_id)
    return "" if row.state in _DONE else "the notice is to be written anew"


def _forgotten(decision: Decision, delivery: Delivery) -> None:
    """Nobody knows what came of an attempt: the time for a word about a mail runs since that."""
    began = (delivery.lease_until or decision.wall) - LEASE
    doubt(decision, delivery, "the attempt was cut off", since=began)


def _has_moved(decision: Decision, notice: Notice, delivery: Delivery) -> bool:
    """Whether the client's contacts are others than those that were released; what follows is done."""
    now = ways_now(decision, notice)
    if now == notice.ways:
        return False
    mine = {"name": delivery.name, "channel": delivery.channel, "address": delivery.address}
    others = [one for one in deliveries_of(decision.session, notice) if one.id != delivery.id]
    if any(one.attempts or one.state == BY_HAND for one in (delivery, *others)):  # as far as released
        if mine in now:
            return False
        was_awaited = delivery.silent_at is not None  # else its silence led on already
        supersede(decision, delivery, "it stands in the client's record no more")
        if was_awaited:
            go_on(decision, notice, delivery, "its recipient changed")
        return True
    supersede(decision, delivery, CHANGED)
    _void(decision, notice, CHANGED)
    return True


def _void(decision: Decision, notice: Notice, why: str) -> None:
    notice.state = "withdrawn"
    decision.session.add(notice)
    said = {"notice": notice.id, "sha256": notice.sha256, "why": why}
    note(decision, "release_void", "system", said, case_ref=notice.case_ref)
    row = decision.session.get_one(StepRow, notice.step_row_id)
    announce(decision, [ask_again(decision, row, why)])


def _has_way(decision: Decision, notice: Notice, delivery: Delivery, ways: Mapping[str, Way]) -> bool:
    """Whether it can leave by itself still; else it becomes a person's, which is said."""
    way = {"channel": delivery.channel, "address": delivery.address}
    if delivery.channel in ways and leaves_by_itself(decision, notice, way):
        return True
    delivery.state, delivery.lease_until, delivery.silent_at = BY_HAND, None, None
    decision.session.add(delivery)
    keep_state(decision, notice)
    is_lost = delivery.channel == "slack" and is_frozen(decision.session, delivery.address)
    why = "its Slack channel is not to be trusted" if is_lost else f"{delivery.channel} is not set up"
    go_on(decision, notice, delivery, why)
    return False

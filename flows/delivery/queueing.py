"""A released notice put on its way: one delivery for its first recipient, more where that one is silent."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from sqlmodel import Session, col, select

from flows.channel_freeze import is_frozen
from flows.clients.file import CLIENT_CONTROLLER
from flows.clients.reading import wishes_of
from flows.deciding import Decision, note
from flows.delivery.links import token_for
from flows.delivery.recipients import Way, client_of, is_rehearsed, refuse_real
from flows.gathering import step_of
from flows.law.duties import duties_of
from flows.law.stages import running
from store.tables import Delivery, Notice, StepRow

PATIENCE: Final = timedelta(hours=4)
"""How long a recipient may be silent where its contract says nothing."""
LEAST: Final = timedelta(minutes=15)
"""The same where the deadline is over already."""
BY_HAND: Final = "by_hand"
"""The state of a delivery that a person carries out."""


def queue(decision: Decision, notices: Sequence[Notice], by: str) -> timedelta | None:
    """Put released notices on their way to their first choice; nothing of an exercise leaves.

    Returns how long answers are waited for; None where a person sends one of them.
    """
    if is_rehearsed(decision):
        for one in notices:
            for way in ways_of_notice(one):
                refuse_real(decision, way)
        return None
    opened = [open_delivery(decision, one, ways_of_notice(one)[0], by) for one in notices]
    awaited = [one.silent_at for one in opened if one.silent_at is not None]
    return max(awaited) - decision.now if awaited and len(awaited) == len(opened) else None


def open_delivery(decision: Decision, notice: Notice, way: Way, by: str, why: str = "") -> Delivery:
    """Put a notice on one way, by our own sender where that is set up, else by a person's hand."""
    assert notice.id is not None
    refuse_real(decision, way)
    is_ours = leaves_by_itself(decision, notice, way)
    key = secrets.token_hex(16)
    delivery = Delivery(
        notice_id=notice.id,
        incident_id=decision.incident_id,
        position=_position(decision.session, notice, way),
        channel=str(way["channel"]),
        name=str(way["name"]),
        address=str(way["address"]),
        key=key,
        state="queued" if is_ours else BY_HAND,
        next_at=decision.wall,
        token=token_for(decision.house, key) if is_ours else "",
        queued_at=decision.now,
        silent_at=silent_at(decision, notice) if is_ours else None,
    )
    decision.session.add(delivery)
    if is_ours and notice.state in ("approved", "bounced"):
        notice.state = "queued"
        decision.session.add(notice)
    decision.session.flush()
    said = {"notice": notice.id, "version": notice.version, "sha256": notice.sha256, "why": why}
    said |= {"channel": delivery.channel, "way": delivery.position + 1, "by_hand": not is_ours}
    note(decision, "notice_queued", by, said, case_ref=notice.case_ref)
    return delivery


def ways_of_notice(notice: Notice) -> list[Way]:
    """Whom a notice reaches, as it was released."""
    return notice.ways or [{"name": notice.recipient, "channel": notice.channel, "address": ""}]


def deliveries_of(session: Session, notice: Notice) -> list[Delivery]:
    """The ways that a notice has gone, in their order."""
    rows = select(Delivery).where(Delivery.notice_id == notice.id).order_by(col(Delivery.position))
    return list(session.exec(rows))


def leaves_by_itself(decision: Decision, notice: Notice, way: Way) -> bool:
    """Whether we send by this way ourselves: its channel is set up, and the recipient's key is there."""
    settings = decision.house.settings
    if not way["address"] or decision.incident.exercise_id is not None:
        return False
    match way["channel"]:
        case "email":
            return bool(settings.smtp_url and settings.mail_from)
        case "slack":
            return bool(settings.slack_token) and not is_frozen(decision.session, way["address"])
        case "webhook":
            return bool(secret_of(decision, notice))
        case _:
            return False


def secret_of(decision: Decision, notice: Notice) -> str:
    """What the client's portal checks our signature with; empty where nobody has made a key."""
    client = client_of(decision, decision.session.get_one(StepRow, notice.step_row_id))
    return (client.portal_secret or "") if client else ""


def silent_at(decision: Decision, notice: Notice) -> datetime:
    """Until when an answer is waited for: at most a quarter of the time that is left."""
    patience = _patience(decision, notice)
    duties = running(duties_of(decision.session, decision.incident_id))
    mine = [duty.due_at for duty in duties if duty.id in notice.obligations and duty.due_at is not None]
    left = min(mine) - decision.now if mine else None
    if left is None:
        return decision.now + patience
    return decision.now + min(patience, left / 4 if left > timedelta(0) else LEAST)


def digest_of_response(response: str) -> str:
    """The SHA-256 of what the other side answered."""
    return hashlib.sha256(response.encode("utf-8", "replace")).hexdigest()


def _patience(decision: Decision, notice: Notice) -> timedelta:
    row = decision.session.get_one(StepRow, notice.step_row_id)
    client = client_of(decision, row)
    if client is None or step_of(decision.incident, row).recipient != CLIENT_CONTROLLER:
        return PATIENCE
    hours = wishes_of(decision.session, client.id or 0).acknowledge_hours
    return timedelta(hours=hours) if hours else PATIENCE


def _position(session: Session, notice: Notice, way: Way) -> int:
    """The place of the way among those released; of a repeat, the one after all others."""
    ways, taken = ways_of_notice(notice), {one.position for one in deliveries_of(session, notice)}
    place = next((number for number, one in enumerate(ways) if one == way), len(ways))
    return place if place not in taken and place < len(ways) else max(len(ways) - 1, *taken) + 1

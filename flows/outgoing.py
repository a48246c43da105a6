"""What the dispatcher gathers from the store before it sends: messages with their incident and thread."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import update
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, exists, select

from flows.channel_freeze import frozen_channels
from store.database import Store
from store.outbox import EVERYWHERE
from store.seal import Unsealable
from store.tables import Incident, Message
from store.tables.telling import waiting

HOUSE_REF = "house"
ELSEWHERE = "(elsewhere)"
"""What the other way is called where a channel is named."""
log = logging.getLogger("seventytwo.dispatch")


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One claimed message and all that its sending needs, so that no transaction stays open meanwhile."""

    message: Message
    ref: str
    exercise: bool
    thread: str | None
    is_unknown: bool
    elsewhere: bool = False
    """Whether it is told by the other way, its channel being frozen."""
    is_edit: bool = False

    @property
    def channel(self) -> str:
        """The channel it goes to."""
        return ELSEWHERE if self.elsewhere else self.message.channel

    @property
    def fields(self) -> dict[str, Any]:
        """Its fields; whose incident it is, and whether that is an exercise, the store knows best."""
        fields = self.message.fields | {"ref": self.ref, "exercise": self.exercise}
        return _without_buttons(fields) if self.elsewhere else fields

    @property
    def mark(self) -> str:
        """What it is found by later: a digest, for a key names steps that the channel need not know."""
        return sha256(self.message.key.encode()).hexdigest()[:32]

    @property
    def attempt(self) -> int:
        """Which attempt this is, 1 for the first."""
        return self.message.attempts + 1


def bury_unsealable(store: Store, now: datetime) -> None:
    """Give up the due messages and edits whose fields no key opens, so that they hold up no other."""
    with store.reading() as session:
        due = session.exec(select(Message.id).where(waiting(Message), col(Message.next_at) <= now)).all()
        edits = session.exec(select(Message.id).where(col(Message.edited_at).is_not(None))).all()
    for row_id in {*due, *edits}:
        try:
            with store.reading() as session:
                session.get(Message, row_id)
        except Unsealable as sealed:
            log.error("message %s cannot be delivered: %s", row_id, sealed)  # noqa: TRY400 - its line says all
            with store.writing() as session:
                dead = update(Message).where(col(Message.id) == row_id)
                session.execute(
                    dead.values(state="dead", edited_at=None, error="its fields cannot be unsealed")
                )


def with_threads(session: Session, claimed: Sequence[Message]) -> list[Outgoing]:
    """The claimed messages with their incidents and the threads they belong to."""
    ids = {message.incident_id for message in claimed} - {None}
    incidents = session.exec(
        select(Incident.id, Incident.ref, Incident.kind).where(col(Incident.id).in_(ids))
    )
    known = {row_id: (ref, kind == "exercise") for row_id, ref, kind in incidents}
    roots, frozen = _roots(session, ids), frozen_channels(session)
    return [_outgoing(message, known, roots, frozen) for message in claimed]


def _outgoing(
    message: Message,
    known: Mapping[int | None, tuple[str, bool]],
    roots: Mapping[tuple[int | None, str], str],
    frozen: frozenset[str],
) -> Outgoing:
    ref, exercise = known.get(message.incident_id, (HOUSE_REF, bool(message.fields.get("exercise"))))
    elsewhere = not frozen.isdisjoint({message.channel, EVERYWHERE})
    thread = None if elsewhere else roots.get((message.incident_id, message.channel))
    return Outgoing(
        message,
        ref,
        exercise,
        thread,
        is_unknown=message.state == "unknown",
        elsewhere=elsewhere,
        is_edit=message.state == "sent",
    )


def _without_buttons(fields: dict[str, Any]) -> dict[str, Any]:
    """What is told elsewhere is answered on the desk: nothing there can be pressed."""
    listed = [dict(one) | {"question": None} for one in fields.get("questions", ())]
    return (
        fields
        | ({"question": None} if "question" in fields else {})
        | ({"questions": listed} if "questions" in fields else {})
    )


def _roots(session: Session, incidents: set[int | None]) -> dict[tuple[int | None, str], str]:
    """What each incident's first sent message is called in each channel: the others answer to it."""
    earlier = aliased(Message)
    sent_before = (
        col(earlier.incident_id) == col(Message.incident_id),
        col(earlier.channel) == col(Message.channel),
        col(earlier.state) == "sent",
        ~col(earlier.elsewhere),
        col(earlier.sequence) < col(Message.sequence),
    )
    first = select(Message.incident_id, Message.channel, Message.external_id).where(
        col(Message.incident_id).in_(incidents),
        col(Message.state) == "sent",
        ~col(Message.elsewhere),
        ~exists().where(*sent_before),
    )
    return {(incident, channel): root for incident, channel, root in session.exec(first)}

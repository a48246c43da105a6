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

from store.database import Store
from store.seal import Unsealable
from store.tables import Incident, Message
from store.tables.telling import waiting

HOUSE_REF = "house"
log = logging.getLogger("seventytwo.dispatch")


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One claimed message and all that its sending needs, so that no transaction stays open meanwhile."""

    message: Message
    ref: str
    exercise: bool
    thread: str | None
    is_unknown: bool

    @property
    def channel(self) -> str:
        """The channel it goes to."""
        return self.message.channel

    @property
    def fields(self) -> dict[str, Any]:
        """Its fields; whose incident it is, and whether that is an exercise, the store knows best."""
        return self.message.fields | {"ref": self.ref, "exercise": self.exercise}

    @property
    def mark(self) -> str:
        """What it is found by later: a digest, for a key names steps that the channel need not know."""
        return sha256(self.message.key.encode()).hexdigest()[:32]

    @property
    def attempt(self) -> int:
        """Which attempt this is, 1 for the first."""
        return self.message.attempts + 1


def bury_unsealable(store: Store, now: datetime) -> None:
    """Give up the due messages whose fields no key opens, so that they hold up no other."""
    with store.reading() as session:
        due = session.exec(select(Message.id).where(waiting(Message), col(Message.next_at) <= now)).all()
    for row_id in due:
        try:
            with store.reading() as session:
                session.get(Message, row_id)
        except Unsealable as sealed:
            log.error("message %s cannot be delivered: %s", row_id, sealed)  # noqa: TRY400 - its line says all
            with store.writing() as session:
                dead = update(Message).where(col(Message.id) == row_id)
                session.execute(dead.values(state="dead", error="its fields cannot be unsealed"))


def with_threads(session: Session, claimed: Sequence[Message]) -> list[Outgoing]:
    """The claimed messages with their incidents and the threads they belong to."""
    ids = {message.incident_id for message in claimed} - {None}
    incidents = session.exec(
        select(Incident.id, Incident.ref, Incident.kind).where(col(Incident.id).in_(ids))
    )
    known = {row_id: (ref, kind == "exercise") for row_id, ref, kind in incidents}
    roots = _roots(session, ids)
    return [_outgoing(message, known, roots) for message in claimed]


def _outgoing(
    message: Message,
    known: Mapping[int | None, tuple[str, bool]],
    roots: Mapping[tuple[int | None, str], str],
) -> Outgoing:
    ref, exercise = known.get(message.incident_id, (HOUSE_REF, False))
    thread = roots.get((message.incident_id, message.channel))
    return Outgoing(message, ref, exercise, thread, is_unknown=message.state == "unknown")


def _roots(session: Session, incidents: set[int | None]) -> dict[tuple[int | None, str], str]:
    """What each incident's first sent message is called in each channel: the others answer to it."""
    earlier = aliased(Message)
    sent_before = (
        col(earlier.incident_id) == col(Message.incident_id),
        col(earlier.channel) == col(Message.channel),
        col(earlier.state) == "sent",
        col(earlier.sequence) < col(Message.sequence),
    )
    first = select(Message.incident_id, Message.channel, Message.external_id).where(
        col(Message.incident_id).in_(incidents), col(Message.state) == "sent", ~exists().where(*sent_before)
    )
    return {(incident, channel): root for incident, channel, root in session.exec(first)}

"""The outbox: what is to be said, written with the fact that caused it and sent afterwards, in order."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import BindParameter, and_, bindparam, case, func, null, or_, update
from sqlalchemy.orm import aliased
from sqlalchemy.sql.elements import ColumnElement
from sqlmodel import Session, col, exists, select
from sqlmodel.sql.expression import SelectOfScalar

from store.counters import next_number
from store.tables import ChannelFreeze, Incident, Message
from store.tables.telling import waiting
from store.types import UtcDateTime
from store.upserting import upsert

EVERYWHERE = "*"
"""The whole workspace, where a freeze names its channel."""


def enqueue(
    session: Session,
    *,
    incident: Incident | None,
    key: str,
    kind: str,
    fields: Mapping[str, Any],
    channel: str,
    at: datetime,
) -> bool:
    """Queue a message as the incident's (or the house's) next; False if its key is there already.

    The incident must be locked (deciding) or new in this transaction; `at` is wall time.
    """
    if incident is not None and incident.id is None:
        session.flush()
    sequence = next_number(session, "messages") if incident is None else incident.message_sequence + 1
    values = {
        "key": key, "incident_id": incident and incident.id, "sequence": sequence, "channel": channel,
        "kind": kind, "fields": dict(fields), "state": "queued", "attempts": 0, "next_at": at,
        "external_id": "", "error": "", "queued_at": at, "elsewhere": False,
    }  # fmt: skip
    is_new = session.connection().execute(_PUT, values).first() is not None
    if is_new and incident is not None:
        incident.message_sequence = sequence
        session.add(incident)
    return is_new


def anything_due(session: Session, now: datetime, *, elsewhere: bool = False) -> bool:
    """Whether claim_due would find something: one read of the partial indexes, which takes no lock."""
    return session.execute(_find_due(elsewhere), {"now": now}).first() is not None


def claim_due(
    session: Session, now: datetime, *, limit: int, lease: timedelta, elsewhere: bool = False
) -> list[Message]:
    """Take the due head of each line (incident and channel) for `lease`: real ones first, then the oldest.

    A message comes back `queued` (send it) or `unknown` (an earlier attempt may have arrived: look first).
    What is for a frozen channel waits, or comes back too where it can be told `elsewhere`.
    """
    statement = (
        select(Message)
        .where(_due(now), _is_head(), _may_go(elsewhere))
        .order_by(is_rehearsed(), col(Message.next_at), col(Message.id))
        .limit(limit)
        .with_for_update(skip_locked=True, of=Message)
    )
    claimed = list(session.exec(statement).all())
    for message in claimed:
        message.lease_until = now + lease
        if message.state == "sending":
            message.state = "unknown"
    session.flush()
    return claimed


def mark_sending(session: Session, message: Message) -> bool:
    """Store the intent to send, before the attempt; False if the claim was lost: then do not send."""
    return change_ours(session, message, state="sending", attempts=Message.attempts + 1)


def mark_sent(
    session: Session,
    message: Message,
    *,
    at: datetime,
    external_id: str,
    elsewhere: bool = False,
    as_it_reads: bool = False,
) -> bool:
    """Record that it arrived, even if the claim was lost meanwhile; False if that was recorded already.

    `as_it_reads` says that what arrived is what the message said when it was claimed: no edit is due then.
    """
    ended: dict[str, Any] = {"state": "sent", "sent_at": at, "external_id": external_id, "error": ""}
    ended |= {"lease_until": None, "elsewhere": elsewhere}
    if as_it_reads and message.edited_at is not None:
        ended["edited_at"] = still(message.edited_at)
    return _update(session, col(Message.id) == message.id, col(Message.state) != "sent", **ended)


def mark_failed(session: Session, message: Message, *, next_at: datetime, error: str) -> bool:
    """Record that it surely did not arrive; it is due again at `next_at`."""
    return change_ours(session, message, state="queued", next_at=next_at, error=error[:200], lease_until=None)


def mark_unknown(session: Session, message: Message, *, next_at: datetime, error: str) -> bool:
    """Record that nobody knows whether it arrived; from `next_at` on it is to be looked for."""
    return change_ours(
        session, message, state="unknown", next_at=next_at, error=error[:200], lease_until=None
    )


def mark_dead(session: Session, message: Message, *, error: str) -> bool:
    """Give it up; what waits behind it may go."""
    return change_ours(session, message, state="dead", error=error[:200], lease_until=None)


def still(edited_at: datetime) -> ColumnElement[Any]:
    """No edit is due any more, unless the message was renewed since it said what it said at `edited_at`."""
    return case((col(Message.edited_at) == edited_at, null()), else_=col(Message.edited_at))


@cache
def _find_due(elsewhere: bool) -> SelectOfScalar[int | None]:
    """Built once, for it is asked ten times a second."""
    due = _due(bindparam("now", type_=UtcDateTime()))
    return select(col(Message.id)).where(due, _is_head(), _may_go(elsewhere)).limit(1)


def is_frozen() -> ColumnElement[bool]:
    """Whether the message's channel is frozen, or the whole workspace."""
    named = col(ChannelFreeze.channel).in_([EVERYWHERE, col(Message.channel)])
    return exists().where(col(ChannelFreeze.lifted_at).is_(None), named)


def is_rehearsed() -> ColumnElement[bool]:
    """Whether the message is said in an exercise: whatever is real goes before it."""
    return exists().where(col(Incident.id) == col(Message.incident_id), col(Incident.kind) == "exercise")


def _may_go(elsewhere: bool) -> ColumnElement[bool]:
    """Whether its channel may be told, or else another way; an exercise waits until its own is used again."""
    if not elsewhere:
        return ~is_frozen()
    return or_(~is_frozen(), ~is_rehearsed())


def _due(now: datetime | BindParameter[datetime]) -> ColumnElement[bool]:
    free = or_(col(Message.lease_until).is_(None), col(Message.lease_until) <= now)
    return and_(waiting(Message), col(Message.next_at) <= now, free)


def _is_head() -> ColumnElement[bool]:
    """Whether nothing of its line waits before it: a minimum, which both databases read off the index."""
    other = aliased(Message)
    first = select(func.min(other.sequence)).where(waiting(other), col(other.channel) == col(Message.channel))
    of_incident = first.where(col(other.incident_id) == col(Message.incident_id)).scalar_subquery()
    of_house = first.where(col(other.incident_id).is_(None)).scalar_subquery()
    return col(Message.sequence) == func.coalesce(of_incident, of_house)


def change_ours(session: Session, message: Message, **values: Any) -> bool:
    """Change a message that is still ours: its lease is the fence, for a later claim has a later one."""
    return _update(
        session, col(Message.id) == message.id, col(Message.lease_until) == message.lease_until, **values
    )


def _update(session: Session, *where: ColumnElement[bool], **values: Any) -> bool:
    statement = update(Message).where(*where).values(values).execution_options(synchronize_session=False)
    return session.execute(statement.returning(col(Message.id))).first() is not None


_PUT = upsert(
    Message,
    (
        *("key", "incident_id", "sequence", "channel", "kind", "fields", "state", "attempts"),
        *("next_at", "external_id", "error", "queued_at", "elsewhere"),
    ),
    key=("key",),
    otherwise="NOTHING",
    returning=("id",),
)

"""Edits of what was told: they live in the message's own row, so that only its latest words ever go out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import BindParameter, and_, bindparam, or_
from sqlalchemy.orm import aliased
from sqlalchemy.sql.elements import ColumnElement
from sqlmodel import Session, col, exists, select
from sqlmodel.sql.expression import SelectOfScalar

from store.outbox import change_ours, is_frozen, is_rehearsed, still
from store.tables import Message
from store.tables.telling import waiting
from store.types import UtcDateTime

_TICK = timedelta(microseconds=1)


def renew(
    session: Session,
    keys: Iterable[str],
    change: Callable[[Mapping[str, Any]], Mapping[str, Any]],
    *,
    at: datetime,
) -> int:
    """Let the messages of these keys say something else; how many do now.

    What is not sent yet goes out as it reads then; what was sent is edited where it stands.
    """
    renewed = 0
    for message in session.exec(select(Message).where(col(Message.key).in_(list(keys)))).all():
        fields = dict(change(message.fields))
        if fields == message.fields or message.state == "dead":
            continue
        message.fields = fields
        message.edited_at = max(at, message.edited_at + _TICK) if message.edited_at else at
        session.add(message)
        renewed += 1
    return renewed


def anything_to_edit(session: Session, now: datetime) -> bool:
    """Whether claim_edits would find something."""
    return session.execute(_find_edits(), {"now": now}).first() is not None


def claim_edits(session: Session, now: datetime, *, limit: int, lease: timedelta) -> list[Message]:
    """Take sent messages that say something else by now: real ones first, then the longest waiting.

    Never one whose channel has a new message to be told first, nor one whose channel is frozen.
    """
    statement = (
        select(Message)
        .where(_to_edit(now))
        .order_by(is_rehearsed(), col(Message.edited_at), col(Message.id))
        .limit(limit)
        .with_for_update(skip_locked=True, of=Message)
    )
    claimed = list(session.exec(statement).all())
    for message in claimed:
        message.lease_until = now + lease
    session.flush()
    return claimed


def mark_edited(session: Session, message: Message) -> bool:
    """Record that the channel shows what the message said when it was claimed."""
    assert message.edited_at is not None
    return change_ours(session, message, edited_at=still(message.edited_at), error="", lease_until=None)


def mark_edit_later(
    session: Session, message: Message, *, next_at: datetime, error: str, counts: bool = True
) -> bool:
    """Record that the edit may not have arrived; it is made again at `next_at`."""
    attempts = {"attempts": Message.attempts + 1} if counts else {}
    return change_ours(session, message, next_at=next_at, error=error[:200], lease_until=None, **attempts)


def mark_edit_dropped(session: Session, message: Message, *, error: str) -> bool:
    """Record why the channel will show what was sent for good."""
    return change_ours(session, message, edited_at=None, error=f"not edited: {error}"[:200], lease_until=None)


@cache
def _find_edits() -> SelectOfScalar[int | None]:
    return select(col(Message.id)).where(_to_edit(bindparam("now", type_=UtcDateTime()))).limit(1)


def _to_edit(now: datetime | BindParameter[datetime]) -> ColumnElement[bool]:
    other = aliased(Message)
    is_behind = exists().where(
        waiting(other), col(other.channel) == col(Message.channel), col(other.next_at) <= now
    )
    free = or_(col(Message.lease_until).is_(None), col(Message.lease_until) <= now)
    told_here = and_(col(Message.state) == "sent", ~col(Message.elsewhere), col(Message.external_id) != "")
    return and_(
        col(Message.edited_at).is_not(None), told_here, col(Message.next_at) <= now, free,
        ~is_frozen(), ~is_behind,
    )  # fmt: skip

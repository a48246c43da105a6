"""The statements of intake, built once and kept compiled."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any

from sqlalchemy import Delete, Insert, Update, bindparam, delete, insert, select, update
from sqlmodel import Session, col

from store.tables import Alert, Incident, IntakeReply, Quarantine
from store.upserting import upsert

UPSERT_ALERT = upsert(
    Alert,
    (
        *("source_id", "kind", "fingerprint", "status", "content", "severity", "title", "reading", "payload"),
        *("occurrences", "first_seen_at", "last_seen_at"),
    ),
    key=("source_id", "fingerprint"),
    otherwise="UPDATE SET occurrences = alert.occurrences + excluded.occurrences,"
    " last_seen_at = excluded.last_seen_at",
    returning=("id", "occurrences", "status", "content", "severity", "incident_id"),
)
"""Insert an alert, or count it once more; returns the row as it stood but for its count.

What the tool says now is written afterwards, by `restate_alert`, if it is news.
"""


@cache
def restate_alert() -> Update:
    """Write what the tool says now over what it said before."""
    return (
        update(Alert)
        .where(col(Alert.id) == bindparam("alert_id"))
        .values({name: bindparam(f"new_{name}") for name in RESTATED})
    )


@cache
def bind_alert() -> Update:
    """Write which incident an alert opened."""
    by_id = col(Alert.id) == bindparam("alert_id")
    return update(Alert).where(by_id).values(incident_id=bindparam("new_incident_id"))


RESTATED = ("status", "content", "severity", "title", "payload")


@cache
def insert_reply() -> Insert:
    """Keep the first answer to a request."""
    return insert(IntakeReply)


@cache
def insert_quarantine() -> Insert:
    """Keep a body that could not be read."""
    return insert(Quarantine)


@cache
def prune_replies() -> Delete:
    """Forget the answers given before an instant."""
    return delete(IntakeReply).where(col(IntakeReply.at) < bindparam("before"))


def first_replies(session: Session, digests: Sequence[str]) -> dict[str, dict[str, Any]]:
    """The first answers to those of the requests that were answered before."""
    if not digests:
        return {}
    rows = session.connection().execute(_REPLIES, {"digests": list(digests)})
    return {row.request: row.reply for row in rows}


def locked_incidents(session: Session, ids: Iterable[int]) -> dict[int, tuple[str, bool]]:
    """The reference of each incident and whether it is open; they stay locked until commit."""
    wanted = sorted(ids)
    if not wanted:
        return {}
    rows = session.connection().execute(_INCIDENTS, {"ids": wanted})
    return {row.id: (row.ref, row.state == "open") for row in rows}


_REPLIES = select(col(IntakeReply.request), col(IntakeReply.reply)).where(
    col(IntakeReply.request).in_(bindparam("digests", expanding=True))
)
_INCIDENTS = (
    select(col(Incident.id), col(Incident.ref), col(Incident.state))
    .where(col(Incident.id).in_(bindparam("ids", expanding=True)))
    .order_by(col(Incident.id))
    .with_for_update()
)

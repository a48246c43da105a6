"""The statements of intake, built once and kept compiled."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import Delete, Insert, Row, Update, bindparam, delete, insert, select, text, update
from sqlmodel import Session, col

from store.tables import Alert, AlertGroup, Case, Client, Incident, IntakeReply, Quarantine

Key = tuple[int, str]
"""A source's row and a fingerprint: what makes an alert this alert."""


@dataclass(frozen=True, slots=True)
class Holder:
    """The incident that an alert or a group belongs to, by the end of all merging."""

    id: int
    ref: str
    state: str
    pending: str


def take_turn(session: Session) -> None:
    """Let one desk after the other decide, so that no two open an incident for the same group.

    SQLite has one writer anyway. Whoever decides about an incident does not take this turn, and so nobody
    waits in a circle.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.connection().execute(_TURN)


def known_alerts(session: Session, keys: Iterable[Key]) -> dict[Key, Row[Any]]:
    """The rows of the alerts that were seen before."""
    by_source: defaultdict[int, list[str]] = defaultdict(list)
    for source_id, fingerprint in keys:
        by_source[source_id].append(fingerprint)
    connection = session.connection()
    return {
        (source_id, row.fingerprint): row
        for source_id, fingerprints in by_source.items()
        for row in connection.execute(_ALERTS, {"source_id": source_id, "fingerprints": fingerprints})
    }


def groups_at(session: Session, digests: Iterable[str]) -> list[Row[Any]]:
    """The groups of those digests that there are."""
    wanted = list(digests)
    return list(session.connection().execute(_GROUPS, {"digests": wanted})) if wanted else []


def holders(session: Session, ids: Iterable[int | None]) -> dict[int, Holder]:
    """The incident of each id, or the one that it was merged into; they stay locked until commit."""
    found: dict[int, Row[Any]] = {}
    wanted = {one for one in ids if one is not None}
    while wanted:
        rows = session.connection().execute(_INCIDENTS, {"ids": sorted(wanted)})
        found.update({row.id: row for row in rows})
        wanted = {row.into_id for row in found.values() if row.into_id is not None} - found.keys()
    return {number: _end_of(number, found) for number in found}


def _end_of(number: int, found: dict[int, Row[Any]]) -> Holder:
    row = found[number]
    while row.into_id is not None:
        row = found[row.into_id]
    return Holder(row.id, row.ref, row.state, row.pending)


@cache
def insert_alerts() -> Insert:
    """Keep alerts that were never seen."""
    return insert(Alert)


@cache
def recount_alert() -> Update:
    """Count an alert again."""
    return (
        update(Alert)
        .where(col(Alert.id) == bindparam("alert_id"))
        .values(occurrences=col(Alert.occurrences) + bindparam("more"), last_seen_at=bindparam("seen_at"))
    )


@cache
def restate_alert() -> Update:
    """Write what the tool says now over what it said before."""
    return (
        update(Alert)
        .where(col(Alert.id) == bindparam("alert_id"))
        .values({name: bindparam(f"new_{name}") for name in RESTATED})
    )


RESTATED = ("kind", "status", "content", "severity", "title", "reading", "payload", "clients", "occurred_at")


@cache
def bind_alert() -> Update:
    """Write what an alert belongs to by now."""
    return (
        update(Alert)
        .where(col(Alert.id) == bindparam("alert_id"))
        .values({name: bindparam(f"new_{name}") for name in BOUND})
    )


BOUND = ("incident_id", "window_id", "group_id")


@cache
def insert_groups() -> Insert:
    """Keep groups that are new."""
    return insert(AlertGroup)


def insert_group(session: Session, values: dict[str, Any]) -> int:
    """Keep a group that is new, and return its row's id."""
    row = AlertGroup(**values)
    session.add(row)
    session.flush()
    assert row.id is not None
    return row.id


@cache
def update_group() -> Update:
    """Write how a group stands."""
    return (
        update(AlertGroup)
        .where(col(AlertGroup.id) == bindparam("group_id"))
        .values({name: bindparam(f"new_{name}") for name in ("incident_id", "alerts", "began_at", "last_at")})
    )


@cache
def release_group() -> Update:
    """Give the alerts that waited with a group to the incident that it opened."""
    return (
        update(Alert)
        .where(col(Alert.group_id) == bindparam("waited_with"), col(Alert.incident_id).is_(None))
        .values(incident_id=bindparam("new_incident_id"), group_id=None)
    )


@cache
def mark_pending() -> Update:
    """Ask for an incident to be advanced: an alert that joined it names a client."""
    return (
        update(Incident)
        .where(col(Incident.id) == bindparam("which"), col(Incident.pending) == "")
        .values(pending="advance")
    )


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


def clients_of_incidents(session: Session, ids: Iterable[int]) -> dict[int, set[str]]:
    """The references of the clients that each incident has a case of."""
    found: defaultdict[int, set[str]] = defaultdict(set)
    for row in session.connection().execute(_CASES, {"ids": sorted(ids)}):
        found[row.incident_id].add(row.ref)
    return found


_TURN = text("SELECT pg_advisory_xact_lock(7272)")
_REPLIES = select(col(IntakeReply.request), col(IntakeReply.reply)).where(
    col(IntakeReply.request).in_(bindparam("digests", expanding=True))
)
_ALERTS = select(
    *(col(getattr(Alert, name)) for name in ("id", "fingerprint", "status", "content", "severity")),
    *(col(getattr(Alert, name)) for name in ("clients", "incident_id", "window_id", "group_id")),
).where(
    col(Alert.source_id) == bindparam("source_id"),
    col(Alert.fingerprint).in_(bindparam("fingerprints", expanding=True)),
)
_GROUPS = select(
    *(col(getattr(AlertGroup, name)) for name in ("id", "digest", "rule", "incident_id")),
    *(col(getattr(AlertGroup, name)) for name in ("alerts", "began_at", "last_at")),
).where(col(AlertGroup.digest).in_(bindparam("digests", expanding=True)))
_CASES = (
    select(col(Case.incident_id), col(Client.ref))
    .join(Client, col(Client.id) == col(Case.client_id))
    .where(col(Case.incident_id).in_(bindparam("ids", expanding=True)))
)
_INCIDENTS = (
    select(*(col(getattr(Incident, name)) for name in ("id", "ref", "state", "pending", "into_id")))
    .where(col(Incident.id).in_(bindparam("ids", expanding=True)))
    .order_by(col(Incident.id))
    .with_for_update()
)

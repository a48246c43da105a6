"""The statements of intake, built once; the busiest of them go straight to the driver."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any, Final, NamedTuple

from sqlalchemy import Connection, Delete, Insert, Update, bindparam, delete, insert, select, update
from sqlmodel import Session, col

from store import swift
from store.swift import Swift, columns_of
from store.tables import Alert, AlertGroup, Case, Client, Incident, IntakeReply, Quarantine

Key = tuple[int, str]
"""A source's row and a fingerprint: what makes an alert this alert."""


class Holder(NamedTuple):
    """The incident that an alert or a group belongs to, by the end of all merging."""

    id: int
    ref: str
    state: str
    pending: str
    into_id: int | None = None


class KnownAlert(NamedTuple):
    """An alert that was seen before."""

    id: int
    fingerprint: str
    status: Any
    content: str
    severity: Any
    clients: str
    incident_id: int | None
    window_id: int | None
    group_id: int | None
    last_seen_at: Any


class KnownGroup(NamedTuple):
    """A group of alerts that there is."""

    id: int
    digest: str
    rule: str
    incident_id: int | None
    alerts: int
    began_at: Any
    last_at: Any


SAID: Final = (
    "kind",
    "status",
    "content",
    "severity",
    "title",
    "reading",
    "payload",
    "clients",
    "occurred_at",
)
"""What a tool says of an alert."""
BOUND: Final = ("incident_id", "window_id", "group_id")
"""What an alert belongs to."""
NEW_ALERT: Final = (
    *("source_id", "fingerprint", "occurrences", "first_seen_at", "last_seen_at"),
    *(*SAID, *BOUND),
)
GROUP: Final = ("incident_id", "alerts", "began_at", "last_at")
"""How a group stands."""


def take_turn(connection: Connection) -> None:
    """Let one desk after the other decide, so that no two open an incident for the same group.

    SQLite has one writer anyway. Whoever decides about an incident does not take this turn, and so nobody
    waits in a circle.
    """
    if connection.dialect.name == "postgresql":
        _TURN.many(connection, [()])


def known_alerts(connection: Connection, keys: Iterable[Key]) -> dict[Key, KnownAlert]:
    """The rows of the alerts that were seen before."""
    by_source: defaultdict[int, list[str]] = defaultdict(list)
    for source_id, fingerprint in keys:
        by_source[source_id].append(fingerprint)
    return {
        (source_id, row[1]): KnownAlert(*row)
        for source_id, fingerprints in by_source.items()
        for row in _ALERTS.among(connection, (source_id,), fingerprints)
    }


def groups_at(connection: Connection, digests: Sequence[str]) -> list[KnownGroup]:
    """The groups of those digests that there are."""
    return [KnownGroup(*row) for row in _GROUPS.among(connection, (), digests)]


def holders(connection: Connection, ids: Iterable[int | None]) -> dict[int, Holder]:
    """The incident of each id, or the one that it was merged into; they stay locked until commit."""
    found: dict[int, Holder] = {}
    wanted = sorted({one for one in ids if one is not None})
    while wanted:
        found.update({row[0]: Holder(*row) for row in _INCIDENTS.among(connection, (), wanted)})
        wanted = sorted({one.into_id for one in found.values() if one.into_id is not None} - found.keys())
    return {number: _end_of(number, found) for number in found}


def _end_of(number: int, found: dict[int, Holder]) -> Holder:
    holder = found[number]
    while holder.into_id is not None:
        holder = found[holder.into_id]
    return holder


def insert_group(session: Session, values: dict[str, Any]) -> int:
    """Keep a group that is new, and return its row's id."""
    row = AlertGroup(**values)
    session.add(row)
    session.flush()
    assert row.id is not None
    return row.id


@cache
def release_group() -> Update:
    """Give the alerts that waited with a group to the incident that it opened."""
    return (
        update(Alert)
        .where(col(Alert.group_id) == bindparam("waited_with"), col(Alert.incident_id).is_(None))
        .values(incident_id=bindparam("new_incident_id"), group_id=None)
    )


@cache
def forget_waiting() -> Update:
    """Let the alerts wait no more whose group is counted from the start, for they count no more."""
    return update(Alert).where(col(Alert.group_id) == bindparam("waited_with")).values(group_id=None)


@cache
def mark_pending() -> Update:
    """Ask for an incident to be advanced: an alert that joined it names a client."""
    return (
        update(Incident)
        .where(col(Incident.id) == bindparam("which"), col(Incident.pending) == "")
        .values(pending="advance")
    )


@cache
def insert_quarantine() -> Insert:
    """Keep a body that could not be read."""
    return insert(Quarantine)


@cache
def prune_replies() -> Delete:
    """Forget the answers given before an instant."""
    return delete(IntakeReply).where(col(IntakeReply.at) < bindparam("before"))


def first_replies(connection: Connection, digests: Sequence[str]) -> dict[str, dict[str, Any]]:
    """The first answers to those of the requests that were answered before."""
    return dict(_REPLIES.among(connection, (), digests))


def clients_of_incidents(session: Session, ids: Iterable[int]) -> dict[int, set[str]]:
    """The references of the clients that each incident has a case of."""
    found: defaultdict[int, set[str]] = defaultdict(set)
    for row in session.connection().execute(_CASES, {"ids": sorted(ids)}):
        found[row.incident_id].add(row.ref)
    return found


def _set(names: Sequence[str]) -> str:
    return ", ".join(f"{name} = ?" for name in names)


INSERT_ALERT: Final = swift.insert(Alert, NEW_ALERT)
"""Keep an alert that was never seen."""
RECOUNT_ALERT: Final = Swift(
    "UPDATE alert SET occurrences = occurrences + ?,"
    " last_seen_at = CASE WHEN last_seen_at > ? THEN last_seen_at ELSE ? END WHERE id = ?",
    columns_of(Alert, "occurrences", "last_seen_at", "last_seen_at", "id"),
)
"""Count an alert again; what comes late from quarantine was not seen last."""
RESTATE_ALERT: Final = Swift(
    f"UPDATE alert SET {_set(SAID)} WHERE id = ?",  # noqa: S608 - names of our own
    columns_of(Alert, *SAID, "id"),
)
"""Write what the tool says now over what it said before."""
BIND_ALERT: Final = Swift(
    f"UPDATE alert SET {_set((*BOUND, 'clients'))} WHERE id = ?",  # noqa: S608 - names of our own
    columns_of(Alert, *BOUND, "clients", "id"),
)
"""Write what an alert belongs to by now, and whose data it is about."""
INSERT_GROUP: Final = swift.insert(AlertGroup, ("digest", "rule", *GROUP))
"""Keep a group that is new."""
UPDATE_GROUP: Final = Swift(
    f"UPDATE alertgroup SET incident_id = COALESCE(?, incident_id), {_set(GROUP[1:])} WHERE id = ?",  # noqa: S608 - as above
    columns_of(AlertGroup, *GROUP, "id"),
)
"""Write how a group stands; without an incident it leads where it led, by a split meanwhile perhaps."""
INSERT_REPLY: Final = swift.insert(IntakeReply, ("request", "reply", "at"))
"""Keep the first answer to a request."""
_REPLIES = Swift(
    "SELECT request, reply FROM intakereply WHERE request IN (??)",
    columns_of(IntakeReply, "request"),
    columns_of(IntakeReply, "request", "reply"),
)
_ALERTS = Swift(
    f"SELECT {', '.join(KnownAlert._fields)} FROM alert WHERE source_id = ? AND fingerprint IN (??)",  # noqa: S608 - as above
    columns_of(Alert, "source_id", "fingerprint"),
    columns_of(Alert, *KnownAlert._fields),
)
_GROUPS = Swift(
    f"SELECT {', '.join(KnownGroup._fields)} FROM alertgroup WHERE digest IN (??)",  # noqa: S608 - as above
    columns_of(AlertGroup, "digest"),
    columns_of(AlertGroup, *KnownGroup._fields),
)
_INCIDENTS = Swift(
    f"SELECT {', '.join(Holder._fields)} FROM incident WHERE id IN (??) ORDER BY id",  # noqa: S608 - as above
    columns_of(Incident, "id"),
    columns_of(Incident, *Holder._fields),
    on_postgresql="FOR UPDATE",
)
_CASES = (
    select(col(Case.incident_id), col(Client.ref))
    .join(Client, col(Client.id) == col(Case.client_id))
    .where(col(Case.incident_id).in_(bindparam("ids", expanding=True)))
)
_TURN = Swift("SELECT pg_advisory_xact_lock(7272)", ())

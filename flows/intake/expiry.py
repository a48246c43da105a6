"""Raw payloads end by policy: what a tool said word for word is kept for days, not for ever.

What stays are the alert's title and reading, and what became of it. A payload is spared while the incident
that it belongs to is undecided or open, while a quiet window holds its alert, while it waits with others for
a rule's threshold, and while an item of evidence that is not disposed of records it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from itertools import islice

from sqlalchemy import Delete, Update, delete, update
from sqlmodel import Session, col, select

from flows.evidence.records import recorded_alerts
from flows.incidents import LIVE
from flows.intake import rows
from flows.vouching import note_house
from store.database import Store
from store.tables import Alert, AlertGroup, AlertWindow, Exercise, Incident, Quarantine, Source

BATCH = 500
"""Rows of one transaction, so that no alert waits long for the writer's turn."""

GROUPS_KEPT = timedelta(days=31)
"""How long a group is kept after its last alert; no rule's window is as long."""


def expire(store: Store, days: int, at: datetime) -> dict[str, int]:
    """Remove payloads and quarantined bodies older than `days`, and groups past their window; counts by name.

    0 days keep payloads and bodies for ever. What is removed of them is noted in the house's chain.
    """
    past = at - GROUPS_KEPT
    counts = {"groups": _drop(store, _old_groups(store, past), _drop_groups(past))}
    if not days:
        return counts
    before = at - timedelta(days=days)
    words = {
        "payloads": _drop(store, _old_alerts(store, before), _drop_payloads(before)),
        "quarantined": _drop(store, _old_quarantine(store, before), _drop_bodies),
    }
    if any(words.values()):
        with store.writing() as session:
            note_house(session, "payloads_expired", "system", {"older_than_days": days, **words}, at)
    return counts | words


def _old_alerts(store: Store, before: datetime) -> list[int]:
    """The alerts whose payload nobody needs any more; read beside the writer, which goes on."""
    with store.reading() as session:
        live = set(session.exec(select(Incident.id).where(col(Incident.state).in_(LIVE))))
        live |= _merged_into(session, live)
        holding = set(session.exec(select(AlertWindow.id).where(col(AlertWindow.ended_at).is_(None))))
        spared = recorded_alerts(session)
        old = select(Alert.id, Alert.incident_id, Alert.window_id).where(
            Alert.last_seen_at < before, col(Alert.payload).is_not(None), col(Alert.group_id).is_(None)
        )
        return [
            number
            for number, incident, window in session.exec(old.order_by(col(Alert.id)))
            if number is not None
            and number not in spared
            and (window not in holding if incident is None else incident not in live)
        ]


def _merged_into(session: Session, live: Iterable[int | None]) -> set[int | None]:
    """Those that were merged into one of these, over any number of mergings."""
    merged = session.exec(
        select(Incident.id, Incident.into_id).where(col(Incident.into_id).is_not(None))
    ).all()
    found: set[int | None] = set()
    while more := {one for one, into in merged if (into in found or into in live) and one not in found}:
        found |= more
    return found


def _old_quarantine(store: Store, before: datetime) -> list[int]:
    old = select(Quarantine.id).where(Quarantine.received_at < before, col(Quarantine.body).is_not(None))
    with store.reading() as session:
        return [number for number in session.exec(old) if number is not None]


def _old_groups(store: Store, before: datetime) -> list[int]:
    """The groups that no alert has joined for so long; none of an exercise, whose time is not ours.

    They are old once it has ended.
    """
    played = select(Exercise.id).where(col(Exercise.ended_at).is_(None))
    theirs = select(Incident.id).where(col(Incident.exercise_id).in_(played))
    waiting = select(Alert.group_id).join(Source).where(col(Source.exercise_id).in_(played))
    with store.reading() as session:
        spared = set(session.exec(waiting))
        spared |= set(session.exec(select(AlertGroup.id).where(col(AlertGroup.incident_id).in_(theirs))))
        found = session.exec(select(AlertGroup.id).where(AlertGroup.last_at < before))
        return [number for number in found if number is not None and number not in spared]


def _drop(store: Store, numbers: Iterable[int], act: Callable[[Session, list[int]], int]) -> int:
    """Act on the rows batch by batch; how many were changed."""
    changed = 0
    for batch in _batches(numbers):
        with store.writing() as session:
            changed += act(session, batch)
    return changed


def _drop_payloads(before: datetime) -> Callable[[Session, list[int]], int]:
    """Take payloads away, but of an alert that came again since it was looked at."""

    def drop(session: Session, numbers: list[int]) -> int:
        old = col(Alert.id).in_(numbers), col(Alert.last_seen_at) < before
        return _changed(session, update(Alert).where(*old).values(payload=None))

    return drop


def _drop_bodies(session: Session, numbers: list[int]) -> int:
    return _changed(session, update(Quarantine).where(col(Quarantine.id).in_(numbers)).values(body=None))


def _drop_groups(before: datetime) -> Callable[[Session, list[int]], int]:
    """Drop groups, but one that counted an alert since; what waited with them waits no more."""

    def drop(session: Session, numbers: list[int]) -> int:
        rows.take_turn(session.connection())  # intake finds a group whole, or not at all
        old = col(AlertGroup.id).in_(numbers), col(AlertGroup.last_at) < before
        found = list(session.exec(select(AlertGroup.id).where(*old)))
        _changed(session, update(Alert).where(col(Alert.group_id).in_(found)).values(group_id=None))
        return _changed(session, delete(AlertGroup).where(col(AlertGroup.id).in_(found)))

    return drop


def _changed(session: Session, statement: Update | Delete) -> int:
    return session.connection().execute(statement).rowcount


def _batches(numbers: Iterable[int]) -> Iterator[list[int]]:
    rest = iter(numbers)
    while batch := list(islice(rest, BATCH)):
        yield batch

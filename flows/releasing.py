"""What a quiet window held and still fires when it is over: decided anew, once, as if it came now.

The watch looks every few seconds. Each alert is let go in the transaction that decides about it, so that a
crash neither loses one nor opens one twice.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import update
from sqlmodel import Session, col, or_, select

from flows.clock import wall_now
from flows.house import House
from flows.intake import rows
from flows.intake.acting import Intake
from flows.intake.batch import intake_of, take
from flows.intake.claims import Understood
from flows.intake.deliveries import Delivery
from flows.intake.directory import known_source
from flows.intake.readings import claim_of
from flows.vouching import note_house
from playbooks.errors import Retry
from store import outbox
from store.tables import Alert, AlertWindow, Incident, Source

log = logging.getLogger("seventytwo.releasing")

BATCH: Final = 100
LATE: Final = timedelta(hours=1)
"""How long an ended window is looked at still: a desk may hold an alert by it a second after its end."""


def release_held(house: House) -> int:
    """Decide anew what ended quiet windows held and still fires; how many incidents or candidates opened."""
    wall = wall_now()
    with house.store.reading() as session:
        waiting = {number: _held(session, number) for number in _over(session, wall)}
    if not waiting:
        return 0
    intake = intake_of(house)
    return sum(_release(house, intake, number, held, wall) for number, held in waiting.items())


def _over(session: Session, wall: datetime) -> list[int]:
    """The quiet windows that are over and not looked after, or only just."""
    query = select(AlertWindow.id).where(
        AlertWindow.kind == "quiet",
        AlertWindow.until <= wall,
        or_(col(AlertWindow.ended_at).is_(None), col(AlertWindow.ended_at) > wall - LATE),
    )
    return [number for number in session.exec(query.order_by(col(AlertWindow.id))) if number is not None]


def _held(session: Session, window: int) -> list[int]:
    """The alerts that a window holds back and that still fire."""
    query = select(Alert.id).where(
        Alert.window_id == window, col(Alert.incident_id).is_(None), Alert.status == "firing"
    )
    return [number for number in session.exec(query.order_by(col(Alert.id))) if number is not None]


def _release(house: House, intake: Intake, window: int, held: Sequence[int], wall: datetime) -> int:
    opened, is_whole = 0, True
    for some in (held[at : at + BATCH] for at in range(0, len(held), BATCH)):
        for done in _in_turn(house, intake, window, some, wall):
            opened += done or 0
            is_whole = is_whole and done is not None
    if is_whole:
        _finish(house, window, len(held), opened, wall)
    return opened


def _in_turn(
    house: House, intake: Intake, window: int, alerts: Sequence[int], wall: datetime
) -> Iterator[int | None]:
    """How many incidents opened, of all together, or where that fails one by one; None for one that stays."""
    try:
        yield _decide(house, intake, window, alerts, wall)
    except Retry:
        raise
    except Exception:  # one of them is to blame: the others must open, and it is tried again
        log.exception("%d alerts of quiet window %d could not be decided", len(alerts), window)
        if len(alerts) == 1:
            yield None
            return
        for alert in alerts:
            yield from _in_turn(house, intake, window, [alert], wall)


def _decide(house: House, intake: Intake, window: int, numbers: Sequence[int], wall: datetime) -> int:
    """Decide about some held alerts in one transaction, and let them go."""
    with house.store.writing() as session:
        rows.take_turn(session.connection())
        still = [number for number in _held(session, window) if number in set(numbers)]
        alerts = session.exec(select(Alert).where(col(Alert.id).in_(still)).order_by(col(Alert.id))).all()
        take(session, [_delivery(session, alert, wall) for alert in alerts], intake)
        let_go = update(Alert).where(col(Alert.id).in_(still), col(Alert.window_id) == window)
        session.execute(let_go.values(window_id=None))
        session.expire_all()
        return sum(one.pending == "begin" for one in _incidents(session, still))


def _delivery(session: Session, alert: Alert, wall: datetime) -> Delivery:
    source = known_source(session.get_one(Source, alert.source_id))
    return Delivery(source, None, wall, Understood(alert.kind, (claim_of(alert),)), is_retake=True)


def _incidents(session: Session, alerts: Sequence[int]) -> Sequence[Incident]:
    theirs = select(Alert.incident_id).where(col(Alert.id).in_(alerts))
    return session.exec(select(Incident).where(col(Incident.id).in_(theirs)).order_by(col(Incident.id))).all()


def _finish(house: House, window: int, held: int, opened: int, wall: datetime) -> None:
    """Write down that a window was looked after, and tell the house where it had held something."""
    with house.store.writing() as session:
        row = session.get_one(AlertWindow, window, with_for_update=True)
        if row.ended_at is not None:
            return
        row.ended_at = wall
        session.add(row)
        note_house(
            session, "quiet_window_over", "system", {"window": window, "held": held, "opened": opened}, wall
        )
        if not held:
            return
        outbox.enqueue(
            session,
            incident=None,
            key=f"quiet/{window}/over",
            kind="quiet_ended",
            fields={"ref": "house", "exercise": False, "window": window, "held": held, "opened": opened},
            channel=house.settings.channel,
            at=wall,
        )

"""Dating back: an incident counts from when its alerts came to us, though a quiet window held them back."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from sqlmodel import Session, select

from flows.asserting import assert_facts
from flows.clock import incident_now, segments_of
from flows.deciding import Decision
from flows.gathering import gather
from flows.house import House
from playbooks.timebase import incident_time
from store.tables import Alert, AlertWindow, Incident


class HeldBack(NamedTuple):
    """An alert that a quiet window held, by their rows."""

    alert_id: int
    window_id: int


def date_back(
    session: Session, house: House, incident_id: int, held: Iterable[HeldBack], wall: datetime
) -> None:
    """Let the clocks of an incident, which is locked, count from the first of its alerts that was held back.

    An instant that a person stated stands.
    """
    incident = session.get_one(Incident, incident_id)
    came, occurred, window = min(_came(session, one) for one in held)
    segments = segments_of(session, incident.exercise_id)
    at = incident_time(segments, came)
    known = gather(session, incident_id)
    aware_at = known.view.incident.get("aware_at")
    if not isinstance(aware_at, datetime) or at >= aware_at or known.authors[None, "aware_at"] != "system":
        return
    detected_at = known.view.incident.get("detected_at")
    detected = [one for one in (at, occurred, detected_at) if isinstance(one, datetime)]
    decision = Decision(house, session, incident, wall, incident_now(session, incident, wall))
    basis = f"provisional: it came in quiet window {window}"
    assert_facts(decision, {"detected_at": min(detected), "aware_at": at}, author="system", basis=basis)
    incident.pending = incident.pending or "advance"
    session.add(incident)


def _came(session: Session, held: HeldBack) -> tuple[datetime, datetime, int]:
    """When it came within its window, when it occurred by its tool, and the window's number."""
    began = session.get_one(AlertWindow, held.window_id).begins_at
    query = select(Alert.first_seen_at, Alert.occurred_at).where(Alert.id == held.alert_id)
    first_seen_at, occurred_at = session.exec(query).one()
    came = max(first_seen_at, began)
    return came, min(occurred_at or came, came), held.window_id

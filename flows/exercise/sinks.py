"""What happens when something of an exercise is about to leave the house: it does not, and all stops."""

from __future__ import annotations

import logging
from typing import Final

from sqlmodel import col, select

from flows.deciding import deciding
from flows.delivery.recording import supersede
from flows.exercise.ending import stop_exercise
from flows.house import House
from playbooks.errors import RealRecipient
from store.tables import Delivery

log = logging.getLogger("seventytwo.exercise")

WHY: Final = "it is an exercise's: nothing of one leaves"
_ON_ITS_WAY: Final = ("queued", "sending", "unknown", "by_hand")


def stop_for(house: House, ref: str, leak: RealRecipient) -> None:
    """End every delivery of an incident of an exercise, and stop the exercise; again it changes nothing."""
    log.error("%s", leak)
    with deciding(house, ref) as decision:
        session, incident = decision.session, decision.incident
        rows = select(Delivery).where(
            Delivery.incident_id == incident.id, col(Delivery.state).in_(_ON_ITS_WAY)
        )
        for delivery in session.exec(rows).all():
            supersede(decision, delivery, WHY)
        if incident.exercise_id is not None:
            stop_exercise(session, house, incident.exercise_id, str(leak), decision.wall)

"""How an alert becomes an incident: what the rules chose and what its source says, recorded."""

from __future__ import annotations

from sqlmodel import Session

from flows.house import House
from flows.intake.deliveries import Arrival, OpenIncident
from flows.opening import Opening, record_incident
from store.tables import Incident


def opener(house: House) -> OpenIncident:
    """The recording of incidents in this house, within the caller's transaction."""

    def record(session: Session, arrival: Arrival) -> Incident:
        return record_incident(session, house, _opening(arrival), arrival.wall)

    return record


def _opening(arrival: Arrival) -> Opening:
    return Opening(
        author=f"source:{arrival.source.name}",
        playbook=arrival.playbook,
        title=arrival.claim.title,
        severity=arrival.severity,
        exercise_id=arrival.source.exercise_id,
        previous_id=arrival.previous_id,
        channel=arrival.channel,
        state=arrival.state,
        detected_at=arrival.claim.occurred_at,
        why=arrival.why,
    )

"""How an alert becomes an incident: what its source says about playbook, client, exercise and channel."""

from __future__ import annotations

from sqlmodel import Session

from flows.house import House
from flows.intake.deliveries import Arrival, OpenIncident
from flows.opening import Opening, open_incident
from store.tables import Client, Incident


def opener(house: House) -> OpenIncident:
    """The opening of incidents in this house, within the caller's transaction."""

    def open_it(session: Session, arrival: Arrival) -> Incident:
        return open_incident(session, house, _opening(session, arrival), arrival.wall)

    return open_it


def _opening(session: Session, arrival: Arrival) -> Opening:
    source = arrival.source
    client = session.get(Client, source.client_id) if source.client_id is not None else None
    return Opening(
        author=f"source:{source.name}",
        playbook=source.playbook,
        title=arrival.claim.title,
        severity=arrival.claim.severity,
        clients=(client.ref,) if client else (),
        exercise_id=source.exercise_id,
        previous_id=arrival.previous_id,
        channel=source.channel or (client.channel if client else ""),
        detected_at=arrival.claim.occurred_at,
    )

"""Finding incidents."""

from __future__ import annotations

from typing import Final

from sqlmodel import Session, col, select

from playbooks.errors import NotFound, Refused
from store.tables import Incident

CANDIDATE: Final = "candidate"
LIVE: Final = ("open", CANDIDATE)
"""The states in which clocks run and somebody is asked."""


def incidents(session: Session, *, closed: bool = False) -> list[Incident]:
    """The open incidents and candidates, or with `closed` all of them, the newest first."""
    statement = select(Incident).order_by(col(Incident.id).desc())
    return list(session.exec(statement if closed else statement.where(col(Incident.state).in_(LIVE))))


def find_incident(session: Session, ref: str) -> Incident:
    """The incident of that reference; raises NotFound."""
    found = session.exec(select(Incident).where(Incident.ref == ref)).first()
    if found is None:
        raise no_such_incident(ref)
    return found


def no_such_incident(ref: str) -> NotFound:
    """What is said of a reference that names nothing, or nothing that its reader may know of."""
    return NotFound("no such incident", which=ref, mend="see `seventytwo incident list --all`")


def refuse_unopened(incident: Incident) -> None:
    """Raise Refused unless the incident is open: a candidate is decided first."""
    if incident.state == CANDIDATE:
        raise Refused("it is a candidate still", which=incident.ref, mend="accept it first, by its form")
    if incident.state != "open":
        raise Refused("the incident is closed", which=incident.ref)


def merged_into(session: Session, incident: Incident) -> Incident:
    """Where an incident lives on: itself, or the last of those it was merged into, one after another."""
    while incident.into_id is not None:
        incident = session.get_one(Incident, incident.into_id)
    return incident

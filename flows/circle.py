"""The circle of an incident: who is kept out of it, who may know of it at all, who is named.

Whoever is outside is answered as if there were no such incident, in the very words that a wrong reference or
a wrong role gets: what sets one person apart would tell them.
"""

from __future__ import annotations

from sqlmodel import Session, col, select

from flows.gathering import plan_of
from flows.incidents import no_such_incident
from store.tables import Exclusion, Incident, Question, Responder


def kept_out(session: Session, incident_id: int) -> frozenset[str]:
    """The handles of those who are kept out of an incident now."""
    now = select(Exclusion.handle).where(
        Exclusion.incident_id == incident_id, col(Exclusion.lifted_at).is_(None)
    )
    return frozenset(session.exec(now))


def is_guarded(session: Session, incident: Incident) -> bool:
    """Whether only a circle may know of an incident: its playbook says so, or somebody is kept out."""
    return plan_of(incident).restricted or bool(kept_out(session, incident.id or 0))


def may_know(session: Session, incident: Incident, responder: Responder) -> bool:
    """Whether a responder is in the circle: not kept out, and where it is restricted, asked by their role."""
    if responder.handle in kept_out(session, incident.id or 0):
        return False
    return not plan_of(incident).restricted or not _asked_roles(session, incident).isdisjoint(responder.roles)


def refuse_outsider(session: Session, incident: Incident, responder: Responder) -> None:
    """Raise NotFound, as for a reference that nobody knows, where a responder is outside the circle."""
    if not may_know(session, incident, responder):
        raise no_such_incident(incident.ref)


def _asked_roles(session: Session, incident: Incident) -> frozenset[str]:
    """The roles to whom a question of the incident is put, or was until it was answered."""
    put = select(Question.role).where(
        Question.incident_id == incident.id,
        col(Question.state).in_(("open", "answered")),
        Question.kind != "action",
    )
    return frozenset(session.exec(put.distinct()))

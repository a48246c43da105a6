"""The circle of an incident: who is kept out of it, who may know of it at all, who is named.

Whoever is outside is answered as if there were no such incident, in the very words that a wrong reference or
a wrong role gets: what sets one person apart would tell them.
"""

from __future__ import annotations

from sqlmodel import Session, col, select

from flows.gathering import plan_of
from flows.incidents import no_such_incident
from store.tables import Exclusion, Incident, Question, Responder

ON_PAGE = "the reason stands on the incident's page"


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
    """Whether a responder is in the circle: not kept out, and where it is restricted, asked to answer."""
    if responder.handle in kept_out(session, incident.id or 0):
        return False
    if not plan_of(incident).restricted:
        return True
    asked = _asked(session, incident)
    return any((role, "") in asked for role in responder.roles) or responder.handle in {to for _, to in asked}


def refuse_outsider(session: Session, incident: Incident, responder: Responder) -> None:
    """Raise NotFound, as for a reference that nobody knows, where a responder is outside the circle."""
    if not may_know(session, incident, responder):
        raise no_such_incident(incident.ref)


def outward(session: Session, incident: Incident, reason: str) -> str:
    """A reason in somebody's words as Prefect and the channel may show it: of a circle's, where it stands."""
    return ON_PAGE if is_guarded(session, incident) else reason


def _asked(session: Session, incident: Incident) -> frozenset[tuple[str, str]]:
    """To which role each question of the incident is put, or was until it was answered, and to whom by name.

    What is given to one person by name opens the circle to nobody else of their role.
    """
    put = select(Question.role, Question.assignee).where(
        Question.incident_id == incident.id,
        col(Question.state).in_(("open", "answered")),
        Question.kind != "action",
    )
    return frozenset((role, to) for role, to in session.exec(put.distinct()))

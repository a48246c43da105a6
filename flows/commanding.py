"""What a commander does to incidents by command: proved by a code, within the circle, over every client."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session

from flows.circle import may_know
from flows.gathering import cases_of
from flows.identity import spend
from flows.incidents import no_such_incident
from flows.vouching import Vouched, refuse_exercise_only
from playbooks.errors import Refused
from store.scope import Scope
from store.tables import Incident, Responder


def sees_whole(session: Session, incident: Incident, responder: Responder) -> bool:
    """Whether a responder may see all of an incident: of its circle, and of every client that it concerns."""
    scope = Scope.of(responder)
    sees_all = len(scope.cases(session, incident)) == len(cases_of(session, incident.id or 0))
    return may_know(session, incident, responder) and scope.sees(session, incident) and sees_all


def commanding(
    session: Session, incidents: list[Incident], by: Vouched, used_for: str, wall: datetime
) -> str:
    """Spend a commander's code on a change of these incidents; the handle. Raises NotFound or Refused."""
    responder = session.get_one(Responder, by.responder_id)
    for incident in incidents:
        if not sees_whole(session, incident, responder):
            raise no_such_incident(incident.ref)
        if incident.kind != "exercise":
            refuse_exercise_only(responder)
    if "commander" not in responder.roles:
        raise Refused("only a commander decides this", which=responder.handle, mend="let a commander ask")
    spend(session, responder, by.counter, used_for, wall)
    return responder.handle

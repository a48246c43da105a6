"""In whose name observables are added and access is reconstructed by command."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlmodel import Session

from flows.circle import refuse_outsider
from flows.deciding import Decision, deciding
from flows.house import House
from flows.identity import spend
from flows.incidents import LIVE, find_incident, no_such_incident
from flows.vouching import Vouched, refuse_exercise_only
from playbooks.errors import Refused
from store.scope import Scope
from store.tables import Incident, Responder


@contextmanager
def investigating(house: House, ref: str, vouched: Vouched, used_for: str) -> Iterator[tuple[Decision, str]]:
    """Lock the incident for a responder who may see all of it, and spend their code; yields the handle.

    Raises NotFound to whoever is outside the incident's circle, Refused where they see some clients only or
    the incident is closed.
    """
    with deciding(house, ref) as decision:
        responder = decision.session.get_one(Responder, vouched.responder_id)
        refuse_others(decision.session, decision.incident, responder)
        spend(decision.session, responder, vouched.counter, used_for, decision.wall)
        yield decision, responder.handle


def refuse_before(house: House, ref: str, vouched: Vouched) -> None:
    """Refuse at once whom `investigating` would refuse, before anything is read for them."""
    with house.store.reading() as session:
        refuse_others(session, find_incident(session, ref), session.get_one(Responder, vouched.responder_id))


def refuse_others(session: Session, incident: Incident, responder: Responder) -> None:
    """Raise NotFound or Refused for a responder who may not investigate this incident."""
    refuse_outsider(session, incident, responder)
    scope = Scope.of(responder)
    if not scope.sees(session, incident):
        raise no_such_incident(incident.ref)
    if scope.clients is not None:
        what = "an observable or an access may be of any client"
        raise Refused(what, which=responder.handle, mend="ask a responder for all clients")
    if incident.state not in LIVE:
        raise Refused("this incident is closed", which=incident.ref)
    if incident.kind != "exercise":
        refuse_exercise_only(responder)

"""An incident that a person reports on the command line, in the name of the one whose code was right."""

from __future__ import annotations

from typing import get_args

from flows.clock import wall_now
from flows.house import House
from flows.identity import spend
from flows.intake.claims import Severity
from flows.opening import Opening, open_incident
from flows.people import refuse_unknown_clients
from flows.vouching import Vouched, refuse_exercise_only
from playbooks.errors import Mend, Refused
from store.scope import Scope
from store.tables import Responder

SEVERITIES: tuple[str, ...] = get_args(Severity)
_LONGEST_TITLE = 200


def open_reported(house: House, opening: Opening, vouched: Vouched, used_for: str) -> str:
    """Open an incident and return its reference; its runs are started afterwards by who can."""
    _refuse_faults(opening)
    house.playbook(opening.playbook)
    wall = wall_now()
    with house.store.writing() as session:
        responder = session.get_one(Responder, vouched.responder_id)
        refuse_exercise_only(responder)
        refuse_unknown_clients(session, opening.clients)
        scope = Scope.of(responder)
        if scope.clients is not None and not opening.clients:
            mend = "name one of them with --client"
            raise Refused("this responder sees some clients only", which=responder.handle, mend=mend)
        if hidden := [ref for ref in opening.clients if not scope.permits(ref)]:
            raise Refused("outside the clients this responder may see", which=", ".join(hidden))
        spend(session, responder, vouched.counter, used_for, wall)
        return open_incident(session, house, opening, wall).ref


def _refuse_faults(opening: Opening) -> None:
    if not opening.title.strip() or len(opening.title) > _LONGEST_TITLE:
        raise Mend("not a title", mend=f"1 to {_LONGEST_TITLE} characters that say what was seen")
    if opening.severity not in SEVERITIES:
        raise Mend("no such severity", which=opening.severity, mend=f"use {', '.join(SEVERITIES)}")

"""In whose name a hypothesis is proposed, spoken about or decided: one deciding transaction each."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from sqlmodel import Session

from flows.advancing import advance
from flows.circle import refuse_outsider
from flows.deciding import Decision, deciding
from flows.gathering import cases_of
from flows.house import House
from flows.identity import spend
from flows.incidents import no_such_incident, refuse_unopened
from flows.questions import announce
from flows.vouching import Vouched, refuse_exercise_only
from playbooks.errors import Refused
from store.scope import Scope
from store.tables import Incident, Responder

DECIDERS = frozenset({"commander", "forensics"})
"""The roles that decide what the source was; whoever may see the whole incident may speak for or against."""


@dataclass(frozen=True, slots=True)
class Asking:
    """Who asks for a change by command, and what their code is spent on."""

    vouched: Vouched
    used_for: str


@contextmanager
def weighing(
    house: House, ref: str, asking: Asking, roles: Collection[str] = ()
) -> Iterator[tuple[Decision, str]]:
    """Lock the incident for a responder, and afterwards bring its plan to what is known; yields the handle.

    `roles` are those of whom one is needed. Raises NotFound to whoever is outside the incident's circle,
    Refused where the incident is closed, or the responder may not decide about all of it.
    """
    with deciding(house, ref) as decision:
        responder = decision.session.get_one(Responder, asking.vouched.responder_id)
        _refuse_others(decision.session, decision.incident, responder, roles)
        spend(decision.session, responder, asking.vouched.counter, asking.used_for, decision.wall)
        yield decision, responder.handle
        announce(decision, advance(decision))


def _refuse_others(
    session: Session, incident: Incident, responder: Responder, roles: Collection[str]
) -> None:
    refuse_outsider(session, incident, responder)
    seen = Scope.of(responder)
    if not seen.sees(session, incident):
        raise no_such_incident(incident.ref)
    if incident.kind != "exercise":
        refuse_exercise_only(responder)
    refuse_unopened(incident)
    if len(seen.cases(session, incident)) < len(cases_of(session, incident.id or 0)):
        mend = "ask a responder for all of its clients"
        raise Refused("the source is a matter of clients whom you may not see", which=incident.ref, mend=mend)
    if roles and not set(roles) & set(responder.roles):
        raise Refused(
            "not this responder's to decide", which=responder.handle, mend=f"ask {' or '.join(sorted(roles))}"
        )

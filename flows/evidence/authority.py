"""Who may do what to evidence: by role, custody and client, in how many names."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlmodel import Session, col, select

from flows.circle import refuse_outsider
from flows.deciding import Decision
from flows.identity import spend
from flows.incidents import no_such_incident
from flows.vouching import Vouched, refuse_exercise_only
from playbooks.errors import NotFound, Refused
from store.scope import Scope
from store.tables import Evidence, Incident, Responder


@dataclass(frozen=True, slots=True)
class Mandate:
    """In whose names something is done, and what their codes are spent on."""

    vouched: tuple[Vouched, ...]
    used_for: str


@dataclass(frozen=True, slots=True)
class Demand:
    """Who it takes: so many people, one of them of these roles (none: any), or each item's custodian."""

    roles: frozenset[str] = frozenset()
    people: int = 1
    custodian: bool = False


TO_BRING = Demand()
TO_HANDLE = Demand(frozenset({"forensics", "commander"}), custodian=True)
TO_HOLD = Demand(frozenset({"commander", "privacy", "forensics"}))
TO_END = Demand(frozenset({"commander", "privacy"}), people=2)
"""To release a hold or to dispose."""


def authorise(
    decision: Decision, mandate: Mandate, demand: Demand, items: Sequence[Evidence] = ()
) -> tuple[str, ...]:
    """Spend the codes of those who may do this to the items, and return their handles; raises Refused."""
    people = check(decision.session, decision.incident, mandate, demand, items)
    for one, responder in zip(mandate.vouched, people, strict=True):
        spend(decision.session, responder, one.counter, mandate.used_for, decision.wall)
    return tuple(responder.handle for responder in people)


def check(
    session: Session, incident: Incident, mandate: Mandate, demand: Demand, items: Sequence[Evidence] = ()
) -> list[Responder]:
    """Those who vouched, if they may do this to the items; raises Refused, or NotFound for the unseen."""
    people = [session.get_one(Responder, one.responder_id) for one in mandate.vouched]
    for responder in people:
        if incident.kind != "exercise":
            refuse_exercise_only(responder)
        refuse_unseen(session, incident, responder, items)
    if len({responder.handle for responder in people}) < demand.people:
        raise Refused("a second person is needed", mend="give --second and --second-code")
    for item in items:
        _refuse_others(people, demand, item)
    return people


def refuse_unseen(
    session: Session, incident: Incident, responder: Responder, items: Iterable[Evidence] = ()
) -> None:
    """Raise NotFound where this responder may not know of the incident, or not of one of the items.

    Who sees some clients only sees what belongs to their cases: the incident's own may hold anyone's data.
    """
    refuse_outsider(session, incident, responder)
    scope = Scope.of(responder)
    if not scope.sees(session, incident):
        raise no_such_incident(incident.ref)
    if scope.clients is None:
        return
    seen = {case.ref for case in scope.cases(session, incident)}
    if hidden := [item for item in items if item.case_ref not in seen]:
        raise NotFound("no such evidence", which=f"{incident.ref} E{hidden[0].number}")


def find_custodian(session: Session, incident: Incident, handle: str, items: Sequence[Evidence] = ()) -> str:
    """The handle, if it is of an active responder who may see the items; raises NotFound."""
    found = session.exec(
        select(Responder).where(Responder.handle == handle, col(Responder.disabled_at).is_(None))
    ).first()
    if found is None:
        raise NotFound("no such active responder", which=handle, mend="see `seventytwo responder list`")
    try:
        refuse_unseen(session, incident, found, items)
    except NotFound:
        raise Refused("this responder may not see that evidence", which=handle) from None
    if incident.kind != "exercise":
        refuse_exercise_only(found)
    return handle


def _refuse_others(people: Sequence[Responder], demand: Demand, item: Evidence) -> None:
    if not demand.roles or any(demand.roles & set(responder.roles) for responder in people):
        return
    if demand.custodian and any(responder.handle == item.custodian for responder in people):
        return
    needed = ", ".join(sorted(demand.roles)) + (f", or its custodian {item.custodian}" * demand.custodian)
    raise Refused("not this responder's to do", which=f"E{item.number}", mend=f"ask one of: {needed}")

"""What was told already in incidents that were merged into this one: nobody is told again unawares."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from playbooks.vocabulary import whom
from store.scope import Scope
from store.tables import Case, Incident, Obligation


@dataclass(frozen=True, slots=True)
class ToldBefore:
    """A duty that was met there: the case is ours, by its client."""

    incident: str
    case_ref: str
    rule: str
    recipient: str
    addressee: str
    met_at: datetime

    @property
    def whom(self) -> str:
        """Whoever was told, as clocks name them."""
        return whom(self.recipient, self.addressee)


def merged_here(session: Session, incident: Incident) -> list[Incident]:
    """Every incident that was merged into this one, also by way of another, the oldest first."""
    found: list[Incident] = []
    last = [incident.id]
    while last:
        rows = session.exec(select(Incident).where(col(Incident.into_id).in_(last))).all()
        found += rows
        last = [row.id for row in rows]
    return sorted(found, key=lambda one: one.id or 0)


def told_before(session: Session, incident: Incident, scope: Scope) -> list[ToldBefore]:
    """The duties met in incidents that were merged into this one, of the cases that the reader may see."""
    ours = {case.client_id: case.ref for case in scope.cases(session, incident)}
    return [one for other in merged_here(session, incident) for one in _met(session, other, ours, scope)]


def met_in(session: Session, incident: Incident) -> list[Obligation]:
    """The duties that were met within an incident."""
    return list(
        session.exec(
            select(Obligation)
            .where(Obligation.incident_id == incident.id, Obligation.state == "met")
            .order_by(col(Obligation.id))
        )
    )


def _met(session: Session, other: Incident, ours: dict[int, str], scope: Scope) -> list[ToldBefore]:
    theirs = session.exec(select(Case).where(Case.incident_id == other.id)).all()
    cases = {case.ref: ours[case.client_id] for case in theirs if case.client_id in ours}
    if scope.clients is None:
        cases[""] = ""
    return [
        ToldBefore(other.ref, cases[duty.case_ref], duty.rule_id, duty.recipient, duty.addressee, duty.met_at)
        for duty in met_in(session, other)
        if duty.case_ref in cases and duty.met_at is not None
    ]

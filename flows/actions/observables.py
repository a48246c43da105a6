"""Collecting what the incident's alerts name."""

from __future__ import annotations

from dataclasses import dataclass

from sqlmodel import col, func, select

from flows.actions.parts import Action, Arguments, Outcome
from flows.deciding import Decision
from flows.forensics.keeping import keep
from flows.house import House
from playbooks.forensics.observable_kinds import Seen
from playbooks.forensics.observables import observables_in
from store.tables import Alert

MOST_ALERTS = 500


@dataclass(frozen=True, slots=True)
class _Collected:
    seen: tuple[tuple[Seen, str], ...]
    alerts: int
    cut: int
    """Alerts that name more than is looked at."""
    not_read: int


def _prepare(house: House, incident_id: int, arguments: Arguments) -> _Collected:  # noqa: ARG001 - takes none
    with house.store.reading() as session:
        of_incident = Alert.incident_id == incident_id
        count = session.exec(select(func.count()).select_from(Alert).where(of_incident)).one()
        asked = select(Alert).where(of_incident).order_by(col(Alert.id)).limit(MOST_ALERTS)
        alerts = list(session.exec(asked))
    extracts = [(alert.id, observables_in(alert.payload, alert.title)) for alert in alerts]
    seen = tuple((one, f"alert {number}") for number, extract in extracts for one in extract.seen)
    cut = sum(extract.is_cut for _, extract in extracts)
    return _Collected(seen, len(alerts), cut, count - len(alerts))


def _act(decision: Decision, arguments: Arguments, collected: _Collected) -> Outcome:  # noqa: ARG001 - as above
    kept = keep(decision, collected.seen, "system")
    told = {
        "alerts": collected.alerts,
        "new": len(kept.new),
        "known": kept.known,
        "alerts_cut": collected.cut,
        "alerts_not_read": collected.not_read,
        "left_out": kept.left_out,
    }
    return {name: value for name, value in told.items() if value or name in ("alerts", "new")}


collect_observables = Action(_prepare, _act)
"""Keep every observable that the incident's alerts name; run again it keeps nothing twice."""

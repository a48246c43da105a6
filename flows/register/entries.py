"""The register of breaches read from the store within a scope: every incident by case, told or not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, Final

from sqlmodel import Session, col, select

from flows.clock import wall_now
from flows.house import House
from flows.people import refuse_unknown_clients
from flows.register.lines import register_line
from flows.review.concealing import conceal
from flows.review.gather import gather
from flows.review.material import Material
from notify.register_view import Register, RegisterLine
from playbooks.facts import FactView, from_json
from store.scope import Scope
from store.tables import Incident

_NO_BREACH: Final = {
    "candidate": "a candidate, of which nobody has decided yet",
    "dismissed": "no incident, as a commander decided",
    "false_positive": "a false positive, as two people decided",
    "merged": "merged into another incident, whose line stands for both",
}
"""The states of an incident that has no line of its own."""


@dataclass(frozen=True, slots=True)
class Asked:
    """Which register: of these clients (none: all), by the day we became aware (UTC), both included."""

    clients: tuple[str, ...] = ()
    since: date | None = None
    until: date | None = None

    def covers(self, at: datetime) -> bool:
        """Whether a breach of which we became aware then belongs to it."""
        day = at.astimezone(UTC).date()
        return (self.since is None or self.since <= day) and (self.until is None or day <= self.until)


def read_register(house: House, asked: Asked) -> Register:
    """The register as asked for; exercises are no breaches. Raises NotFound for an unknown client."""
    wall = wall_now()
    scope = Scope.limited(asked.clients) if asked.clients else Scope.whole()
    lines: list[RegisterLine] = []
    left_out: list[str] = []
    with house.store.reading() as session:
        refuse_unknown_clients(session, asked.clients)
        for ref in _seen(session, scope):
            material = gather(session, ref, scope, wall, house.settings.organisation)
            found, others = _of_incident(material, asked)
            lines += found
            left_out += others
    return Register(
        organisation=house.settings.organisation,
        clients=asked.clients,
        since=asked.since,
        until=asked.until,
        made_at=wall,
        lines=tuple(lines),
        left_out=tuple(left_out),
    )


def _seen(session: Session, scope: Scope) -> Iterator[str]:
    """The real incidents that the scope may see, the oldest first."""
    rows = session.exec(
        select(Incident).where(col(Incident.exercise_id).is_(None)).order_by(col(Incident.id))
    )
    return iter([row.ref for row in rows.all() if scope.sees(session, row)])


def _of_incident(material: Material, asked: Asked) -> tuple[list[RegisterLine], list[str]]:
    """The lines of one incident, and what of it is no breach."""
    view, ref = _view(material), material.incident.ref
    lines: list[RegisterLine] = []
    left_out: list[str] = []
    for case in tuple(material.clients) or ("",):
        aware = view.known("aware_at", case or None)
        if not asked.covers(aware if isinstance(aware, datetime) else material.incident.opened_at):
            continue
        where = f"{ref}/{case}" if case else ref
        if material.incident.state in _NO_BREACH:
            left_out.append(f"{where}: {_NO_BREACH[material.incident.state]}")
        elif view.known("personal_data", case or None) is False:
            left_out.append(f"{where}: no personal data is affected, as the facts say")
        else:
            lines.append(conceal(register_line(material, view, case), material.concealed))
    return lines, left_out


def _view(material: Material) -> FactView:
    """The latest value of every fact that this reader may see."""
    own: dict[str, Any] = {}
    of_cases: dict[str, dict[str, Any]] = {ref: {} for ref in material.clients}
    for row in material.facts:
        into = own if row.case_id is None else of_cases[material.case_refs[row.case_id]]
        into[row.name] = from_json(row.name, row.value["value"])
    return FactView(own, of_cases)

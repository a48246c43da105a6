"""What coverage is scored from, gathered: playbooks, clients with their contracts, data map, people."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from types import MappingProxyType
from typing import Final

from sqlalchemy.orm import defer
from sqlmodel import Session, col, func, select

from flows.clients.reading import term_views
from flows.datamap.reading import systems_in_force
from flows.exercise.tested import last_test, last_tests
from flows.house import House
from flows.identity import CODE_PERIOD
from flows.law.duties import footprint
from playbooks.coverage import Coverage, coverage
from playbooks.coverage_parts import ClientRecord, Kind, LastTest, Staff
from playbooks.errors import NotFound
from playbooks.models import Playbook
from playbooks.notices.library import shipped_forms
from store.tables import Client, Contact, DataSystem, Responder

_UNTESTED: Final[Mapping[str, LastTest]] = MappingProxyType({})
_RELEASES: Final = "approver"
"""The role whose word releases every notice, whatever its step says."""
# SQLModel types an attribute as its value, where SQLAlchemy wants the column
_WITHOUT_NAME = defer(Client.name)  # type: ignore[arg-type]


def read_coverage(
    house: House, session: Session, today: date, *, client: str = "", kind: str = ""
) -> Coverage:
    """Score what the house has today, or one client or kind of incident of it; raises NotFound."""
    playbooks = [house.playbooks.in_force(name, today) for name in house.playbooks]
    tested = last_tests(session)
    kinds = [kind_of(one, tested) for one in playbooks if kind in ("", one.id, one.kind)]
    if not kinds:
        raise NotFound("no such kind of incident", which=kind, mend="see `seventytwo playbook list`")
    records = [one for one in client_records(session) if client in ("", one.ref)]
    if client and not records:
        raise NotFound("no such client", which=client, mend="see `seventytwo client list`")
    rules, people, forms = house.rules.values(), staff(session), frozenset(shipped_forms())
    return coverage(kinds, records, rules, forms, people, today, footprint=footprint(session))


def kind_of(playbook: Playbook, tested: Mapping[str, LastTest] = _UNTESTED) -> Kind:
    """What coverage looks at of a playbook, with what exercises tested of it last."""
    notices = {step.recipient: step.template for step in playbook.steps if step.recipient and step.template}
    asked = {step.role for step in playbook.steps if step.kind != "automated"}
    approving = {role for step in playbook.steps for role in step.approvals}
    approving |= {_RELEASES} if notices else set()
    return Kind(
        id=playbook.id,
        version=playbook.version,
        owner=playbook.owner or "",
        roles=frozenset(asked | approving),
        regimes=frozenset(playbook.regimes),
        notices=notices,
        last_test=last_test(playbook, tested),
        valid_from=playbook.valid_from,
        valid_until=playbook.valid_until,
        revoked=playbook.revoked is not None,
    )


def client_records(session: Session) -> list[ClientRecord]:
    """Every client by ref, without names and addresses; five queries, however many there are."""
    rows = session.exec(select(Client).order_by(col(Client.ref)).options(_WITHOUT_NAME)).all()
    terms = term_views(session, [row.id for row in rows if row.id is not None])
    contacts, systems = _contacts(session), _systems(session)
    found = []
    for row in rows:
        term = terms.get(row.id or 0)
        has_hours = term is not None and not term.assumed
        found.append(_record(row, has_hours, contacts.get(row.id or 0, {}), systems.get(row.ref, [])))
    return found


def staff(session: Session) -> list[Staff]:
    """Everybody who may answer in a real incident."""
    rows = session.exec(select(Responder).where(col(Responder.disabled_at).is_(None)))
    return [
        Staff(row.handle, frozenset(row.roles), frozenset(row.clients))
        for row in rows
        if row.code_period >= CODE_PERIOD
    ]


def _record(
    row: Client, has_hours: bool, contacts: Mapping[str, int], systems: list[DataSystem]
) -> ClientRecord:
    return ClientRecord(
        ref=row.ref,
        our_role=row.our_role,
        own=row.own,
        jurisdictions=frozenset(row.jurisdictions),
        status=frozenset(row.status),
        has_hours=has_hours,
        contacts=contacts,
        systems=len(systems),
        categories_known=all(one.categories and "unknown" not in one.categories for one in systems),
        logged=all(one.log_source for one in systems),
    )


def _contacts(session: Session) -> dict[int, dict[str, int]]:
    """By client and recipient, how many can be told."""
    counted = select(Contact.client_id, Contact.purpose, func.count()).group_by(
        col(Contact.client_id), col(Contact.purpose)
    )
    found: dict[int, dict[str, int]] = {}
    for client_id, purpose, count in session.exec(counted):
        found.setdefault(client_id, {})[purpose] = count
    return found


def _systems(session: Session) -> dict[str, list[DataSystem]]:
    """By client, the systems that hold its data."""
    found: dict[str, list[DataSystem]] = {}
    for system in systems_in_force(session):
        for ref in system.clients:
            found.setdefault(ref, []).append(system)
    return found

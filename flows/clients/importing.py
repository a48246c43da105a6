"""A client file brought into the store: as a whole, contracts in versions, weighty changes by two people."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlmodel import Session, col, select

from flows.clients.contract import ContractEntry
from flows.clients.file import ClientEntry, ClientFile, read_client_file
from flows.clients.reading import clients
from flows.people import ever_enrolled
from flows.vouching import note_house
from playbooks.errors import FileFaults, Refused, SetupFault
from store.tables import Client, Contact, ContractTerm

ONE_MAY_CHANGE = frozenset({"name", "channel"})
"""The parts of a client that decide neither what it is owed nor who is told."""


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import did with each client of the file, by ref."""

    added: tuple[str, ...]
    changed: tuple[str, ...]
    unchanged: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Record:
    """What the store holds of one client today."""

    client: Client
    term: ContractTerm | None
    contacts: list[Contact]


@dataclass(frozen=True, slots=True)
class _Bringing:
    """One client of the file beside what the store holds of it, and the names of the parts that differ."""

    entry: ClientEntry
    record: _Record | None
    parts: tuple[str, ...]

    @property
    def needs_two(self) -> bool:
        return self.record is not None and not ONE_MAY_CHANGE.issuperset(self.parts)


def load_client_file(path: Path) -> ClientFile:
    """Read a client file from disk; raises SetupFault when it cannot be read, FileFaults for what it says."""
    try:
        with path.open("rb") as stream:
            text = stream.read(2_000_000)  # more than is accepted, so that the reader says so
    except OSError as error:
        raise SetupFault(
            "the client file cannot be read", which=str(path), mend=error.strerror or ""
        ) from error
    return read_client_file(text, str(path))


def vouchers_needed(session: Session, file: ClientFile) -> int:
    """How many must vouch for this import: two where it changes what a known client is owed, or who is told.

    One is enough while the house has never enrolled a second.
    """
    return 2 if _those_for_two(session, _compared(session, file)) else 1


def import_clients(
    session: Session, file: ClientFile, by: str, at: datetime, *, second: str = ""
) -> Imported:
    """Bring every client of the file into the store, in the caller's transaction; again changes nothing.

    Raises FileFaults where the file contradicts the store, Refused where a second person must vouch.
    """
    _refuse_second_own(session, file)
    _refuse_shared_hints(session, file)
    compared = _compared(session, file)
    if second in ("", by) and (refs := _those_for_two(session, compared)):
        raise Refused(
            "a second person must vouch for a change of what a client is owed, or of who is told",
            which=", ".join(refs),
            mend="--second and --second-code",
        )
    added: list[str] = []
    changed: list[str] = []
    unchanged: list[str] = []
    for one in compared:
        if one.parts:
            _bring(session, one, at)
            payload = {"client": one.entry.ref, "parts": list(one.parts)} | (
                {"second": second} if second else {}
            )
            note_house(session, "client_changed" if one.record else "client_added", by, payload, at)
        (unchanged if not one.parts else changed if one.record else added).append(one.entry.ref)
    return Imported(tuple(added), tuple(changed), tuple(unchanged))


def _records(session: Session) -> dict[str, _Record]:
    """Everything the store holds of all clients, by ref."""
    contacts: dict[int, list[Contact]] = {}
    for contact in session.exec(select(Contact).order_by(col(Contact.position))):
        contacts.setdefault(contact.client_id, []).append(contact)
    current = select(ContractTerm).where(col(ContractTerm.superseded_at).is_(None))
    terms = {term.client_id: term for term in session.exec(current)}
    return {
        client.ref: _Record(client, terms.get(client.id), contacts.get(client.id, []))
        for client in clients(session)
        if client.id is not None
    }


def _compared(session: Session, file: ClientFile) -> list[_Bringing]:
    records = _records(session)
    return [
        _Bringing(entry, records.get(entry.ref), _changed_parts(entry, records.get(entry.ref)))
        for entry in file.clients
    ]


def _those_for_two(session: Session, compared: Sequence[_Bringing]) -> list[str]:
    """The clients for whose change a second person must vouch; none while nobody else is there to ask."""
    refs = [one.entry.ref for one in compared if one.needs_two]
    return refs if refs and ever_enrolled(session) > 1 else []


def _changed_parts(entry: ClientEntry, record: _Record | None) -> tuple[str, ...]:
    said = _fields(entry)
    parts = [name for name in said if record is None or getattr(record.client, name) != said[name]]
    if (entry.contract and _asked(entry.contract)) != (record and record.term and _held(record.term)):
        parts.append("contract")
    if _told(entry) != [
        (row.purpose, row.name, row.channel, row.address) for row in (record.contacts if record else ())
    ]:
        parts.append("contacts")
    return tuple(parts)


def _fields(entry: ClientEntry) -> dict[str, Any]:
    return {
        "name": entry.name,
        "own": entry.own,
        "our_role": entry.our_role,
        "jurisdictions": list(entry.jurisdictions),
        "status": list(entry.status or ()),
        "place": entry.place,
        "zone": entry.zone,
        "channel": entry.channel,
        "hints": list(entry.hints) or None,
    }


def _asked(contract: ContractEntry) -> dict[str, Any]:
    return {
        "hours": contract.hours,
        "starts": contract.starts,
        "citation": contract.citation,
        "window": contract.window,
        "terms": contract.terms,
    }


def _held(term: ContractTerm) -> dict[str, Any]:
    return {
        "hours": term.hours,
        "starts": term.starts,
        "citation": term.citation,
        "window": term.window,
        "terms": term.terms,
    }


def _told(entry: ClientEntry) -> list[tuple[str, str, str, str]]:
    return [(purpose, told.name, told.channel, told.address) for purpose, told in entry.told]


def _bring(session: Session, one: _Bringing, at: datetime) -> None:
    """Write what differs."""
    client = one.record.client if one.record else Client(ref=one.entry.ref, imported_at=at, name="")
    for name, value in _fields(one.entry).items():
        setattr(client, name, value)
    client.imported_at = at
    session.add(client)
    session.flush()
    assert client.id is not None
    if "contract" in one.parts:
        _bring_contract(session, one, client.id, at)
    if "contacts" in one.parts:
        _bring_contacts(session, one, client.id)


def _bring_contract(session: Session, one: _Bringing, client_id: int, at: datetime) -> None:
    if one.record and one.record.term:
        one.record.term.superseded_at = at
        session.add(one.record.term)
    if one.entry.contract:
        version = _last_version(session, client_id) + 1
        term = ContractTerm(
            client_id=client_id, version=version, imported_at=at, **_asked(one.entry.contract)
        )
        session.add(term)
    session.flush()


def _last_version(session: Session, client_id: int) -> int:
    versions = session.exec(select(ContractTerm.version).where(ContractTerm.client_id == client_id))
    return max(versions, default=0)


def _bring_contacts(session: Session, one: _Bringing, client_id: int) -> None:
    for row in one.record.contacts if one.record else ():
        session.delete(row)
    for position, (purpose, name, channel, address) in enumerate(_told(one.entry)):
        session.add(
            Contact(
                client_id=client_id,
                position=position,
                name=name,
                address=address,
                channel=channel,
                purpose=purpose,
            )
        )
    session.flush()


def _refuse_shared_hints(session: Session, file: ClientFile) -> None:
    """Refuse a hint that a client outside of the file has already."""
    here = {entry.ref for entry in file.clients}
    others = [one for one in clients(session) if one.ref not in here]
    known = {hint.casefold(): one.ref for one in others for hint in (one.ref, *(one.hints or ()))}
    if faults := tuple(file.shared_hints(known)):
        raise FileFaults(faults)


def _refuse_second_own(session: Session, file: ClientFile) -> None:
    named = {entry.ref for entry in file.clients}
    owns = session.exec(select(Client.ref).where(col(Client.own).is_(True))).all()
    elsewhere = [ref for ref in owns if ref not in named]
    faults = tuple(
        file.fault(index, "own", "only one client is our `own`", f"the store has {elsewhere[0]}")
        for index, entry in enumerate(file.clients)
        if entry.own and elsewhere
    )
    if faults:
        raise FileFaults(faults)

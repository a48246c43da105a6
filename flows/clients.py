"""The clients of the house: imported from a file as a whole, contracts kept in versions, names sealed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlmodel import Session, col, select

from flows.client_file import ClientEntry, ClientFile, ContractEntry, read_client_file
from flows.vouching import note_house
from playbooks.errors import FileFaults, SetupFault
from store.tables import Client, Contact, ContractTerm


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import did with each client of the file, by ref."""

    added: tuple[str, ...]
    changed: tuple[str, ...]
    unchanged: tuple[str, ...]


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


def import_clients(session: Session, file: ClientFile, by: str, at: datetime) -> Imported:
    """Bring every client of the file into the store, in the caller's transaction; again changes nothing.

    Raises FileFaults where the file contradicts the store.
    """
    _refuse_second_own(session, file)
    known = {client.ref: client for client in clients(session)}
    added: list[str] = []
    changed: list[str] = []
    unchanged: list[str] = []
    for entry in file.clients:
        client = known.get(entry.ref)
        parts = _bring(session, entry, client, at)
        if parts:
            payload = {"client": entry.ref, "parts": parts}
            note_house(session, "client_changed" if client else "client_added", by, payload, at)
        (unchanged if not parts else changed if client else added).append(entry.ref)
    return Imported(tuple(added), tuple(changed), tuple(unchanged))


def clients(session: Session) -> list[Client]:
    """Every client by ref."""
    return list(session.exec(select(Client).order_by(col(Client.ref))))


def contacts_of(session: Session, client_id: int, recipient: str) -> list[Contact]:
    """The addresses at which a rule's recipient is told for this client, first choice first."""
    return list(
        session.exec(
            select(Contact)
            .where(Contact.client_id == client_id, Contact.purpose == recipient)
            .order_by(col(Contact.position))
        )
    )


def contract_of(session: Session, client_id: int) -> ContractTerm | None:
    """The version of the client's contract that holds now."""
    return session.exec(
        select(ContractTerm).where(
            ContractTerm.client_id == client_id, col(ContractTerm.superseded_at).is_(None)
        )
    ).first()


def _bring(session: Session, entry: ClientEntry, client: Client | None, at: datetime) -> list[str]:
    """Write what the entry changes; returns the names of the changed parts."""
    record: dict[str, Any] = {
        "name": entry.name,
        "own": entry.own,
        "our_role": entry.our_role,
        "jurisdictions": list(entry.jurisdictions),
        "zone": entry.zone,
        "channel": entry.channel,
    }
    is_new = client is None
    client = client or Client(ref=entry.ref, imported_at=at, **record)
    parts = [name for name, value in record.items() if is_new or getattr(client, name) != value]
    for name in parts:
        setattr(client, name, record[name])
    session.add(client)
    session.flush()
    assert client.id is not None
    parts += _bring_contract(session, entry.contract, client.id, at)
    parts += _bring_contacts(session, entry, client.id)
    if parts:
        client.imported_at = at
    return parts


def _bring_contract(
    session: Session, contract: ContractEntry | None, client_id: int, at: datetime
) -> list[str]:
    current = contract_of(session, client_id)
    if _said(current) == (contract and (contract.hours, contract.starts, contract.citation, contract.terms)):
        return []
    if current is not None:
        current.superseded_at = at
        session.add(current)
    if contract is not None:
        session.add(
            ContractTerm(
                client_id=client_id,
                version=_last_version(session, client_id) + 1,
                hours=contract.hours,
                starts=contract.starts,
                citation=contract.citation,
                terms=contract.terms,
                imported_at=at,
            )
        )
    session.flush()
    return ["contract"]


def _said(term: ContractTerm | None) -> tuple[object, ...] | None:
    return (term.hours, term.starts, term.citation, term.terms) if term else None


def _last_version(session: Session, client_id: int) -> int:
    versions = session.exec(select(ContractTerm.version).where(ContractTerm.client_id == client_id))
    return max(versions, default=0)


def _bring_contacts(session: Session, entry: ClientEntry, client_id: int) -> list[str]:
    wanted = [(purpose, told.name, told.channel, told.address) for purpose, told in entry.told]
    rows = session.exec(
        select(Contact).where(Contact.client_id == client_id).order_by(col(Contact.position))
    ).all()
    if [(row.purpose, row.name, row.channel, row.address) for row in rows] == wanted:
        return []
    for row in rows:
        session.delete(row)
    for position, (purpose, name, channel, address) in enumerate(wanted):
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
    return ["contacts"]


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

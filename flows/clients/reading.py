"""The clients of the house as they are today: whom we tell, what their contracts ask, what is missing."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy.orm import defer
from sqlmodel import Session, col, func, select

from flows.clients.file import CLIENT_CONTROLLER
from flows.clients.findings import ClientView, Finding, findings
from playbooks.contracts import ContractTermView, default_term
from playbooks.law import BusinessHours
from playbooks.vocabulary import CONTENT
from store.tables import Client, Contact, ContractTerm

# SQLModel types an attribute as its value, where SQLAlchemy wants the column
_WITHOUT_NAME = defer(Client.name)  # type: ignore[arg-type]
_WITHOUT_TERMS = defer(ContractTerm.terms)  # type: ignore[arg-type]


def clients(session: Session) -> list[Client]:
    """Every client by ref."""
    return list(session.exec(select(Client).order_by(col(Client.ref))))


def contacts_of(session: Session, client_id: int, recipient: str) -> list[Contact]:
    """Where a rule's recipient is told for this client: the first choice, then its backups."""
    return list(
        session.exec(
            select(Contact)
            .where(Contact.client_id == client_id, Contact.purpose == recipient)
            .order_by(col(Contact.position))
        )
    )


@dataclass(frozen=True, slots=True)
class Wishes:
    """How a contract wants its client told: which way, with what, agreed by whom; empty where silent."""

    channel: str = ""
    content: tuple[str, ...] = ()
    approvals: int = 1
    counsel_review: bool = False
    acknowledge_hours: float | None = None


def wishes_of(session: Session, client_id: int) -> Wishes:
    """How the contract that holds today wants this client told."""
    holds = col(ContractTerm.superseded_at).is_(None)
    found = session.exec(select(ContractTerm).where(ContractTerm.client_id == client_id, holds)).first()
    if found is None:
        return Wishes()
    terms = found.terms
    return Wishes(
        channel=terms.get("channel", ""),
        content=tuple(CONTENT.get(word, word) for word in terms.get("content", ())),
        approvals=terms.get("approvals", 1),
        counsel_review=terms.get("counsel_review", False),
        acknowledge_hours=terms.get("acknowledge_hours"),
    )


def term_views(session: Session, client_ids: Collection[int]) -> dict[int, ContractTermView]:
    """What each of these clients' contracts asks of us today, or the strictest default where it says nothing.

    A client to whom we are no processor has none. One query, however many clients there are.
    """
    holds = col(ContractTerm.superseded_at).is_(None)
    found = session.exec(
        select(Client, ContractTerm)
        .join(ContractTerm, (col(ContractTerm.client_id) == col(Client.id)) & holds, isouter=True)
        .where(col(Client.id).in_(client_ids), Client.our_role == "processor")
        .options(_WITHOUT_NAME, _WITHOUT_TERMS)
    )
    return {
        client.id: _term_view(client.ref, term) or default_term(client.ref)
        for client, term in found
        if client.id is not None
    }


def client_views(session: Session) -> list[ClientView]:
    """What findings are made of: every client by ref, without names and addresses."""
    counted = (
        select(Contact.client_id, func.count())
        .where(Contact.purpose == CLIENT_CONTROLLER)
        .group_by(col(Contact.client_id))
    )
    contacts = dict(session.exec(counted).all())
    rows = session.exec(select(Client).order_by(col(Client.ref)).options(_WITHOUT_NAME))
    return [
        ClientView(
            client.id,
            client.ref,
            client.own,
            client.our_role,
            tuple(client.jurisdictions),
            tuple(client.status),
            contacts.get(client.id, 0),
        )
        for client in rows
        if client.id is not None
    ]


def house_findings(session: Session) -> tuple[Finding, ...]:
    """What is missing today in the records and contracts of all clients; four queries."""
    views = client_views(session)
    return findings(views, term_views(session, [view.id for view in views]))


def _term_view(ref: str, term: ContractTerm | None) -> ContractTermView | None:
    if term is None or term.hours is None:
        return None
    return ContractTermView(
        ref,
        term.hours,
        term.starts,
        term.citation,
        str(term.version),
        window=BusinessHours.model_validate(term.window) if term.window else None,
    )

"""A client on record as a replay needs it: how the law and its contract see it, without name or address."""

from __future__ import annotations

from typing import Final

from sqlmodel import Session, col, select

from playbooks.exercises.masking import PastClient, PastContract
from playbooks.law import BusinessHours
from store.tables import Client, Contact, ContractTerm

_MOST_TOLD: Final = 20


def past_client(session: Session, client: Client, ref: str) -> PastClient:
    """The client under its new reference, as its record stands today."""
    rows = select(Contact).where(Contact.client_id == client.id).order_by(col(Contact.position))
    return PastClient(
        ref=ref,
        own=client.own,
        our_role="controller" if client.own else client.our_role,
        jurisdictions=tuple(client.jurisdictions),
        status=tuple(client.status),
        place=client.place,
        zone=client.zone,
        contract=_contract(session, client),
        told=tuple((row.purpose, row.channel) for row in session.exec(rows.limit(_MOST_TOLD))),
    )


def _contract(session: Session, client: Client) -> PastContract | None:
    holds = col(ContractTerm.superseded_at).is_(None)
    term = session.exec(select(ContractTerm).where(ContractTerm.client_id == client.id, holds)).first()
    if term is None:
        return None
    window = BusinessHours.model_validate(term.window) if term.window else None
    terms = term.terms
    return PastContract(
        hours=term.hours,
        starts=term.starts,
        days=window.days if window else (),
        opens=window.opens if window else "",
        closes=window.closes if window else "",
        place=window.place if window else "",
        channel=terms.get("channel") or "",
        content=tuple(terms.get("content") or ()),
        approvals=terms.get("approvals") or 1,
        counsel_review=bool(terms.get("counsel_review")),
        acknowledge_hours=terms.get("acknowledge_hours"),
    )

"""The scope proposed from the latest reconstruction and the data map: kept beside it, never asserted."""

from __future__ import annotations

from sqlmodel import Session, select

from flows.datamap.reading import systems_in_force
from flows.deciding import Decision, note
from flows.forensics.reconstructing import reconstructions_of, result_of
from flows.gathering import cases_of
from playbooks.forensics.scope import House, MappedSystem, Proposal, propose
from store.tables import Client, Reconstruction

NOTHING_READ = "no access was reconstructed yet: the scope is unknown"


def propose_from_latest(decision: Decision) -> Proposal | None:
    """Propose a scope, keep it with its reconstruction and say so; None where nothing was reconstructed."""
    rows = reconstructions_of(decision.session, decision.incident_id)
    if not rows:
        note(decision, "scope_proposed", "system", {"findings": [NOTHING_READ]})
        return None
    row = rows[-1]
    proposal = propose(row.number, result_of(row), house_of(decision.session, decision.incident_id))
    row.result = {**row.result, "scope": proposal.model_dump(mode="json")}
    decision.session.add(row)
    note(decision, "scope_proposed", "system", numbers_of(proposal))
    return proposal


def proposal_of(row: Reconstruction) -> Proposal | None:
    """The scope that was proposed from a reconstruction, if one was."""
    kept = row.result.get("scope")
    return Proposal.model_validate(kept) if kept else None


def latest_proposal(session: Session, incident_id: int) -> Proposal | None:
    """The scope that was proposed last."""
    proposals = (proposal_of(row) for row in reversed(reconstructions_of(session, incident_id)))
    return next((one for one in proposals if one is not None), None)


def house_of(session: Session, incident_id: int) -> House:
    """What a proposal is weighed against: the data map, the clients, the incident's cases."""
    clients = {client.id: client.ref for client in session.exec(select(Client))}
    systems = (
        MappedSystem(
            ref=one.ref,
            clients=tuple(one.clients),
            categories=tuple(one.categories),
            jurisdictions=tuple(one.jurisdictions),
            log_source=one.log_source,
        )
        for one in systems_in_force(session)
    )
    return House(
        systems=tuple(systems),
        clients=tuple(clients.values()),
        cases={clients[case.client_id]: case.ref for case in cases_of(session, incident_id)},
    )


def numbers_of(proposal: Proposal) -> dict[str, object]:
    """A proposal in numbers and references."""
    return {
        "reconstruction": f"R{proposal.reconstruction}",
        "confidence": proposal.confidence,
        "records": str(proposal.records) if proposal.records else "unknown",
        "cases": sorted(one.case for one in proposal.clients if one.case),
        "clients_without_case": len(proposal.new_clients),
        "categories": list(proposal.categories),
        "jurisdictions": list(proposal.jurisdictions),
        "findings": list(proposal.findings),
    }

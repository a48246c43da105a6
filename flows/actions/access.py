"""Reconstructing access from the logs, and proposing the scope that follows."""

from __future__ import annotations

from flows.actions.parts import Action, Arguments, Outcome, at_once
from flows.clock import incident_now, wall_now
from flows.deciding import Decision
from flows.forensics.proposing import NOTHING_READ, numbers_of, propose_from_latest
from flows.forensics.reconstructing import outcome_of, reconstruct, write_down
from flows.forensics.searching import answer_of, search_of
from flows.house import House
from playbooks.forensics.result import Result
from store.tables import Incident


def _prepare(house: House, incident_id: int, arguments: Arguments) -> Result:
    """Read every log for what the named step's answer asks."""
    with house.store.reading() as session:
        incident = session.get_one(Incident, incident_id)
        given = answer_of(session, incident_id, str(arguments.get("step", "")))
        search = search_of(session, incident, given, incident_now(session, incident, wall_now()))
    return reconstruct(house.settings.access_log_folders, search)


def _act(decision: Decision, arguments: Arguments, result: Result) -> Outcome:  # noqa: ARG001 - read before
    return outcome_of(write_down(decision, result, "system"), result)


def _propose(decision: Decision, arguments: Arguments) -> Outcome:  # noqa: ARG001 - takes none
    proposal = propose_from_latest(decision)
    return {"findings": [NOTHING_READ]} if proposal is None else numbers_of(proposal)


reconstruct_access = Action(_prepare, _act)
"""Write down who touched which client's records when; the argument `step` names whose answer says whom."""

propose_scope = at_once(_propose)
"""Propose systems, clients, counts and dates; nothing is stated as a fact by it."""

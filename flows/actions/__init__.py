"""Automated steps: named actions a playbook may call, and nothing else."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from flows.actions.access import propose_scope, reconstruct_access
from flows.actions.evidence import snapshot_alert
from flows.actions.hypotheses import propose_hypotheses
from flows.actions.observables import collect_observables
from flows.actions.parts import Action, Outcome, at_once
from flows.actions.telling import post_status
from flows.deciding import Decision
from flows.gathering import find_question, step_of
from flows.house import House
from playbooks.errors import NotFound
from store.tables import Incident, StepRow

ACTIONS: Mapping[str, Action] = {
    "snapshot_alert": at_once(snapshot_alert),
    "collect_observables": collect_observables,
    "reconstruct_access": reconstruct_access,
    "propose_scope": propose_scope,
    "propose_hypotheses": at_once(propose_hypotheses),
    "post_status": at_once(post_status),
}
"""Every action there is, by the name that playbooks use."""


def prepare(house: House, question_ref: str) -> Callable[[Decision], Outcome]:
    """Prepare the action of an automated step; what is returned acts within the deciding transaction."""
    with house.store.reading() as session:
        question = find_question(session, question_ref)
        if question is None:
            raise NotFound("no such question", which=question_ref)
        incident = session.get_one(Incident, question.incident_id)
        step = step_of(incident, session.get_one(StepRow, question.step_row_id))
    assert step.action is not None
    action = ACTIONS[step.action]
    prepared = action.prepare(house, question.incident_id, step.arguments)
    return lambda decision: action.act(decision, step.arguments, prepared)

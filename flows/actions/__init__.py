"""Automated steps: named actions a playbook may call, and nothing else."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from flows.actions.evidence import snapshot_alert
from flows.actions.telling import post_status
from flows.deciding import Decision
from flows.gathering import step_of
from flows.settling.ending import row_of
from playbooks.wording import Argument
from store.tables import Question

Action = Callable[[Decision, Mapping[str, Argument]], Mapping[str, object]]

ACTIONS: Mapping[str, Action] = {"snapshot_alert": snapshot_alert, "post_status": post_status}
"""Every action there is, by the name that playbooks use."""


def act(decision: Decision, question: Question) -> Mapping[str, object]:
    """Run the action of an automated step within the deciding transaction; returns what it did."""
    step = step_of(decision.incident, row_of(decision, question))
    assert step.action is not None
    return ACTIONS[step.action](decision, step.arguments)

"""Who carries out a step and who is told by it, as CACAO's agents and targets; never a person by name."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from playbooks.cacao.ids import typed_id
from playbooks.cacao.vocabulary import RECIPIENTS, ROLES
from playbooks.models import Step
from playbooks.wording import Role

TOOL: Final = typed_id("security-category", "seventytwo")
_TOOL: Final[dict[str, Any]] = {
    "type": "security-category",
    "name": "Seventytwo",
    "description": "The orchestrator carries this out by itself.",
    "category": ["orchestrator"],
}


def role_id(role: Role) -> str:
    """Return the agent that a role is."""
    return typed_id("group", "role", role)


def agent_of(step: Step) -> str:
    """Return who carries out a step."""
    return TOOL if step.kind == "automated" else role_id(step.role)


def target_of(step: Step) -> str | None:
    """Return whom a notice goes to, None for any other step."""
    return None if step.recipient is None else typed_id("organization", "recipient", step.recipient)


def agents_of(steps: Iterable[Step]) -> dict[str, Any]:
    """Return the definition of every agent these steps name."""
    return {agent_of(step): _TOOL if step.kind == "automated" else _group(step.role) for step in steps}


def targets_of(steps: Iterable[Step]) -> dict[str, Any]:
    """Return the definition of every target these steps name."""
    return {
        target: {"type": "organization", "name": RECIPIENTS.get(step.recipient, step.recipient)}
        for step in steps
        if (target := target_of(step)) is not None and step.recipient is not None
    }


def _group(role: Role) -> dict[str, Any]:
    return {"type": "group", "name": ROLES[role], "description": f"The role `{role}` of Seventytwo."}

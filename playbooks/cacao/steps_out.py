"""One step of ours as CACAO's action: words for a human, and our extension for what has no words there."""

from __future__ import annotations

from typing import Any, Final

from playbooks.cacao.agents import agent_of, target_of
from playbooks.cacao.command_text import command_text
from playbooks.cacao.ids import EXTENSION, typed_id
from playbooks.cacao.vocabulary import ACTIVITIES, variable_of
from playbooks.facts import DICTIONARY
from playbooks.models import Field, Playbook, Step

STEP_REFERENCE: Final = "Step of a Seventytwo playbook"


def action_id(plan: Playbook, step_id: str) -> str:
    """Return the identifier of the action that a step becomes."""
    return typed_id("action", plan.id, plan.version, step_id)


def action_of(plan: Playbook, step: Step) -> dict[str, Any]:
    """Return the action that a step becomes, still without what follows it."""
    command = {
        "type": "manual",
        "command": command_text(step),
        "playbook_activity": ACTIVITIES[plan.phase_of(step.id)][0],
    }
    action: dict[str, Any] = {
        "type": "action",
        "name": step.title,
        "description": step.instructions,
        "external_references": [{"name": STEP_REFERENCE, "external_id": step.id}],
        "commands": [command],
        "agent": agent_of(step),
    }
    if (target := target_of(step)) is not None:
        action["targets"] = [target]
    if asked := [variable_of(field.fact) for field in step.fields if field.fact is not None]:
        action["out_args"] = asked
    action["step_extensions"] = {EXTENSION: {"step": step_data(step)}}
    return action


def step_data(step: Step) -> dict[str, Any]:
    """Return a step as our own files write it, without what is left at its default."""
    data = step.model_dump(mode="json", exclude_defaults=True)
    if step.fields:
        data["fields"] = [_field_data(field) for field in step.fields]
    return data


def _field_data(field: Field) -> dict[str, Any]:
    """A field without the words that the dictionary of facts gives it anyway."""
    data = field.model_dump(mode="json", exclude_defaults=True)
    if field.choices:
        data["choices"] = {choice.value: choice.label for choice in field.choices}
    spec = DICTIONARY.get(field.fact or "")
    if spec is None:
        return data
    words = {"label": (field.label, spec.label), "help": (field.help, spec.help)}
    own = {key: said for key, (said, usual) in words.items() if said != usual}
    return {**{key: value for key, value in data.items() if key not in words}, **own}

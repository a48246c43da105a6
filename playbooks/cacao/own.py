"""A document of our own: read from our extension alone, and only when nobody has changed the rest."""

from __future__ import annotations

from typing import Any

from playbooks.cacao.exporting import exported
from playbooks.cacao.ids import EXTENSION
from playbooks.cacao.report import Report, pointer
from playbooks.cacao.steps_in import own_id
from playbooks.cacao.yaml_out import yaml_text
from playbooks.errors import FileFaults
from playbooks.includes import Shelf
from playbooks.library import read_playbook
from playbooks.models import Playbook

_PLACE = "/playbook_extensions/" + EXTENSION


def restored(document: dict[str, Any], slug: str, shelf: Shelf | None, report: Report) -> str | None:
    """Return the playbook's file as our extension tells it; None, and the reason noted, when it cannot count.

    With a `slug` the playbook gets that id. What a person reads in the document and what the extension says
    must be the same: the playbook that it tells is exported again, and both documents are compared.
    """
    said = document.get("playbook_extensions", {}).get(EXTENSION)
    if said is None:
        return None
    data = _data(said, document["workflow"])
    text = "" if data is None else yaml_text(data)
    try:
        plan = read_playbook(text, "the extension", shelf)
    except FileFaults:
        report.refused(_PLACE, "it tells no sound playbook; the document is read without it")
        return None
    if exported(plan) != document:
        report.refused(_PLACE, "it tells another playbook than the document; the document is read without it")
        return None
    return yaml_text({**data, "id": slug}) if data and slug else text


def tell_what_runs(workflow: dict[str, Any], plan: Playbook, report: Report) -> None:
    """Note each step that nobody will be asked about: an action of ours, which the extension alone names."""
    actions = {step.id: step.action for step in plan.steps if step.action is not None}
    for name, step in workflow.items():
        if (action := actions.get(own_id(step))) is not None:
            report.kept(pointer("workflow", name), f"an automated step: runs our action `{action}` by itself")


def _data(said: Any, workflow: dict[str, Any]) -> dict[str, Any] | None:
    if not isinstance(said, dict) or not isinstance(said.get("playbook"), dict):
        return None
    steps: dict[str, Any] = {}
    for step in workflow.values():
        own = step.get("step_extensions", {}).get(EXTENSION)
        one = own.get("step") if isinstance(own, dict) else None
        if isinstance(one, dict) and isinstance(one.get("id"), str):
            steps[one["id"]] = one
    phases = said.get("phases")
    if not isinstance(phases, list) or not all(_is_phase(phase) for phase in phases):
        return None
    if any(name not in steps for phase in phases for name in phase["steps"]):
        return None
    told = [{"id": phase["id"], "steps": [steps[name] for name in phase["steps"]]} for phase in phases]
    return {"schema_version": 1, **said["playbook"], "phases": told}


def _is_phase(phase: Any) -> bool:
    if not isinstance(phase, dict) or not isinstance(phase.get("steps"), list):
        return False
    return isinstance(phase.get("id"), str) and all(isinstance(name, str) for name in phase["steps"])

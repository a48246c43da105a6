"""A playbook of ours as one CACAO 2.0 document; the same playbook gives the same bytes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date, time
from typing import Any, Final

from playbooks.cacao.agents import agents_of, targets_of
from playbooks.cacao.conditions_out import condition_variables
from playbooks.cacao.ids import EXTENSION, IDENTITY, playbook_id
from playbooks.cacao.vocabulary import (
    ACTIVITIES,
    TLP_AUTHOR,
    TLP_LEVELS,
    TYPES,
    fact_variable,
    variable_of,
)
from playbooks.cacao.workflow_out import workflow_of
from playbooks.facts import fact_spec
from playbooks.models import Playbook

_EPOCH: Final = date(2020, 1, 1)
"""The day given as that of creation when a playbook says no `valid_from`."""
_EXTENSION: Final[dict[str, Any]] = {
    "type": "extension-definition",
    "name": "Seventytwo playbook",
    "description": "What a Seventytwo playbook says and CACAO 2.0 has no words for.",
    "created_by": IDENTITY,
    "schema": "In playbook_extensions: `playbook`, the keys of a Seventytwo playbook of schema version 1"
    " without its phases, and `phases`, the names of its phases in order, each with the ids of its steps"
    " in order. In step_extensions: `step`, the keys of one step. Keys left out stand at their defaults.",
    "version": "1",
}


def exported(plan: Playbook) -> dict[str, Any]:
    """Return the CACAO 2.0 document of a playbook; nothing in it can be executed."""
    start, workflow = workflow_of(plan)
    parts = {
        "playbook_variables": dict(sorted(_variables(plan))),
        "workflow_start": start,
        "workflow": workflow,
        "playbook_extensions": {EXTENSION: _whole(plan)},
        "agent_definitions": agents_of(plan.steps),
        "target_definitions": targets_of(plan.steps),
        "extension_definitions": {EXTENSION: _EXTENSION},
        "data_marking_definitions": _marking(plan),
    }
    return {**_head(plan, workflow), **{name: part for name, part in parts.items() if part}}


def _head(plan: Playbook, workflow: dict[str, Any]) -> dict[str, Any]:
    created = _instant(plan.valid_from or _EPOCH)
    return {
        "type": "playbook",
        "spec_version": "cacao-2.0",
        "id": playbook_id(plan),
        "name": plan.title,
        "description": plan.summary or plan.title,
        "playbook_types": list(dict.fromkeys(TYPES[p.id] for p in plan.phases if p.id in TYPES)),
        "playbook_activities": [ACTIVITIES[phase.id][0] for phase in plan.phases],
        "playbook_processing_summary": _summary(workflow),
        "created_by": IDENTITY,
        "created": created,
        "modified": created,
        "revoked": plan.revoked is not None,
        **_validity(plan),
        "labels": list(dict.fromkeys((plan.kind, *plan.regimes))),
        **_sources(plan),
        "markings": [TLP_LEVELS[plan.tlp][1]],
    }


def written(document: dict[str, Any]) -> str:
    """Return a document as the text of its file."""
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _whole(plan: Playbook) -> dict[str, Any]:
    said = plan.model_dump(mode="json", exclude_defaults=True, exclude={"phases"})
    phases = [{"id": phase.id, "steps": [step.id for step in phase.steps]} for phase in plan.phases]
    return {"playbook": said, "phases": phases}


def _variables(plan: Playbook) -> Iterator[tuple[str, dict[str, Any]]]:
    for step in plan.steps:
        conditions = (step.when, step.repeat.until if step.repeat else None)
        for condition in filter(None, conditions):
            yield from condition_variables(condition).items()
        for field in step.fields:
            if field.fact is not None:
                yield variable_of(field.fact), fact_variable(fact_spec(field.fact))


def _summary(workflow: dict[str, Any]) -> dict[str, bool]:
    kinds = {step["type"] for step in workflow.values()}
    return {
        "manual_playbook": True,
        "external_playbooks": False,
        "parallel_processing": "parallel" in kinds,
        "if_logic": "if-condition" in kinds,
        "while_logic": "while-condition" in kinds,
        "switch_logic": False,
        "temporal_logic": False,
        "data_markings": True,
        "digital_signatures": False,
        "countersigned_signatures": False,
        "extensions": True,
    }


def _validity(plan: Playbook) -> dict[str, str]:
    said = {"valid_from": plan.valid_from, "valid_until": plan.valid_until}
    ends = {"valid_from": time(), "valid_until": time(23, 59, 59)}
    return {key: _instant(day, ends[key]) for key, day in said.items() if day is not None}


def _sources(plan: Playbook) -> dict[str, Any]:
    found = [
        {"name": source.name, "description": source.locator, **({"url": source.link} if source.link else {})}
        for source in plan.sources
    ]
    return {"external_references": found} if found else {}


def _marking(plan: Playbook) -> dict[str, Any]:
    level, marking = TLP_LEVELS[plan.tlp]
    author, created = TLP_AUTHOR
    said = {"type": "marking-tlp", "id": marking, "created_by": author, "created": created}
    return {marking: {**said, "tlpv2_level": level}}


def _instant(day: date, at: time = time()) -> str:
    return f"{day.isoformat()}T{at.isoformat()}Z"

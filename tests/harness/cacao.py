"""CACAO documents for the tests: small ones to begin from, and what must hold in every document we write."""

from __future__ import annotations

import copy
import json
import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from jsonschema import Draft7Validator
from referencing import Registry, Resource

from playbooks.cacao.ids import IDENTIFIER
from playbooks.cacao.importing import Imported, imported
from playbooks.cacao.report import Gap
from playbooks.models import Playbook

SHARED = Path(os.environ.get("SEVENTYTWO_SHARED", "/nowhere"), "data", "cacao")


def identifier(kind: str, number: int = 1) -> str:
    """An identifier of that type."""
    return f"{kind}--00000000-0000-4000-8000-{number:012d}"


def action(name: str, then: str | None = None, **more: Any) -> dict[str, Any]:
    """An action that says only what to do, and what follows."""
    said: dict[str, Any] = {
        "type": "action",
        "name": name,
        "commands": [{"type": "manual", "command": "Do it."}],
    }
    return {**said, "agent": identifier("group"), **({"on_completion": then} if then else {}), **more}


def document(workflow: Mapping[str, Any], start: str, **more: Any) -> dict[str, Any]:
    """A document of that workflow."""
    return {
        "type": "playbook",
        "spec_version": "cacao-2.0",
        "id": identifier("playbook"),
        "name": "A plan",
        "created_by": identifier("identity"),
        "created": "2024-01-01T00:00:00Z",
        "modified": "2024-01-02T00:00:00Z",
        "workflow_start": start,
        "workflow": dict(workflow),
        **more,
    }


def chain(*names: str, **more: Any) -> dict[str, Any]:
    """A document of actions one after the other."""
    ids = [identifier("action", at) for at in range(1, len(names) + 1)]
    follows = (*ids[1:], identifier("end"))
    workflow: dict[str, Any] = {
        one: action(name, then) for one, name, then in zip(ids, names, follows, strict=True)
    }
    return document({**workflow, identifier("end"): {"type": "end"}}, ids[0], **more)


def as_bytes(given: Mapping[str, Any]) -> bytes:
    """The document as its file."""
    return json.dumps(given).encode()


def taken(given: Mapping[str, Any], **how: Any) -> Imported:
    """What came of a document that must be taken."""
    found = imported(as_bytes(given), **how)
    assert found.playbook is not None, found.report.wrong
    return found


def plan_of(given: Mapping[str, Any]) -> Playbook:
    """The playbook that came of a document."""
    playbook = taken(given).playbook
    assert playbook is not None
    return playbook


def gap_at(found: Imported, ending: str) -> Gap:
    """What the report says of the first part whose pointer ends so."""
    return next(one for one in found.report.gaps if one.pointer.endswith(ending))


def stripped(given: Mapping[str, Any]) -> dict[str, Any]:
    """The document without our extension, as another tool may hand it back."""
    bare = copy.deepcopy(dict(given))
    del bare["playbook_extensions"], bare["extension_definitions"]
    for step in bare["workflow"].values():
        step.pop("step_extensions", None)
    return bare


def structural_faults(given: Mapping[str, Any]) -> tuple[str, ...]:
    """Everything that CACAO 2.0 says of a document and a schema of single parts cannot check."""
    workflow = given["workflow"]
    return (*_identifiers(given), *_references(given), *_starts(given), *_endless(workflow), *_ends(workflow))


def schema_faults(given: Mapping[str, Any]) -> tuple[str, ...]:
    """Everything for which the published schemas refuse a document."""
    registry: Registry[Any] = Registry()
    for file in (SHARED / "schemas").rglob("*.json"):
        schema = json.loads(file.read_text())
        registry = registry.with_resource(schema["$id"], Resource.from_contents(schema))
    playbook = json.loads((SHARED / "schemas" / "playbook.json").read_text())
    found = Draft7Validator(playbook, registry=registry).iter_errors(given)
    return tuple(f"{error.json_path}: {error.message[:200]}" for error in found)


def _identifiers(given: Mapping[str, Any]) -> Iterator[str]:
    for step_id, step in given["workflow"].items():
        if not IDENTIFIER.fullmatch(step_id) or not step_id.startswith(f"{step['type']}--"):
            yield f"{step_id} is no identifier of a {step['type']}"
    for of in (
        "agent_definitions",
        "target_definitions",
        "data_marking_definitions",
        "extension_definitions",
    ):
        for one, definition in given.get(of, {}).items():
            if not IDENTIFIER.fullmatch(one) or not one.startswith(f"{definition['type']}--"):
                yield f"{one} is no identifier of a {definition['type']}"


def _references(given: Mapping[str, Any]) -> Iterator[str]:
    agents = {**given.get("agent_definitions", {}), **given.get("target_definitions", {})}
    extensions = given.get("extension_definitions", {})
    for step_id, step in given["workflow"].items():
        named = (*([step["agent"]] if "agent" in step else ()), *step.get("targets", ()))
        yield from _unknown(step_id, _followers(step), given["workflow"])
        yield from _unknown(step_id, named, agents)
        yield from _unknown(step_id, step.get("step_extensions", {}), extensions)
        words = step.get("condition", "").replace(":value", " ").replace("(", " ").split()
        read = (*step.get("out_args", ()), *(word for word in words if word.startswith("__")))
        yield from _unknown(step_id, read, given.get("playbook_variables", {}))
    yield from _unknown("the playbook", given.get("markings", ()), given.get("data_marking_definitions", {}))
    yield from _unknown("the playbook", given.get("playbook_extensions", {}), extensions)


def _unknown(who: str, named: Iterable[str], known: Mapping[str, Any]) -> Iterator[str]:
    yield from (f"{who} names {one}" for one in named if one not in known)


def _starts(given: Mapping[str, Any]) -> Iterator[str]:
    starts = [step_id for step_id, step in given["workflow"].items() if step["type"] == "start"]
    if starts != [given["workflow_start"]]:
        yield f"starts: {starts}"


def _endless(workflow: Mapping[str, Any]) -> Iterator[str]:
    """Each step must lead to an end, and be led to from the start."""
    reaching = {step_id for step_id, step in workflow.items() if step["type"] == "end"}
    while more := {
        s for s in workflow if s not in reaching and reaching.intersection(_followers(workflow[s]))
    }:
        reaching |= more
    yield from (f"{step_id} never reaches an end" for step_id in workflow if step_id not in reaching)
    led_to = {target for step in workflow.values() for target in _followers(step)}
    for step_id, step in workflow.items():
        if step_id not in led_to and step["type"] != "start":
            yield f"nothing leads to {step_id}"


def _ends(workflow: Mapping[str, Any]) -> Iterator[str]:
    """Each end closes one branch: CACAO wants a unique end for every branch."""
    into = [target for step in workflow.values() for target in _followers(step)]
    for step_id, step in workflow.items():
        if step["type"] == "end" and into.count(step_id) != 1:
            yield f"{into.count(step_id)} ways lead to {step_id}"
        if step["type"] != "end" and "on_completion" not in step:
            yield f"{step_id} says not what follows"


def _followers(step: Mapping[str, Any]) -> tuple[str, ...]:
    named = [step[name] for name in ("on_completion", "on_true", "on_false") if name in step]
    return (*named, *step.get("next_steps", ()))

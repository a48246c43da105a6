"""A foreign document read with suspicion: bounds first, then JSON, then its shape, every fault by pointer."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any, Final

from playbooks.cacao.report import Report, pointer

LARGEST: Final = 1_000_000
"""Bytes of one document."""
MOST_PARTS: Final = 50_000
MOST_STEPS: Final = 600
"""Workflow steps of one document, starts, ends and conditions included."""
_DEEPEST: Final = 30
_NOTED: Final = 50

_TEXT, _TEXTS, _WHOLE, _YES_NO, _KEYS = (
    "a text",
    "a list of texts",
    "a whole number",
    "true or false",
    "an object",
)
_PLAYBOOK: Final = {
    **dict.fromkeys(("type", "spec_version", "id", "name", "description", "created_by", "created"), _TEXT),
    **dict.fromkeys(("modified", "valid_from", "valid_until", "workflow_start", "workflow_exception"), _TEXT),
    **dict.fromkeys(
        ("playbook_types", "playbook_activities", "labels", "markings", "industry_sectors"), _TEXTS
    ),
    **dict.fromkeys(("derived_from", "related_to"), _TEXTS),
    **dict.fromkeys(("priority", "severity", "impact"), _WHOLE),
    **dict.fromkeys(("workflow", "playbook_variables", "agent_definitions", "target_definitions"), _KEYS),
    **dict.fromkeys(("extension_definitions", "data_marking_definitions", "playbook_extensions"), _KEYS),
    **dict.fromkeys(("authentication_info_definitions", "playbook_processing_summary"), _KEYS),
    "revoked": _YES_NO,
    "external_references": "a list of objects",
    "signatures": "a list of objects",
}
_STEP: Final = {
    **dict.fromkeys(("type", "name", "description", "condition", "switch", "agent", "playbook_id"), _TEXT),
    **dict.fromkeys(("on_completion", "on_success", "on_failure", "on_true", "on_false", "owner"), _TEXT),
    **dict.fromkeys(("next_steps", "targets", "in_args", "out_args"), _TEXTS),
    **dict.fromkeys(("delay", "timeout"), _WHOLE),
    **dict.fromkeys(("cases", "step_variables", "step_extensions"), _KEYS),
    "commands": "a list of objects",
    "external_references": "a list of objects",
}
_COMMAND: Final = dict.fromkeys(
    ("type", "command", "command_b64", "content", "content_b64", "description", "playbook_activity"), _TEXT
)
_VARIABLE: Final = {"type": _TEXT, "description": _TEXT}


class _Object(dict[str, Any]):
    """An object of the document, with the keys that it gives twice."""

    twice: tuple[str, ...] = ()


def read_json(raw: bytes, report: Report) -> dict[str, Any] | None:
    """Return the document's object; None, with the faults noted, when it is no JSON within bounds."""
    if len(raw) > LARGEST:
        report.fault("", f"larger than {LARGEST:,} bytes", "give one playbook")
        return None
    try:
        found = json.loads(raw, object_pairs_hook=_object, parse_constant=_no_number)
    except RecursionError:
        report.fault("", f"nested deeper than {_DEEPEST} levels", "give a CACAO playbook")
        return None
    except (ValueError, UnicodeDecodeError) as error:
        report.fault("", f"not JSON: {error}"[:200], "give a CACAO playbook as JSON in UTF-8")
        return None
    for count, fault in enumerate(_bounds(found)):
        report.fault(*fault)
        if count >= _NOTED:
            break
    if not report.wrong and not isinstance(found, dict):
        report.fault("", "not an object", "give a CACAO playbook")
    return None if report.wrong else json.loads(raw)


def check_shape(document: dict[str, Any], report: Report) -> None:
    """Note every part that is not of the type CACAO 2.0 gives it."""
    if document.get("type") != "playbook":
        report.fault("/type", "not a playbook", 'write "playbook"')
    if document.get("spec_version") != "cacao-2.0":
        report.fault("/spec_version", "not CACAO 2.0", "give a playbook of cacao-2.0")
    for name in ("id", "name", "workflow_start", "workflow"):
        if name not in document:
            report.fault(f"/{name}", "missing", "add it")
    for fault in _mistyped(document, _PLAYBOOK, ()):
        report.fault(*fault)
    for name, definition in _items(document.get("playbook_variables")):
        _check_object(definition, _VARIABLE, ("playbook_variables", name), report)
    for step_id, step in _items(document.get("workflow")):
        _check_step(step, ("workflow", step_id), report)
    if len(_items(document.get("workflow"))) > MOST_STEPS:
        report.fault("/workflow", f"more than {MOST_STEPS} steps", "split the playbook")
    elif not _items(document.get("workflow")):
        report.fault("/workflow", "no steps", "give a workflow")


def _check_step(step: Any, path: tuple[str | int, ...], report: Report) -> None:
    if not _check_object(step, _STEP, path, report):
        return
    commands = step.get("commands")
    for at, command in enumerate(commands if isinstance(commands, list) else ()):
        if isinstance(command, dict):
            _check_object(command, _COMMAND, (*path, "commands", at), report)
    for case, target in _items(step.get("cases")):
        if not isinstance(target, str):
            report.fault(pointer(*path, "cases", case), "not a text", "name a step")
    for name, definition in _items(step.get("step_variables")):
        _check_object(definition, _VARIABLE, (*path, "step_variables", name), report)


def _check_object(given: Any, types: dict[str, str], path: tuple[str | int, ...], report: Report) -> bool:
    if not isinstance(given, dict):
        report.fault(pointer(*path), "not an object", "write keys with their values")
        return False
    for fault in _mistyped(given, types, path):
        report.fault(*fault)
    return True


def _mistyped(
    given: dict[str, Any], types: dict[str, str], path: tuple[str | int, ...]
) -> Iterator[tuple[str, str, str]]:
    for name, value in given.items():
        wanted = types.get(name)
        if wanted is not None and not _is(value, wanted):
            yield pointer(*path, name), f"not {wanted}", f"write {wanted}, or leave it out"


def _is(value: Any, wanted: str) -> bool:
    match wanted:
        case "a text":
            return isinstance(value, str)
        case "a list of texts":
            return isinstance(value, list) and all(isinstance(part, str) for part in value)
        case "a list of objects":
            return isinstance(value, list) and all(isinstance(part, dict) for part in value)
        case "a whole number":
            return isinstance(value, int) and not isinstance(value, bool)
        case "true or false":
            return isinstance(value, bool)
        case _:
            return isinstance(value, dict)


def _items(value: Any) -> list[tuple[str, Any]]:
    return list(value.items()) if isinstance(value, dict) else []


def _object(pairs: list[tuple[str, Any]]) -> _Object:
    found = _Object(pairs)
    if len(found) < len(pairs):
        often = Counter(name for name, _ in pairs)
        found.twice = tuple(name for name, count in often.items() if count > 1)
    return found


def _no_number(word: str) -> Any:
    raise ValueError(f"{word} is no JSON number")


def _bounds(document: Any) -> Iterator[tuple[str, str, str]]:
    """Walk all parts without recursion and name what goes beyond the bounds, or stands there twice."""
    waiting: list[tuple[tuple[str | int, ...], Any]] = [((), document)]
    count = 0
    while waiting:
        path, part = waiting.pop()
        count += 1
        if count > MOST_PARTS:
            yield "", f"more than {MOST_PARTS:,} parts", "split the playbook"
            return
        if len(path) > _DEEPEST:
            yield pointer(*path), f"nested deeper than {_DEEPEST} levels", "flatten it"
            return
        if isinstance(part, _Object):
            yield from (
                (pointer(*path, name), "stands here twice", "keep one of them") for name in part.twice
            )
            waiting += [((*path, name), value) for name, value in part.items()]
        elif isinstance(part, list):
            waiting += [((*path, at), value) for at, value in enumerate(part)]

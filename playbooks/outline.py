"""What can be wrong between the steps of a playbook: names that lead nowhere, circles, waits that never end.

It reads the file's raw data and takes whatever shape it finds, so that these faults are listed together with
those of shape, in one go.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from graphlib import CycleError, TopologicalSorter
from typing import Any

from playbooks.conditions import compile_condition
from playbooks.documents import Document, Path
from playbooks.errors import Fault
from playbooks.models import TRUNK, Playbook
from playbooks.order import all_before, prerequisites, waits_for


@dataclass(frozen=True, slots=True)
class _Line:
    """A step as far as its order is concerned, and where it stands."""

    id: str
    phase: str
    after: tuple[str, ...]
    optional: bool
    path: Path
    reads: str | None = None


def outline_faults(document: Document) -> tuple[Fault, ...]:
    """Return every fault in how the phases and steps of a file hang together."""
    lines = tuple(_lines(document.data))
    faults = [*_phases(document), *_twice(lines, document), *_names(lines, document)]
    faults += _unread_answers(lines, document)
    return tuple(faults) if faults else tuple(_circles(lines, document))


def endless_waits(plan: Playbook, document: Document) -> tuple[Fault, ...]:
    """Return a fault for each step that would wait for a fact which nobody is asked for before it."""
    waits = prerequisites(plan)
    before = {step.id: all_before(waits, step.id) for step in plan.steps}
    behind = {
        step.id: {other.id for other in plan.steps if step.id in before[other.id]} for step in plan.steps
    }
    paths = {line.id: line.path for line in _lines(document.data)}
    faults: list[Fault] = []
    for step in plan.steps:
        if step.when is None or plan.if_unknown(step.id) == "open":
            continue
        too_late = behind[step.id] | {step.id}
        asked = {field.fact for other in plan.steps if other.id not in too_late for field in other.fields}
        faults += (
            document.fault(
                (*paths[step.id], "when"),
                f"`{step.id}` waits for `{name}`, and no step asks for it in time",
                "add the fact to an earlier step's fields, or say `if_unknown: open`",
            )
            for name in sorted(compile_condition(step.when).names - asked)
        )
    return tuple(faults)


def _lines(data: Any) -> Iterator[_Line]:
    for at, phase in enumerate(_parts(data, "phases")):
        for number, step in enumerate(_parts(phase, "steps")):
            if isinstance(step, dict) and isinstance(step.get("id"), str):
                after = tuple(str(name) for name in _parts(step, "after"))
                path = ("phases", at, "steps", number)
                is_optional = step.get("optional") is True
                yield _Line(step["id"], str(phase.get("id")), after, is_optional, path, _reads(step))


def _reads(step: dict[str, Any]) -> str | None:
    """The step whose answer an action reads, where it names one."""
    arguments = step.get("arguments")
    name = arguments.get("step") if isinstance(arguments, dict) else None
    return name if isinstance(name, str) else None


def _parts(data: Any, key: str) -> list[Any]:
    parts = data.get(key) if isinstance(data, dict) else None
    return parts if isinstance(parts, list) else []


def _phases(document: Document) -> Iterator[Fault]:
    seen: list[str] = []
    for at, phase in enumerate(_parts(document.data, "phases")):
        name = phase.get("id") if isinstance(phase, dict) else None
        if not isinstance(name, str):
            continue
        path = ("phases", at, "id")
        trunk = [other for other in seen if other in TRUNK]
        if name in seen:
            yield document.fault(path, f"phase `{name}` stands here twice", "put its steps into one phase")
        elif name in TRUNK and trunk and TRUNK.index(name) < TRUNK.index(trunk[-1]):
            yield document.fault(
                path, f"phase `{name}` comes after `{trunk[-1]}`", f"keep the order: {', '.join(TRUNK)}"
            )
        seen.append(name)


def _twice(lines: tuple[_Line, ...], document: Document) -> Iterator[Fault]:
    seen: dict[str, int] = {}
    for line in lines:
        here = document.line_of((*line.path, "id"))
        if line.id in seen:
            what = f"step `{line.id}` stands here twice, first on line {seen[line.id]}"
            yield document.fault((*line.path, "id"), what, "give each step its own id")
        seen.setdefault(line.id, here)


def _names(lines: tuple[_Line, ...], document: Document) -> Iterator[Fault]:
    phase_of = {line.id: line.phase for line in lines}
    optional = {line.id for line in lines if line.optional}
    for line in lines:
        for number, name in enumerate(line.after):
            path = (*line.path, "after", number)
            if name not in phase_of:
                near = get_close_matches(name, phase_of, n=1)
                mend = f"did you mean `{near[0]}`?" if near else "name a step of this playbook"
                yield document.fault(path, f"no step is called `{name[:60]}`", mend)
            elif name in optional:
                what = f"`{line.id}` waits for `{name}`, which is optional"
                yield document.fault(path, what, "nothing waits for an optional step")
            elif line.phase != "notify" and phase_of[name] == "notify":
                yield document.fault(
                    path,
                    f"`{line.id}` waits for `{name}` of notify",
                    "nothing but closing waits for a notice",
                )
            elif line.phase == "notify" and phase_of[name] not in ("detect", "triage", "notify"):
                mend = "a notice waits for detect, triage and notify only"
                yield document.fault(path, f"`{line.id}` waits for `{name}` of {phase_of[name]}", mend)


def _unread_answers(lines: tuple[_Line, ...], document: Document) -> Iterator[Fault]:
    """A fault for each action that reads the answer of a step which the playbook does not have."""
    ids = {line.id for line in lines}
    for line in lines:
        if line.reads is not None and line.reads not in ids:
            what = f"`{line.id}` reads the answer of `{line.reads[:60]}`, and no step is called so"
            near = get_close_matches(line.reads, ids, n=1)
            mend = f"did you mean `{near[0]}`?" if near else "name a step of this playbook"
            yield document.fault((*line.path, "arguments", "step"), what, mend)


def _circles(lines: tuple[_Line, ...], document: Document) -> Iterator[Fault]:
    phases = dict.fromkeys(line.phase for line in lines)
    outline = [
        (name, [(line.id, line.after, line.optional) for line in lines if line.phase == name])
        for name in phases
    ]
    try:
        TopologicalSorter(waits_for(outline)).prepare()
    except CycleError as error:
        circle: list[str] = error.args[1]
        path = next(line.path for line in lines if line.id == circle[0])
        shown = " -> ".join(circle[:8]) + (" -> ..." if len(circle) > 8 else "")
        yield document.fault((*path, "after"), f"steps wait for each other: {shown}", "take one `after` away")

"""A foreign workflow as a graph: which step follows which, under what, and what is wrong with that.

A branch returns to the step that opened it: where a parallel, a condition or a loop says what follows it,
each end within its branches leads there.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from graphlib import CycleError, TopologicalSorter
from typing import Any, Final

from playbooks.cacao.report import Report, pointer

PLAIN: Final = ("start", "end", "action", "playbook-action")
BRANCHING: Final = ("parallel", "if-condition", "while-condition", "switch-condition")
REAL: Final = ("action", "playbook-action")
"""What becomes a step of ours whatever the conditions are."""
_JOIN: Final = "join of "
_NEEDED: Final[Mapping[str, tuple[str, ...]]] = {
    "if-condition": ("condition", "on_true"),
    "while-condition": ("condition", "on_true"),
    "switch-condition": ("switch", "cases"),
    "parallel": ("next_steps",),
}
MOST_WAYS: Final = 100_000
"""How many ways between steps are followed or led back; beyond them a document is not looked at further."""
_STEP_ID: Final = re.compile(r"[A-Za-z0-9_.-]{1,150}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Guard:
    """Under what a step comes about: the answer of a condition, or `failed` of a step."""

    step: str
    answer: str


@dataclass(frozen=True, slots=True)
class Edge:
    """What follows a step, and under what."""

    source: str
    target: str
    guard: Guard | None = None


@dataclass
class Flow:
    """The graph, its nodes in an order in which each stands behind all that lead to it."""

    order: tuple[str, ...] = ()
    into: dict[str, list[Edge]] = field(default_factory=dict)
    bodies: dict[str, frozenset[str]] = field(default_factory=dict)
    """The steps within each loop."""


def flow_of(document: Mapping[str, Any], report: Report) -> Flow:
    """Return the graph of a document of the right shape; faults and what is left out are noted."""
    workflow = document["workflow"]
    _check_references(document, workflow, report)
    if report.wrong:
        return Flow()
    builder = _Builder(workflow)
    try:
        edges, bodies = builder.edges(), builder.bodies
    except _TangledError:
        report.fault("/workflow", f"more than {MOST_WAYS:,} ways between its steps", "split the playbook")
        return Flow()
    exception = document.get("workflow_exception", "")
    start = document["workflow_start"]
    if exception in workflow and workflow[exception]["type"] != "end":
        edges.append(Edge(start, exception, Guard(start, "failed")))
    return _sorted(edges, start, workflow, bodies, report)


def successors(step: Mapping[str, Any]) -> Iterator[tuple[tuple[str | int, ...], str, str]]:
    """Return what a step leads to: where that stands in it, the target, and the answer that leads there."""
    for name in ("on_completion", "on_success"):
        if name in step:
            yield (name,), step[name], ""
    if "on_failure" in step and step["on_failure"] not in (step.get("on_success"), step.get("on_completion")):
        yield ("on_failure",), step["on_failure"], "failed"
    yield from branches(step)


def branches(step: Mapping[str, Any]) -> Iterator[tuple[tuple[str | int, ...], str, str]]:
    """Return the branches that a step opens: where each stands in it, its first step, and its answer."""
    match step["type"]:
        case "parallel":
            for at, target in enumerate(step.get("next_steps", ())):
                yield ("next_steps", at), target, ""
        case "if-condition":
            for name, answer in (("on_true", "yes"), ("on_false", "no")):
                if name in step:
                    yield (name,), step[name], answer
        case "while-condition":
            if "on_true" in step:
                yield ("on_true",), step["on_true"], "again"
        case "switch-condition":
            for case, target in step.get("cases", {}).items():
                yield ("cases", case), target, f"case {case}"


def _check_references(document: Mapping[str, Any], workflow: Mapping[str, Any], report: Report) -> None:
    if document["workflow_start"] not in workflow:
        report.fault("/workflow_start", "names no step of the workflow", "name the step that comes first")
    starts = [step_id for step_id, step in workflow.items() if step.get("type") == "start"]
    for step_id in starts[1:]:
        report.fault(pointer("workflow", step_id), "a second start", "keep one start")
    for step_id, step in workflow.items():
        if not _STEP_ID.fullmatch(step_id):
            report.fault(pointer("workflow", step_id), "no identifier", "write type--uuid")
        if step.get("type") not in (*PLAIN, *BRANCHING):
            report.fault(
                pointer("workflow", step_id, "type"), "no step type of CACAO 2.0", "use one of those"
            )
        else:
            _check_step(pointer("workflow", step_id), step, workflow, report)


def _check_step(place: str, step: Mapping[str, Any], workflow: Mapping[str, Any], report: Report) -> None:
    for name in _NEEDED.get(step["type"], ()):
        if name not in step:
            report.fault(f"{place}/{name}", "missing", "add it")
    for path, target, _ in successors(step):
        if target not in workflow:
            report.fault(place + pointer(*path), "names no step of the workflow", "name a step, or an end")
    if "on_completion" in step and ("on_success" in step or "on_failure" in step):
        what = "`on_completion` excludes `on_success` and `on_failure`"
        report.fault(place, what, "keep one of the two ways")


class _TangledError(Exception):
    """More ways between the steps than are followed."""


class _Builder:
    """The edges of a workflow, with every end of a branch led back to what follows the branching step."""

    def __init__(self, workflow: Mapping[str, Any]) -> None:
        self.workflow = workflow
        self.back: dict[tuple[str, str], list[str]] = {}
        self.loose: list[Edge] = []
        self.bodies: dict[str, frozenset[str]] = {}
        self.ways = 0

    def edges(self) -> list[Edge]:
        """Every edge; `join of X` stands for the place where the branches of X meet again."""
        joining = [
            name for name, step in self.workflow.items() if self.follows(step) and step["type"] in BRANCHING
        ]
        for name in joining:
            self.lead_back(name)
        found: list[Edge] = []
        for name, step in self.workflow.items():
            if step["type"] == "while-condition" and name not in joining:
                self.lead_back(name)
            source = join_of(name) if name in joining else name
            for path, target, answer in successors(step):
                if path[0] in ("on_completion", "on_success"):
                    found += self.led(source, target, None)
                else:
                    found += self.led(name, target, Guard(name, answer) if answer else None)
            if (
                name in joining
                and (step["type"] == "while-condition" or "on_false" not in step)
                and step["type"] != "parallel"
            ):
                found.append(Edge(name, join_of(name)))
        return found + self.loose

    def led(self, source: str, target: str, guard: Guard | None) -> Iterator[Edge]:
        joins = self.back.get((source, target))
        for where in joins or (target,):
            self.follow()
            yield Edge(source, where, guard)

    def follow(self) -> None:
        """Count one way more; so that a document made to be costly is not."""
        self.ways += 1
        if self.ways > MOST_WAYS:
            raise _TangledError

    def lead_back(self, name: str) -> None:
        """Find the last steps of the branches of one step, and lead them back to it."""
        step = self.workflow[name]
        after, back = self.follows(step), name if step["type"] == "while-condition" else None
        seen: set[str] = set()
        waiting = [(name, target) for _, target, _ in branches(step)]
        while waiting:
            source, target = waiting.pop()
            self.follow()
            if target in (back, after) or self.workflow[target]["type"] == "end":
                if join_of(name) not in self.back.setdefault((source, target), []):
                    self.back[source, target].append(join_of(name))
                continue
            if target not in seen:
                seen.add(target)
                onward = list(self.onward(target))
                waiting += onward
                if not onward:
                    self.loose.append(Edge(target, join_of(name)))
        if step["type"] == "while-condition":
            self.bodies[name] = frozenset(seen)

    def onward(self, name: str) -> Iterator[tuple[str, str]]:
        """Where a branch goes on: behind an inner branching step that is followed, not into it."""
        step = self.workflow[name]
        inner = step["type"] in BRANCHING and self.follows(step) is not None
        for path, target, _ in successors(step):
            if not inner or path[0] in ("on_completion", "on_success", "on_failure"):
                yield (join_of(name) if inner and path[0] != "on_failure" else name), target

    def follows(self, step: Mapping[str, Any]) -> str | None:
        return step.get("on_completion") or step.get("on_success")


def join_of(name: str) -> str:
    """Return the name of the place where a step's branches meet again."""
    return _JOIN + name


def _sorted(
    edges: Iterable[Edge],
    start: str,
    workflow: Mapping[str, Any],
    bodies: dict[str, frozenset[str]],
    report: Report,
) -> Flow:
    out: dict[str, list[Edge]] = {}
    for edge in edges:
        out.setdefault(edge.source, []).append(edge)
    reached = _reached(out, start)
    into: dict[str, list[Edge]] = {n: [] for n in (*workflow, *map(join_of, workflow)) if n in reached}
    for edge in [edge for name in into for edge in out.get(name, ())]:
        into[edge.target].append(edge)
    sorter = TopologicalSorter({name: [edge.source for edge in found] for name, found in into.items()})
    try:
        return Flow(tuple(sorter.static_order()), into, bodies)
    except CycleError as error:
        circle = list(dict.fromkeys(name.removeprefix(_JOIN) for name in error.args[1]))
        what = f"steps lead back to each other: {' -> '.join(circle[:6])}"
        report.fault(pointer("workflow", circle[0]), what, "use a while-condition")
        return Flow()


def _reached(out: Mapping[str, list[Edge]], start: str) -> set[str]:
    reached, waiting = {start}, [start]
    while waiting:
        found = {edge.target for edge in out.get(waiting.pop(), ())} - reached
        reached |= found
        waiting += found
    return reached

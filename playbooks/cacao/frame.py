"""What every playbook of ours has and a foreign one may lack: first look, facts, notices, review."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any, Final

from playbooks.cacao.report import Report
from playbooks.wording import PhaseId

_PHASES: Final[tuple[PhaseId, ...]] = (
    "detect", "triage", "contain", "investigate", "notify", "recover", "review",
)  # fmt: skip
_FACTS_OF_LAW: Final = frozenset(("personal_data", "our_role", "aware_at"))
GROUPS: Final[Mapping[str, tuple[str, ...]]] = {
    "open-the-case": ("confirm-alert",),
    "establish-the-facts": ("triage",),
    "assess-the-breach": ("assess-risk",),
    "notify-the-client": ("tell-client",),
    "notify-authority-and-people": ("tell-authority", "tell-people"),
    "review": ("lessons",),
}
"""The groups that may be added, each with the ids of its steps."""
_INNOCENT: Final = "an approved change, a test, a planned activity"
_WEIGHS: Final = "Nothing is known in advance about this kind of incident; weigh what the facts show."


def framed(phases: dict[PhaseId, list[dict[str, Any]]], report: Report) -> list[dict[str, Any]]:
    """Return the phases in order, with groups of ours where a document brings nothing; each is noted."""
    steps = [step for of_phase in phases.values() for step in of_phase]
    asked = {field.get("fact") for step in steps for field in step["fields"]}
    there = {step["id"] for step in steps}
    added: dict[PhaseId, list[dict[str, Any]]] = {}
    for phase, group, given in _lacking(frozenset(phases), asked):
        if not there.isdisjoint(GROUPS[group]):
            continue
        include = {"include": group, **({"with": dict(given)} if given else {})}
        added.setdefault(phase, []).append(include)
        report.added.append(f"{phase}: the steps of `{group}`")
    both = {phase: [*added.get(phase, ()), *phases.get(phase, ())] for phase in _PHASES}
    return [{"id": phase, "steps": found} for phase, found in both.items() if found]


def _lacking(
    there: frozenset[PhaseId], asked: Collection[str | None]
) -> Iterator[tuple[PhaseId, str, Mapping[str, str]]]:
    if "detect" not in there:
        yield "detect", "open-the-case", {"innocent": _INNOCENT}
    if not _FACTS_OF_LAW.issubset(asked):
        yield "triage", "establish-the-facts", {}
    if "notify" not in there:
        if "risk" not in asked:
            yield "notify", "assess-the-breach", {"weighs": _WEIGHS}
        yield "notify", "notify-the-client", {}
        yield "notify", "notify-authority-and-people", {}
    if "review" not in there:
        yield "review", "review", {}

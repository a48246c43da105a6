"""Is there somebody for every role that a playbook calls for, and a second person wherever it wants one?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TypeAlias

from playbooks.models import Playbook, Step
from playbooks.soundness.findings import Finding, fault, warning

Holders: TypeAlias = Mapping[str, frozenset[str]]
"""Who holds each role, by handle."""
NOBODY: frozenset[str] = frozenset()


def staffing_findings(plan: Playbook, holders: Holders) -> Iterator[Finding]:
    """Find roles that nobody holds, once each, and approvals that nobody could give."""
    asked = [step for step in plan.steps if step.kind != "automated"]
    unheld: dict[str, list[tuple[Step, str]]] = {}
    for step in asked:
        wanted = {step.role: "role", **dict.fromkeys(_seconds(step), "approvals")}
        wanted |= {"counsel": "counsel"} if step.counsel else {}
        for role, key in wanted.items():
            if not holders.get(role):
                unheld.setdefault(role, []).append((step, key))
    for role, wanting in unheld.items():
        step, key = wanting[0]
        others = f" and {len(wanting) - 1} more steps want" if len(wanting) > 1 else " wants"
        what = f"nobody holds the role {role}, which `{step.id}`{others}"
        yield fault(step.id, key, what, f"enrol somebody: seventytwo responder add HANDLE --role {role}")
    for step in asked:
        for role in _seconds(step):
            yield from _of_approval(step, role, holders)


def _seconds(step: Step) -> tuple[str, ...]:
    """The roles of whom a second person is wanted; a notice is released by an approver in any case."""
    return tuple(dict.fromkeys((*step.approvals, *(("approver",) if step.kind == "notice" else ()))))


def _of_approval(step: Step, role: str, holders: Holders) -> Iterator[Finding]:
    seconds, firsts = holders.get(role, NOBODY), holders.get(step.role, NOBODY)
    alone = {one for one in firsts if seconds == {one}}
    if alone and alone == firsts:
        what = f"nobody could approve `{step.id}`: the only {role} is the only {step.role} too"
        yield fault(step.id, "approvals", what, f"let a second person hold {role}")
    elif alone:
        what = f"`{step.id}` cannot be approved when the only {role} answers it"
        yield warning(step.id, "approvals", what, f"let a second person hold {role}")

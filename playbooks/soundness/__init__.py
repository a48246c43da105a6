"""Checks of a playbook beyond its shape: can it be carried out, and does every way through it end?"""

from __future__ import annotations

from dataclasses import dataclass

from playbooks.models import Playbook
from playbooks.soundness.endings import endings_of
from playbooks.soundness.findings import Finding, fault, warning
from playbooks.soundness.placing import placed
from playbooks.soundness.staffing import Holders, staffing_findings
from playbooks.soundness.substance import substance_findings
from playbooks.soundness.telling import equipment_findings, telling_findings
from playbooks.soundness.truths import condition_findings

__all__ = [
    "Finding",
    "Holders",
    "Soundness",
    "equipment_findings",
    "fault",
    "placed",
    "soundness_of",
    "warning",
]


@dataclass(frozen=True, slots=True)
class Soundness:
    """What was found in one playbook, and how far its ways were walked."""

    findings: tuple[Finding, ...]
    ways: int
    by_structure: tuple[str, ...]
    """The facts whose combinations were too many to walk: their ends were shown by structure instead."""


def soundness_of(plan: Playbook, holders: Holders | None = None) -> Soundness:
    """Check a playbook; roles are checked where it is known who holds each."""
    conditions = tuple(condition_findings(plan))
    endings = endings_of(plan)
    said = {finding.step for finding in conditions if finding.weight == "fault"}
    findings = [
        *conditions,
        *(finding for finding in endings.findings if finding.step not in said),
        *telling_findings(plan),
        *(staffing_findings(plan, holders) if holders is not None else ()),
        *substance_findings(plan),
    ]
    places = {step.id: at for at, step in enumerate(plan.steps)}
    findings.sort(key=lambda one: (one.weight, places.get(one.step, -1)))
    return Soundness(tuple(findings), endings.ways, endings.by_structure)

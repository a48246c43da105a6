"""Checks of a playbook beyond its shape: can it be carried out, and does every way through it end?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from playbooks.models import Playbook
from playbooks.soundness.endings import endings_of
from playbooks.soundness.findings import Finding
from playbooks.soundness.staffing import staffing_findings
from playbooks.soundness.substance import substance_findings
from playbooks.soundness.telling import equipment_findings, telling_findings
from playbooks.soundness.truths import condition_findings

__all__ = ["Finding", "Soundness", "equipment_findings", "soundness_of"]


@dataclass(frozen=True, slots=True)
class Soundness:
    """What was found in one playbook, and how far its ways were walked."""

    findings: tuple[Finding, ...]
    ways: int
    by_structure: tuple[str, ...]
    """The facts whose combinations were too many to walk: their ends were shown by structure instead."""


def soundness_of(plan: Playbook, staff: Mapping[str, frozenset[str]] | None = None) -> Soundness:
    """Check a playbook; roles are checked where `staff` says who holds each."""
    conditions = tuple(condition_findings(plan))
    endings = endings_of(plan)
    said = {finding.step for finding in conditions if finding.weight == "fault"}
    findings = [
        *conditions,
        *(finding for finding in endings.findings if finding.step not in said),
        *telling_findings(plan),
        *(staffing_findings(plan, staff) if staff is not None else ()),
        *substance_findings(plan),
    ]
    places = {step.id: at for at, step in enumerate(plan.steps)}
    findings.sort(key=lambda one: (one.weight, places.get(one.step, -1)))
    return Soundness(tuple(findings), endings.ways, endings.by_structure)

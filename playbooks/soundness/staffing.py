"""Is there somebody for every role that a playbook calls for, and a second person wherever it wants one?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from playbooks.models import Playbook, Step
from playbooks.soundness.findings import Finding, fault, warning

NOBODY: frozenset[str] = frozenset()


def staffing_findings(plan: Playbook, staff: Mapping[str, frozenset[str]]) -> Iterator[Finding]:
    """Find roles that nobody holds and approvals that nobody could give; `staff` has who holds each role."""
    for step in plan.steps:
        if step.kind == "automated":
            continue
        if not staff.get(step.role):
            yield _nobody(step, "role", step.role)
            continue
        for role in dict.fromkeys((*step.approvals, *_releases(step))):
            yield from _of_approval(step, role, staff)


def _releases(step: Step) -> tuple[str, ...]:
    """A notice is released by an approver, whatever else it wants."""
    return ("approver",) if step.kind == "notice" else ()


def _of_approval(step: Step, role: str, staff: Mapping[str, frozenset[str]]) -> Iterator[Finding]:
    holders, answerers = staff.get(role, NOBODY), staff[step.role]
    if not holders:
        yield _nobody(step, "approvals", role)
    elif all(holders == {one} for one in answerers):
        what = f"nobody could approve `{step.id}`: the only {role} is the only {step.role} too"
        yield fault(step.id, "approvals", what, f"let a second person hold {role}")
    elif any(holders == {one} for one in answerers):
        what = f"`{step.id}` cannot be approved when the only {role} answers it"
        yield warning(step.id, "approvals", what, f"let a second person hold {role}")


def _nobody(step: Step, key: str, role: str) -> Finding:
    mend = f"enrol somebody: seventytwo responder add HANDLE --role {role}"
    return fault(step.id, key, f"nobody holds the role {role} that `{step.id}` wants", mend)

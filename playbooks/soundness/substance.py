"""Does each step tell a responder what they need, and leave a time in which it can be done?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta
from types import MappingProxyType
from typing import Final

from playbooks.models import Playbook, Step
from playbooks.soundness.findings import Finding, warning

LONGEST: Final[Mapping[str, timedelta]] = MappingProxyType(
    {
        "detect": timedelta(days=1),
        "triage": timedelta(days=1),
        "contain": timedelta(days=3),
        "notify": timedelta(days=3),  # GDPR art 33(1): 72 hours
    }
)
"""The longest time target that a phase bears before it is asked about."""
SHORTEST: Final = timedelta(minutes=5)
SHORTEST_WITH_APPROVAL: Final = timedelta(minutes=15)


def substance_findings(plan: Playbook) -> Iterator[Finding]:
    """Find steps that leave a responder alone, and time targets that nobody could mean."""
    for step in plan.steps:
        if step.kind != "automated":
            yield from _untold(step)
            yield from _too_short(step)
        longest = LONGEST.get(plan.phase_of(step.id))
        if longest is not None and step.target > longest and not step.optional and step.repeat is None:
            what = (
                f"the time target of `{step.id}` is longer than {longest.days}d, in {plan.phase_of(step.id)}"
            )
            yield warning(step.id, "target", what, "shorten it, or move the step to a later phase")


def _untold(step: Step) -> Iterator[Finding]:
    if not step.do_not:
        yield warning(step.id, "id", f"`{step.id}` does not say what not to do", "add `do_not`")
    if not step.evidence:
        yield warning(step.id, "id", f"`{step.id}` does not say what to show for it", "add `evidence`")
    if step.kind == "manual" and not any(field.required for field in step.fields):
        what = f"`{step.id}` requires no answer: whoever does it may leave its form empty"
        yield warning(step.id, "fields", what, "make one field required")


def _too_short(step: Step) -> Iterator[Finding]:
    least = SHORTEST_WITH_APPROVAL if step.approvals or step.kind == "notice" else SHORTEST
    if step.target < least:
        minutes = least // timedelta(minutes=1)
        what = f"the time target of `{step.id}` is shorter than {minutes}m"
        yield warning(step.id, "target", what, "give whoever does it, and who approves it, time to act")

"""Where in a playbook's file a finding belongs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from playbooks.documents import Document, Path
from playbooks.errors import Fault
from playbooks.models import Playbook
from playbooks.soundness.findings import Finding


def placed(
    plan: Playbook, document: Document, findings: Iterable[Finding]
) -> Iterator[tuple[Finding, Fault]]:
    """Yield each finding with the file and line it belongs to; what is taken in has its own file."""
    paths: dict[str, Path] = {
        step.id: ("phases", at, "steps", number)
        for at, phase in enumerate(plan.phases)
        for number, step in enumerate(phase.steps)
    }
    for found in findings:
        yield found, document.fault((*paths.get(found.step, ()), found.key), found.what, found.mend)

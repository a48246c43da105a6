"""Whether this installation can carry a playbook out: are its actions and notices there?"""

from __future__ import annotations

from collections.abc import Iterator

from flows.actions import ACTIONS
from playbooks.errors import Fault
from playbooks.models import Playbook
from playbooks.notices.library import shipped_forms
from playbooks.soundness import Finding, equipment_findings


def unfit(playbook: Playbook) -> Iterator[Fault]:
    """Every action and notice that a playbook names and nobody has."""
    for found in lacking(playbook):
        yield Fault(f"{playbook.id}, step {found.step}", 0, found.what, found.mend)


def lacking(playbook: Playbook) -> Iterator[Finding]:
    """The same as findings, which know where in the file they belong."""
    return equipment_findings(playbook, ACTIONS, shipped_forms())

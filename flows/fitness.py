"""Whether this installation can carry a playbook out: are its actions and notices there?"""

from __future__ import annotations

from collections.abc import Iterator

from flows.actions import ACTIONS
from notify.notices import NOTICES
from playbooks.errors import Fault
from playbooks.models import Playbook


def unfit(playbook: Playbook) -> Iterator[Fault]:
    """Every action and notice that a playbook names and nobody has."""
    for step in playbook.steps:
        where = f"{playbook.id}, step {step.id}"
        if step.action is not None and step.action not in ACTIONS:
            yield Fault(where, 0, f"no such action: {step.action}", f"use {', '.join(sorted(ACTIONS))}")
        if step.template is not None and step.template not in NOTICES:
            yield Fault(where, 0, f"no such notice: {step.template}", f"use {', '.join(sorted(NOTICES))}")

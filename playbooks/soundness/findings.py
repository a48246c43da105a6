"""What a check beyond shape finds: about which step, what is wrong, and how it is mended."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

Weight: TypeAlias = Literal["fault", "warning"]
"""A fault makes the playbook unfit; a warning is for its owner to settle or to accept."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing found; `key` names the part of the step, or of the playbook where `step` is empty."""

    weight: Weight
    step: str
    key: str
    what: str
    mend: str


def fault(step: str, key: str, what: str, mend: str) -> Finding:
    """Return a finding that makes the playbook unfit."""
    return Finding("fault", step, key, what, mend)


def warning(step: str, key: str, what: str, mend: str) -> Finding:
    """Return a finding that its owner should settle or accept."""
    return Finding("warning", step, key, what, mend)

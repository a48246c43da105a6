"""Whom to name next when a question goes unanswered past its time."""

from __future__ import annotations

from typing import Final

LADDER: Final[dict[str, tuple[str, ...]]] = {
    "it": ("commander", "approver"),
    "forensics": ("it", "commander", "approver"),
    "client_lead": ("privacy", "commander", "approver"),
    "privacy": ("commander", "approver"),
    "counsel": ("privacy", "commander", "approver"),
    "approver": ("commander", "privacy"),
    "commander": ("approver", "privacy"),
}
"""For each role, who is named after it, in order: naming tells them, and takes nothing from the first."""


def next_role(role: str, escalations: int) -> str | None:
    """The role to name after `escalations` earlier ones, or None when everybody has been named."""
    rungs = LADDER[role]
    return rungs[escalations] if escalations < len(rungs) else None

"""A closed incident as plain facts: what happened when and what was decided; no word of anybody's. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from playbooks.exercises.masking import PastClient
from playbooks.models import Playbook
from playbooks.wording import Role


@dataclass(frozen=True, slots=True)
class PastAnswer:
    """The answer that counted to one question; spans are after the opening, `took` after it was asked."""

    step: str
    """Empty for what is no step of the plan."""
    kind: str
    decision: str
    asked: timedelta
    took: timedelta
    due: timedelta | None = None
    values: Mapping[str, Any] = field(default_factory=dict)
    """Values of fields that are on a list of ours."""
    refused: int = 0

    @property
    def at(self) -> timedelta:
        """When it was answered, after the opening."""
        return self.asked + self.took

    @property
    def late(self) -> timedelta:
        """By how much it came after its target; zero where it was in time."""
        return max(self.at - self.due, timedelta(0)) if self.due is not None else timedelta(0)


@dataclass(frozen=True, slots=True)
class PastEvent:
    """Something that befell those who worked: a further alert, a fact, somebody away, a channel lost."""

    kind: str
    at: timedelta
    client: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)
    role: Role | None = None
    lasts: timedelta | None = None


@dataclass(frozen=True, slots=True)
class PastDuty:
    """A duty as it ended: whom it told, and which share of its window was used, in percent."""

    recipient: str
    state: str
    used: float | None = None


@dataclass(frozen=True, slots=True)
class Past:
    """A closed incident, read without any word that somebody wrote."""

    ref: str
    playbook: Playbook
    starts_at: datetime
    lasted: timedelta
    detected_before: timedelta
    clients: tuple[PastClient, ...]
    alerted: tuple[str, ...]
    """The clients that were known at the opening, by new reference."""
    known: Mapping[str, Any]
    answers: tuple[PastAnswer, ...]
    events: tuple[PastEvent, ...]
    duties: tuple[PastDuty, ...]
    findings: int = 0
    left_out: int = 0
    """Clients beyond the number that a scenario holds."""

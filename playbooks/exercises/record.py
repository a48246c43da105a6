"""What was done in one exercise, as plain facts from the store: what the score is computed from. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

INJECT: Final = "inject"
"""The kind of a question that an inject put: what is done about it?"""


@dataclass(frozen=True, slots=True)
class Decided:
    """One question that was put, and its answer that counted, if any; instants are incident time."""

    step: str
    """The step's id, or the kind of question where it is none."""
    kind: str
    title: str
    case: str
    role: str
    opened_at: datetime
    due_at: datetime | None
    answered_at: datetime | None = None
    handle: str = ""
    decision: str = ""
    reason: str = ""
    fields: Mapping[str, Any] = field(default_factory=dict)
    refused: int = 0
    """Answers that did not count."""
    escalations: int = 0
    is_beside: bool = False
    """Asked in another incident than the one that the exercise began with, merged into it or not."""
    is_withdrawn: bool = False
    """Nobody had to answer it any more; what the exercise's own end took back was never answered."""


@dataclass(frozen=True, slots=True)
class Duty:
    """One obligation as it stood at the end."""

    rule: str
    title: str
    case: str
    recipient: str
    state: str
    policy: bool
    """A target of policy where the law says without undue delay."""
    anchor_at: datetime | None
    due_at: datetime | None
    met_at: datetime | None


@dataclass(frozen=True, slots=True)
class Happened:
    """One inject, and what became of it."""

    key: str
    kind: str
    title: str
    due_at: datetime
    state: str
    delivered_at: datetime | None
    handled_at: datetime | None
    handled_by: str = ""
    said: str = ""
    """What the answer says was done about it."""
    decision: str = ""
    to: str = ""
    """The role that it asks."""
    within: timedelta | None = None
    """How soon after its coming it is to be handled."""
    forestalled_by: str = ""
    """The step because of which it did not have to come."""


@dataclass(frozen=True, slots=True)
class Told:
    """One notice that was released: to which kind of recipient, when, and how many findings its check had."""

    recipient: str
    case: str
    released_at: datetime | None
    findings: int


@dataclass(frozen=True, slots=True)
class Said:
    """One answer to a question of the hot wash."""

    question: str
    handle: str
    said: str


@dataclass(frozen=True, slots=True)
class Record:
    """Everything one exercise left behind."""

    name: str
    began_at: datetime
    ended_at: datetime
    state: str
    why: str
    decided: tuple[Decided, ...]
    duties: tuple[Duty, ...]
    happened: tuple[Happened, ...]
    told: tuple[Told, ...]
    handovers: tuple[datetime, ...] = ()
    hot_wash: tuple[Said, ...] = ()
    facts: Mapping[str, Any] = field(default_factory=dict)
    """What was known of the incident at the end, by name of fact."""
    titles: Mapping[str, str] = field(default_factory=dict)
    """The title of each step of the plan by its id, asked or not."""
    is_cut_off: bool = False
    """Ended with work left in it: by its facilitator, or because its time was over."""

    def still_ran(self, due_at: datetime | None) -> bool:
        """Whether there was time left until that instant when the exercise was cut off."""
        return self.is_cut_off and due_at is not None and due_at > self.ended_at

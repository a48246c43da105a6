"""What arrives at the door and what is answered: the words that endpoint, writer and store share."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from typing import Any, Literal

from sqlmodel import Session

from flows.intake.claims import Claim, Severity, Understood
from store.tables import Incident


@dataclass(frozen=True, slots=True)
class KnownSource:
    """A source as the door needs it, its secrets opened, the newest first."""

    id: int
    name: str
    kind: str
    auth: str
    secrets: tuple[bytes, ...] = field(repr=False)
    playbook: str = ""
    client_id: int | None = None
    exercise_id: int | None = None
    channel: str = ""
    zone: tzinfo = UTC
    per_minute: int = 0
    mapping: Mapping[str, Any] = field(default_factory=dict, hash=False)


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A signed body that could not be read: the answer it gets, and the words kept of it."""

    status: int
    what: str
    which: str
    mend: str
    body: bytes


@dataclass(frozen=True, slots=True)
class Delivery:
    """One authenticated request; `digest` knows its repetition, `wall` is when it came."""

    source: KnownSource
    digest: str | None
    wall: datetime
    content: Understood | Unreadable
    is_retake: bool = False
    """Whether it was counted before, and is only decided anew: what a quiet window held."""
    is_replay: bool = False
    """Whether it came earlier and is read again now, from quarantine."""
    body: bytes = field(default=b"", repr=False)
    """The words that came, for the quarantine, should the store refuse what was read of them."""
    rehearsed_at: datetime | None = None
    """When it came in the time of an exercise that plays it."""

    @property
    def counted_at(self) -> datetime:
        """The instant by which rules say what came together: wall time, or an exercise's own."""
        return self.rehearsed_at or self.wall


@dataclass(frozen=True, slots=True)
class Reply:
    """The answer to a request."""

    status: int
    body: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Arrival:
    """An alert that opens an incident: what the rules chose, and the row of the closed one that it cites."""

    source: KnownSource
    claim: Claim
    playbook: str
    severity: Severity
    state: Literal["open", "candidate"]
    why: str
    channel: str
    previous_id: int | None
    wall: datetime


OpenIncident = Callable[[Session, Arrival], Incident]
"""Records an incident for an arrival within the caller's transaction."""


def fault_body(what: str, which: str = "", mend: str = "") -> dict[str, Any]:
    """The JSON of every refusal of the desk: what is wrong, which field, what to do."""
    return {"error": {"what": what, "which": which, "mend": mend}}

"""What a post-incident report says, as plain values; the templates add nothing of their own.

All instants are incident time unless named `recorded_at`. Responders stand by handle, clients by reference;
an empty `client` means the incident as a whole.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from notify.report_access import AccessView
from notify.report_clocks import Duration, DutyLine, LateLine, NoticeLine, WarningLine
from notify.timeline_picture import Picture


@dataclass(frozen=True, slots=True)
class DecisionLine:
    """A word that somebody gave: an approval, a refusal, a command, a step held not to apply."""

    at: datetime
    what: str
    client: str
    decision: str
    by: str
    asked_by: str
    reason: str
    digest: str


@dataclass(frozen=True, slots=True)
class StepLine:
    """A step of the plan and how it went."""

    phase: str
    title: str
    client: str
    state: str
    by: str
    opened_at: datetime | None
    due_at: datetime | None
    ended_at: datetime | None
    is_late: bool
    why: str


@dataclass(frozen=True, slots=True)
class KnownFact:
    """What is known, by whose word, since when, on what."""

    client: str
    label: str
    value: str
    author: str
    at: datetime
    basis: str
    earlier: int


@dataclass(frozen=True, slots=True)
class Finding:
    """What a responder wrote down in a step beside the facts."""

    title: str
    client: str
    by: str
    at: datetime
    lines: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class AlertLine:
    """An alert of the incident, in its tool's own words, for its page and its report."""

    number: int
    source: str
    kind: str
    title: str
    severity: str
    original_severity: str
    """In the tool's own word or number; empty where it gave none, or the same."""
    status: str
    occurrences: int
    occurred_at: datetime | None
    first_seen_at: datetime
    last_seen_at: datetime
    window: str
    """The announced test that it matched, or the quiet window that held it back; empty for neither."""
    link: str
    """Where its tool shows it: to be read, never to be followed by a click."""


@dataclass(frozen=True, slots=True)
class EvidenceLine:
    """Something secured, by its SHA-256."""

    what: str
    sha256: str
    size: int
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class ActionLine:
    """A mend that was agreed, its owner and date, and the evidence that closed it."""

    ref: str
    title: str
    owner: str
    standing: str
    due_at: datetime
    closed_at: datetime | None
    evidence: str


@dataclass(frozen=True, slots=True)
class RefusedLine:
    """An answer that did not count."""

    at: datetime
    by: str
    what: str
    client: str
    verdict: str
    fault: str


@dataclass(frozen=True, slots=True)
class RepairLine:
    """A run that was lost and asked anew."""

    at: datetime
    what: str
    client: str
    why: str


@dataclass(frozen=True, slots=True)
class EntryLine:
    """An entry of the timeline; without lines where its payload is not for this reader, or erased."""

    seq: int
    at: datetime
    recorded_at: datetime
    kind: str
    author: str
    client: str
    lines: tuple[tuple[str, str], ...]
    hash: str


@dataclass(frozen=True, slots=True)
class Proof:
    """Whether the timeline is as it was written, and the hash to compare it with."""

    is_whole: bool
    entries: int
    erased: int
    head: str
    why: str


@dataclass(frozen=True, slots=True)
class Tally:
    """The report in numbers."""

    duties: int
    met: int
    met_late: int
    questions: int
    questions_late: int
    warnings: int
    refused: int
    repaired: int
    actions_open: int


@dataclass(frozen=True, slots=True)
class ReportView:
    """The whole report."""

    ref: str
    title: str
    organisation: str
    playbook: str
    marking: str
    severity: str
    state: str
    is_exercise: bool
    is_limited: bool
    clients: tuple[str, ...]
    opened_at: datetime
    closed_at: datetime | None
    prepared_at: datetime
    previous: str
    tally: Tally
    proof: Proof
    durations: tuple[Duration, ...]
    late: tuple[LateLine, ...]
    warnings: tuple[WarningLine, ...]
    duties: tuple[DutyLine, ...]
    notices: tuple[NoticeLine, ...]
    decisions: tuple[DecisionLine, ...]
    steps: tuple[StepLine, ...]
    facts: tuple[KnownFact, ...]
    lessons: tuple[Finding, ...]
    findings: tuple[Finding, ...]
    alerts: tuple[AlertLine, ...]
    evidence: tuple[EvidenceLine, ...]
    access: AccessView | None
    actions: tuple[ActionLine, ...]
    refused: tuple[RefusedLine, ...]
    repairs: tuple[RepairLine, ...]
    entries: tuple[EntryLine, ...]
    pictures: tuple[Picture, ...]

    @property
    def responders(self) -> tuple[str, ...]:
        """The handles of those who answered, in order."""
        named = {step.by for step in self.steps} | {word.by for word in self.decisions}
        return tuple(sorted(named - {"", "system"}))

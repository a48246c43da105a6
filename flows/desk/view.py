"""What the page of an incident shows, as plain values; the template adds nothing of its own."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flows.desk.forensics import ForensicsView
from flows.desk.kinship import Kinship
from notify.report_view import AlertLine
from notify.wall_view import Wall


@dataclass(frozen=True, slots=True)
class PhaseView:
    """A phase of the plan: `done`, `now`, `next` or `idle` (nothing in it was wanted)."""

    name: str
    state: str


@dataclass(frozen=True, slots=True)
class QuestionView:
    """A question that waits for somebody."""

    ref: str
    title: str
    phase: str
    who: str
    case_ref: str
    due_at: datetime | None
    left: str
    is_over: bool
    fault: str
    to_do: tuple[tuple[str, str], ...] = ()
    """What to do, what not to do and what to keep, each line with its word."""


@dataclass(frozen=True, slots=True)
class FactLine:
    """What is known, by whose word, since when, on what."""

    label: str
    value: str
    author: str
    at: datetime
    basis: str
    earlier: int


@dataclass(frozen=True, slots=True)
class FactGroup:
    """The facts of the incident, or of one case."""

    subject: str
    lines: tuple[FactLine, ...]


@dataclass(frozen=True, slots=True)
class AnswerView:
    """What somebody answered: what a second person approves, and what later readers rely on."""

    title: str
    case_ref: str
    author: str
    at: datetime
    decision: str
    lines: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class NoticeView:
    """A notice in clear; its hash stands on its own page alone, below the text."""

    number: int
    version: int
    state: str
    case_ref: str
    recipient: str
    channel: str
    drafted_by: str
    approved_by: str
    accepted_at: datetime | None
    text: str
    marking: str


@dataclass(frozen=True, slots=True)
class KeptOutView:
    """A responder who is kept out of the incident, by whose word, since when and why."""

    handle: str
    by: str
    at: datetime
    why: str


@dataclass(frozen=True, slots=True)
class EntryView:
    """A timeline entry; without lines where its payload is not for this reader, or erased."""

    seq: int
    at: datetime
    kind: str
    author: str
    case_ref: str
    lines: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class IncidentView:
    """The whole page."""

    ref: str
    title: str
    playbook: str
    marking: str
    is_restricted: bool
    severity: str
    state: str
    is_exercise: bool
    opened_at: datetime
    closed_at: datetime | None
    now: datetime
    previous: str
    kinship: Kinship
    reader: str
    limited: bool
    phases: tuple[PhaseView, ...]
    questions: tuple[QuestionView, ...]
    on_duty: tuple[tuple[str, tuple[str, ...]], ...]
    kept_out: tuple[KeptOutView, ...]
    wall: Wall
    zone: str
    cases: tuple[tuple[str, str], ...]
    facts: tuple[FactGroup, ...]
    notices: tuple[NoticeView, ...]
    answers: tuple[AnswerView, ...]
    alerts: tuple[AlertLine, ...]
    alerts_in_all: int
    forensics: ForensicsView
    entries: tuple[EntryView, ...]
    entries_in_all: int

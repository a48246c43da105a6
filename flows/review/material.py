"""What a report is made from: the rows of one incident that its reader may see, read at one moment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from notify.report_view import AlertLine
from playbooks.models import Playbook, Step
from store.chain import Broken, Verified
from store.tables import (
    ActionItem,
    Answer,
    Approval,
    ClockEntry,
    ClockWarning,
    FactRow,
    Incident,
    Notice,
    Obligation,
    Question,
    Reconstruction,
    StepRow,
)

ADDED = "A step that the commander added"
ACCEPTED = "accepted"


@dataclass(frozen=True, slots=True)
class Entry:
    """A timeline entry; no payload where it was erased, cannot be read, or is not for this reader."""

    seq: int
    at: datetime
    recorded_at: datetime
    kind: str
    author: str
    case_ref: str
    hash: str
    payload: Mapping[str, Any] | None


@dataclass(frozen=True)
class Material:
    """The rows, in the order they were written; `limited` when the reader may see some clients only."""

    incident: Incident
    plan: Playbook
    organisation: str
    now: datetime
    mending_at: datetime
    """Now, by the time in which what it taught is due: wall time once an exercise is over."""
    limited: bool
    clients: Mapping[str, str]
    case_refs: Mapping[int | None, str]
    concealed: tuple[str, ...]
    previous: str
    steps: tuple[StepRow, ...]
    questions: tuple[Question, ...]
    answers: tuple[Answer, ...]
    approvals: tuple[Approval, ...]
    facts: tuple[FactRow, ...]
    duties: tuple[Obligation, ...]
    ledger: tuple[ClockEntry, ...]
    warnings: tuple[ClockWarning, ...]
    notices: tuple[Notice, ...]
    actions: tuple[ActionItem, ...]
    alerts: tuple[AlertLine, ...]
    reconstruction: Reconstruction | None
    entries: tuple[Entry, ...]
    verdict: Verified | Broken

    @property
    def until(self) -> datetime:
        """The end of what the report tells: the closing, or now."""
        return self.incident.closed_at or self.now

    def client(self, case_ref: str) -> str:
        """The client of a case by reference; empty for the incident as a whole."""
        return self.clients.get(case_ref, "")

    def may_quote(self, case_ref: str) -> bool:
        """Whether words written there may be shown: about the whole incident they may name anyone."""
        return bool(case_ref) or not self.limited

    def step(self, row: StepRow) -> Step:
        """The step of a row: of the plan, or one the commander added."""
        return Step.from_pinned(row.added) if row.added else self.plan.step(row.step_id)

    def phase(self, row: StepRow) -> str:
        """The phase of a row's step."""
        return "added" if row.added else self.plan.phase_of(row.step_id)

    def step_title(self, row: StepRow) -> str:
        """The title of a row's step, unless it is the commander's own words and they may not be quoted."""
        return self.step(row).title if self.may_quote(row.case_ref) or not row.added else ADDED

    def row_of(self, question: Question) -> StepRow | None:
        """The step that a question belongs to, if any."""
        return next((row for row in self.steps if row.id == question.step_row_id), None)

    def title(self, question: Question) -> str:
        """The title of a question, with the same care as a step's."""
        row = self.row_of(question)
        return ADDED if row is not None and self.step_title(row) == ADDED else question.title

    def answers_to(self, question: Question) -> list[Answer]:
        """Every answer given to a question."""
        return [answer for answer in self.answers if answer.question_id == question.id]

    def accepted(self, question: Question) -> Answer | None:
        """The answer that settled a question."""
        counted = (answer for answer in self.answers_to(question) if answer.verdict == ACCEPTED)
        return next(counted, None)

    def questions_of(self, row: StepRow) -> list[Question]:
        """The questions of a step."""
        return [question for question in self.questions if question.step_row_id == row.id]

    def entries_of(self, *kinds: str) -> list[Entry]:
        """The timeline entries of these kinds."""
        return [entry for entry in self.entries if entry.kind in kinds]

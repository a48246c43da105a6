"""Open questions, each carried by one run, and every answer given to them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlmodel import Field, SQLModel, UniqueConstraint

from store.types import instant, json_value, sealed_json, sealed_text


class Question(SQLModel, table=True):
    """What somebody (or an action) must settle; `generation` fences the run that carries it."""

    id: int | None = Field(default=None, primary_key=True)
    ref: str = Field(unique=True, max_length=24)
    incident_id: int = Field(foreign_key="incident.id", index=True)
    step_row_id: int | None = Field(default=None, foreign_key="step.id")
    case_ref: str = Field(default="", max_length=4)
    kind: str = Field(
        max_length=16,
        description="command, candidate, step, action, approval, draft, counsel, release or proof",
    )
    role: str = Field(max_length=16)
    assignee: str = Field(default="", max_length=32)
    title: str = Field(max_length=160)
    state: str = Field(default="open", max_length=16, description="open, answered or withdrawn")
    attempt: int = 1
    fault: str = sealed_text("question.fault", default="")
    subject: dict[str, Any] = sealed_json("question.subject")
    excluded: list[str] = json_value(list)
    escalations: int = 0
    opened_at: datetime = instant()
    due_at: datetime | None = instant(nullable=True)
    closed_at: datetime | None = instant(nullable=True)
    generation: int = 0
    run_id: str | None = Field(default=None, max_length=36, index=True)
    started_at: datetime | None = instant(nullable=True)
    rescued_at: datetime | None = instant(nullable=True)
    lease_until: datetime | None = instant(nullable=True)


class Answer(SQLModel, table=True):
    """An answer as given, counted or refused, with the instant Prefect stored it."""

    __table_args__ = (UniqueConstraint("question_id", "attempt"),)

    id: int | None = Field(default=None, primary_key=True)
    question_id: int = Field(foreign_key="question.id", index=True)
    attempt: int
    handle: str = Field(max_length=32)
    decision: str = Field(max_length=24)
    fields: dict[str, Any] = sealed_json("answer.fields")
    verdict: str = Field(max_length=16, description="accepted or refused")
    fault: str = sealed_text("answer.fault", default="")
    submitted_at: datetime = instant()
    answered_at: datetime = instant()
    recorded_at: datetime = instant()


class Approval(SQLModel, table=True):
    """A second person's word, bound to the digest of the very thing approved."""

    id: int | None = Field(default=None, primary_key=True)
    question_id: int = Field(foreign_key="question.id", unique=True)
    subject: str = Field(max_length=64)
    handle: str = Field(max_length=32)
    granted: bool
    at: datetime = instant()

"""How it may have happened: hypotheses, and what speaks for and against each."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Field, SQLModel, UniqueConstraint

from store.types import instant, sealed_text


class Hypothesis(SQLModel, table=True):
    """One explanation of the source; a responder decides, and says why."""

    __table_args__ = (UniqueConstraint("incident_id", "number"),)

    id: int | None = Field(default=None, primary_key=True)
    incident_id: int = Field(foreign_key="incident.id", index=True)
    number: int
    source_kind: str = Field(max_length=24, description="a choice of the fact source_kind")
    statement: str = sealed_text("hypothesis.statement")
    state: str = Field(default="open", max_length=12, description="open, accepted or set_aside")
    why: str = sealed_text("hypothesis.why", default="")
    opened_by: str = Field(max_length=32)
    opened_at: datetime = instant()
    decided_by: str = Field(default="", max_length=32)
    decided_at: datetime | None = instant(nullable=True)


class HypothesisNote(SQLModel, table=True):
    """What speaks for or against a hypothesis, and the evidence it rests on."""

    __table_args__ = (UniqueConstraint("hypothesis_id", "seq"),)

    id: int | None = Field(default=None, primary_key=True)
    hypothesis_id: int = Field(foreign_key="hypothesis.id", index=True)
    seq: int
    speaks: str = Field(max_length=8, description="for or against")
    words: str = sealed_text("hypothesisnote.words")
    evidence: int | None = Field(default=None, description="the number of the evidence")
    by: str = Field(max_length=32)
    at: datetime = instant()

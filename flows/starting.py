"""Giving every open question a run: whatever the store holds unstarted, never what was just computed."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import or_, update
from sqlmodel import Session, col, select

from flows.clock import wall_now
from flows.exercise.standing import STOPPED
from flows.exercise_channel import mark
from flows.gathering import phase_name
from flows.house import House
from flows.prefect_views import REHEARSED
from playbooks.errors import ChooseAgain, SetupFault, Unreachable
from store.tables import Exercise, Incident, Question, StepRow

log = logging.getLogger("seventytwo.starting")

TAG = "seventytwo"
"""What every run of ours bears beside its incident's reference."""

BATCH = 20

DEPLOYMENT_OF = {
    "command": "respond/respond",
    "candidate": "take-step/take-step",
    "step": "take-step/take-step",
    "approval": "take-step/take-step",
    "action": "take-step/take-step",
    "draft": "notice-round/notice-round",
    "counsel": "notice-round/notice-round",
    "release": "notice-round/notice-round",
    "proof": "notice-round/notice-round",
}
"""The deployment whose run carries a question of each kind."""


@dataclass(frozen=True, slots=True)
class Start:
    """A run to be created; the same start twice is one run, by its idempotency key."""

    question_id: int
    ref: str
    generation: int
    deployment: str
    name: str
    key: str
    tags: tuple[str, ...]


def start_unstarted(house: House, ref: str | None = None) -> int:
    """Create the run of every open question that has none, of one incident or of all; returns how many.

    With Prefect away nothing changes, and the next call (a flow's, the desk's or reconcile's) starts them.
    What belongs to an exercise that was stopped waits until it is resumed.
    """
    started, last = 0, 0
    try:
        while starts := _next_starts(house, ref, last):
            started += sum(_create_if_taken(house, start) for start in starts)
            last = starts[-1].question_id
    except (Unreachable, SetupFault) as away:
        log.warning("runs wait to be started: %s", away)
    return started


def _next_starts(house: House, ref: str | None, after: int) -> list[Start]:
    """The next few runs to be created: few, so that a long backlog costs little while Prefect is away."""
    with house.store.reading() as session:
        return [_start_of(session, *pair) for pair in _unstarted(session, ref, after)]


def _create_if_taken(house: House, start: Start) -> bool:
    """Create a run; one that Prefect refuses is told in the log, and keeps no other from being started."""
    try:
        _create(house, start)
    except ChooseAgain as refused:
        log.exception("question %s cannot be given a run", start.ref, exc_info=refused)
        return False
    return True


def _unstarted(session: Session, ref: str | None, after: int) -> list[tuple[Question, Incident]]:
    stopped = select(Exercise.id).where(Exercise.state == STOPPED)
    query = (
        select(Question, Incident)
        .join(Incident, col(Incident.id) == col(Question.incident_id))
        .where(Question.state == "open", col(Question.run_id).is_(None), col(Question.id) > after)
        .where(or_(col(Incident.exercise_id).is_(None), col(Incident.exercise_id).not_in(stopped)))
        .order_by(col(Question.id))
        .limit(BATCH)
    )
    if ref is not None:
        query = query.where(Incident.ref == ref)
    return list(session.exec(query))


def _start_of(session: Session, question: Question, incident: Incident) -> Start:
    row = session.get(StepRow, question.step_row_id) if question.step_row_id else None
    assert question.id is not None
    return Start(
        question_id=question.id,
        ref=question.ref,
        generation=question.generation,
        deployment=DEPLOYMENT_OF[question.kind],
        name=run_name(question, incident, row),
        key=run_key(question, incident, row),
        tags=(incident.ref, TAG) if incident.exercise_id is None else (incident.ref, TAG, REHEARSED),
    )


def run_key(question: Question, incident: Incident, row: StepRow | None) -> str:
    """Incident, case, step, round, question and generation: what makes a run this run and no other."""
    place = f"{row.case_ref or '-'}/{row.step_id}/{row.round}" if row else f"-/{question.kind}/1"
    return f"{incident.ref}/{place}/{question.ref}/{question.generation}"


def run_name(question: Question, incident: Incident, row: StepRow | None) -> str:
    """The line by which the inbox shows a question; neutral words and references only."""
    where = f"{mark(incident)}{incident.ref}" + (f"/{question.case_ref}" if question.case_ref else "")
    parts = [where, phase_name(incident, row), question.title.lower(), question.assignee or question.role]
    if question.due_at is not None:
        parts.append(f"due {_clock(question.due_at, question.opened_at)}")
    return " · ".join(part for part in parts if part)


def _clock(due_at: datetime, opened_at: datetime) -> str:
    return due_at.strftime("%H:%MZ" if due_at.date() == opened_at.date() else "%d %b %H:%MZ")


def _create(house: House, start: Start) -> None:
    run_id = house.api.create_run(
        start.deployment,
        name=start.name,
        parameters={"question": start.ref, "generation": start.generation},
        tags=start.tags,
        idempotency_key=start.key,
    )
    with house.store.writing() as session:
        session.execute(
            update(Question)
            .where(
                col(Question.id) == start.question_id,
                col(Question.generation) == start.generation,
                col(Question.run_id).is_(None),
            )
            .values(run_id=run_id, started_at=wall_now())
        )

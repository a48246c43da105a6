"""How an exercise stands: what is asked, what falls due next, and whether all of it is over."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal

from sqlmodel import Session, col, select

from flows.clock import wall_now
from flows.exercise.absent import away_until
from flows.exercise.standing import ENDED, RUNNING, STOPPED
from flows.exercise.stepping import next_inject_at, next_warning_at, now_of
from flows.gathering import cases_of, open_questions, step_of
from flows.house import House
from flows.incidents import LIVE
from flows.law.duties import duties_of
from flows.law.stages import running
from flows.law.steps import BY_HAND
from flows.specs import spec_of
from flows.text_proof import proof_wanted
from playbooks.exercises.moves import Due
from playbooks.exercises.part import Asking
from store.tables import Client, Exercise, Incident, Question, StepRow

_OF_STEPS = frozenset({"step", "draft"})


@dataclass(frozen=True, slots=True)
class Put:
    """A question that waits, with its incident and as much of what it asks as tells when it is answered."""

    question: Question
    incident: str
    asking: Asking


def put_of(house: House, exercise_id: int) -> list[Put]:
    """The questions of an exercise that wait for somebody, oldest first."""
    with house.store.reading() as session:
        return [
            Put(question, incident.ref, _asking(session, incident, question))
            for incident in live_incidents(session, exercise_id)
            for question in open_questions(session, incident.id or 0)
            if question.kind != "action"
        ]


def asking_of(house: House, question: Question, at: datetime, people: Mapping[str, str]) -> Asking:
    """All that a question asks, as its form would at this instant; `people` says who plays each role."""
    with house.store.reading() as session:
        incident = session.get_one(Incident, question.incident_id)
        spec = spec_of(session, incident, question)
        asking = _asking(session, incident, question)
        return replace(
            asking,
            decisions=tuple(spec.decisions),
            needs_reason=spec.needs_reason,
            fields=spec.fields,
            clients=_clients(session, incident),
            is_late=_is_late(session, incident, question, asking.recipient, at),
            known=_known(session, incident, question),
            people=people,
        )


def due_of(house: House, exercise_id: int) -> list[Due]:
    """What falls due next by itself."""
    warning_at, inject_at = next_warning_at(house, exercise_id), next_inject_at(house, exercise_id)
    due = [] if warning_at is None else [Due(warning_at, "a warning falls due")]
    return due if inject_at is None else [*due, Due(inject_at, "the story goes on", is_story=True)]


def away_now(house: House, exercise_id: int) -> Mapping[str, datetime]:
    """Who is away in an exercise now, each with its return; instants are incident time."""
    with house.store.reading() as session:
        return away_until(session, exercise_id, now_of(session, exercise_id, wall_now()))


def ends_at_of(house: House, exercise_id: int) -> datetime | None:
    """When an exercise ends at the latest, in incident time; its facilitator may let it last longer."""
    with house.store.reading() as session:
        return session.get_one(Exercise, exercise_id).ends_at


def why_stopped(house: House, exercise_id: int) -> str:
    """Why an exercise was stopped."""
    with house.store.reading() as session:
        return session.get_one(Exercise, exercise_id).why


def state_of(house: House, exercise_id: int) -> Literal["running", "paused", "stopped", "over"]:
    """Whether an exercise goes on: over once it has ended, or no incident of it is open any more."""
    with house.store.reading() as session:
        exercise = session.get_one(Exercise, exercise_id)
        began = session.exec(select(Incident.id).where(Incident.exercise_id == exercise_id)).first()
        if exercise.state == ENDED or (began and not live_incidents(session, exercise_id)):
            return "over"
        if exercise.state == STOPPED:
            return "stopped"
        return "running" if exercise.state == RUNNING else "paused"


def live_incidents(session: Session, exercise_id: int) -> list[Incident]:
    """The incidents and candidates of an exercise that still ask somebody, the first opened first."""
    return list(
        session.exec(
            select(Incident)
            .where(Incident.exercise_id == exercise_id, col(Incident.state).in_(LIVE))
            .order_by(col(Incident.id))
        )
    )


def _asking(session: Session, incident: Incident, question: Question) -> Asking:
    row = session.get(StepRow, question.step_row_id) if question.step_row_id else None
    if row is None:
        older = _older(session, incident) if question.kind == "command" else ""
        return Asking("", question.kind, older=older)
    step_id = (
        row.step_id.removeprefix(BY_HAND) if question.kind in _OF_STEPS else ""
    )  # an inject's: by its key
    return Asking(step_id, question.kind, step_of(incident, row).recipient or "")


def _older(session: Session, incident: Incident) -> str:
    """The first open incident of the exercise, where this one is not it."""
    first = next(
        (one for one in live_incidents(session, incident.exercise_id or 0) if one.state == "open"), None
    )
    return "" if first is None or first.id == incident.id else first.ref


def _clients(session: Session, incident: Incident) -> tuple[str, ...]:
    known = [case.client_id for case in cases_of(session, incident.id or 0)]
    return tuple(session.exec(select(Client.ref).where(col(Client.id).in_(known)).order_by(col(Client.ref))))


def _is_late(session: Session, incident: Incident, question: Question, recipient: str, at: datetime) -> bool:
    """Whether a clock has passed that a notice to this recipient, about this case, is to stop."""
    duties = running(duties_of(session, incident.id or 0)) if recipient else []
    return any(
        duty.recipient == recipient
        and duty.case_ref in ("", question.case_ref)
        and duty.due_at is not None
        and duty.due_at < at
        for duty in duties
    )


def _known(session: Session, incident: Incident, question: Question) -> dict[str, Any]:
    """What is read elsewhere and typed in: a text's hash, the incident that a candidate belongs to."""
    known: dict[str, Any] = dict(proof_wanted(session, question))
    if question.kind in ("candidate", "command"):
        known["into" if question.kind == "candidate" else "about"] = _older(session, incident)
    return known

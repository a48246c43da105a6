"""What a facilitator asks for: each in their name, within the transaction that spends their code."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from itertools import count
from typing import Any, Final

from pydantic import ValidationError
from pydantic_core import ErrorDetails
from sqlmodel import Session, col, select

from flows.exercise.recording import find_exercise
from flows.exercise.standing import ALIVE, refuse_standing
from flows.exercise.stepping import locked, now_of
from flows.people import FACILITATOR
from flows.vouching import note_house
from playbooks.errors import Mend, Refused
from playbooks.exercises.scenario import Inject as Told
from playbooks.fault_words import words
from store.tables import Answer, Exercise, Incident, Inject, Question, Responder

CONDUCTS: Final = frozenset({FACILITATOR, "commander"})
"""The roles whose holders conduct exercises."""
_BY_HAND: Final = "by-hand-"
_OPTIONS: Final = {"handled_within": "within", "facts": "fact"}
"""The options of `exercise inject` that have another name than what they say."""


def refuse_participant(session: Session, handle: str) -> None:
    """Raise Refused for whoever neither facilitates nor commands."""
    row = session.exec(select(Responder).where(Responder.handle == handle)).first()
    if row is None or row.disabled_at is not None or CONDUCTS.isdisjoint(row.roles):
        mend = "ask somebody with the role facilitator, or a commander"
        raise Refused("an exercise is conducted by its facilitator", which=handle, mend=mend)


def may_play(session: Session, exercise: Exercise, responder: Responder) -> bool:
    """Whether somebody has answered in an exercise, or holds a role that may still be asked to lead in it.

    Its facilitator never plays; whoever has the role facilitator does only where they answer all the same.
    """
    if responder.handle == exercise.facilitator:
        return False
    leads = exercise.ended_at is None and "commander" not in exercise.scripted
    return (leads and FACILITATOR not in responder.roles) or _has_answered(session, exercise, responder)


def _has_answered(session: Session, exercise: Exercise, responder: Responder) -> bool:
    given = (
        select(Answer.id)
        .join(Question, col(Question.id) == col(Answer.question_id))
        .join(Incident, col(Incident.id) == col(Question.incident_id))
        .where(
            Incident.exercise_id == exercise.id,
            Answer.handle == responder.handle,
            Answer.verdict == "accepted",  # anybody can type somebody's handle
        )
    )
    return session.exec(given.limit(1)).first() is not None


def alive(session: Session, name: str, by: str) -> Exercise:
    """The exercise that `by` may conduct, locked; raises NotFound or Refused."""
    refuse_participant(session, by)
    exercise = locked(session, find_exercise(session, name).id or 0)
    if exercise.state not in ALIVE:
        raise Refused("this exercise has ended", which=exercise.name)
    return exercise


def _in_words(fault: ErrorDetails) -> str:
    """What is wrong with an inject, by the option that says it, and what to say instead."""
    if not fault["loc"]:
        return fault["msg"].removeprefix("Value error, ")
    part = str(fault["loc"][0])
    name = f"--{_OPTIONS.get(part, part)}"
    return f"{name} is missing" if fault["type"] == "missing" else ", ".join(words(fault, name))


def add_inject(session: Session, exercise: Exercise, said: Mapping[str, Any], by: str, wall: datetime) -> str:
    """Add an inject of the facilitator's own, due now, and return its key.

    Raises Mend for what cannot be, Refused while the clock stands.
    """
    refuse_standing(exercise)
    known = set(session.exec(select(Inject.key).where(Inject.exercise_id == exercise.id)))
    key = next(key for number in count(1) if (key := f"{_BY_HAND}{number}") not in known)
    try:
        one = Told.model_validate({**said, "id": key, "at": "1m"})
    except ValidationError as fault:
        told = "; ".join(map(_in_words, fault.errors()[:4]))
        raise Mend("not an inject", which=told[:300], mend="see docs/scenarios.md") from None
    if one.client is not None and one.client not in exercise.clients:
        raise Mend("no client of this exercise", which=one.client, mend=f"use {', '.join(exercise.clients)}")
    now = now_of(session, exercise.id or 0, wall)
    body = one.model_dump(mode="json", exclude_none=True)
    session.add(Inject(exercise_id=exercise.id or 0, key=key, kind=one.kind, due_at=now, body=body))
    note_house(session, "inject_added", by, {"exercise": exercise.name, "inject": key}, wall)
    return key

"""When a playbook was last tested: by an exercise that ended, and in which people answered."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date

from sqlmodel import Session, col, select

from playbooks.models import Playbook
from store.tables import Answer, Exercise, Incident, Question


def days_tested(session: Session) -> Mapping[str, date]:
    """By playbook the day, in UTC, on which the latest exercise ended that tested it.

    Scripts test no plan, and one that ended stopped has not been played: neither counts.
    """
    found: dict[str, date] = {}
    ended = select(Exercise).where(Exercise.state == "ended", col(Exercise.stopped_at).is_(None))
    for exercise in session.exec(ended):
        if exercise.ended_at is not None and exercise.playbook and _was_played(session, exercise):
            day = exercise.ended_at.astimezone(UTC).date()
            found[exercise.playbook] = max(day, found.get(exercise.playbook, day))
    return found


def last_tested(playbook: Playbook, tested: Mapping[str, date]) -> date | None:
    """The day of a playbook's latest test: as it says itself, or as the exercises say, the later one."""
    return max((day for day in (playbook.last_tested, tested.get(playbook.id)) if day), default=None)


def _was_played(session: Session, exercise: Exercise) -> bool:
    """Whether somebody who is no script answered a step of the very plan."""
    answered = (
        select(Answer.id)
        .join(Question, col(Question.id) == col(Answer.question_id))
        .join(Incident, col(Incident.id) == col(Question.incident_id))
        .where(
            Incident.exercise_id == exercise.id,
            Incident.playbook == exercise.playbook,  # else the general one stood in for it
            Question.kind == "step",
            Answer.verdict == "accepted",
            col(Answer.handle).not_in(list(exercise.scripted.values())),
        )
    )
    return session.exec(answered.limit(1)).first() is not None

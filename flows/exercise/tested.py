"""When a playbook was last tested, and in which version: by an exercise that people answered to its end."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC

from sqlmodel import Session, col, select

from playbooks.coverage_parts import LastTest
from playbooks.models import Playbook
from store.tables import Answer, Exercise, Incident, Question


def last_tests(session: Session) -> Mapping[str, LastTest]:
    """By playbook the end of the latest exercise that tested it.

    Scripts test no plan, and one that ended stopped has not been played: neither counts.
    """
    found: dict[str, LastTest] = {}
    ended = select(Exercise).where(Exercise.state == "ended", col(Exercise.stopped_at).is_(None))
    for exercise in session.exec(ended.order_by(col(Exercise.ended_at))):
        if exercise.ended_at is not None and exercise.playbook and _was_played(session, exercise):
            day = exercise.ended_at.astimezone(UTC).date()
            found[exercise.playbook] = LastTest(day, exercise.playbook_version)
    return found


def last_test(playbook: Playbook, tested: Mapping[str, LastTest]) -> LastTest | None:
    """A playbook's latest test: as it says of itself, or as the exercises say, the later one."""
    own = LastTest(playbook.last_tested, playbook.version) if playbook.last_tested else None
    return max((one for one in (own, tested.get(playbook.id)) if one), key=lambda one: one.day, default=None)


def tested_words(playbook: Playbook, test: LastTest | None) -> str:
    """A test in words: its day, and the version where another one than this was tested; empty for none."""
    if test is None:
        return ""
    return f"{test.day}" if test.version == playbook.version else f"{test.day}, as version {test.version}"


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

"""How an exercise stands: its state, and the rows that belong to it."""

from __future__ import annotations

from typing import Final

from sqlmodel import Session, col, select

from playbooks.errors import Refused
from store.tables import Exercise

RUNNING: Final = "running"
PAUSED: Final = "paused"
STOPPED: Final = "stopped"
ENDED: Final = "ended"
ALIVE: Final = (RUNNING, PAUSED, STOPPED)
"""The states of an exercise that nobody has ended."""
AUTHOR: Final = "exercise"
"""In whose name an exercise ends what is left of it."""


def refuse_standing(exercise: Exercise) -> None:
    """Raise Refused unless the exercise goes on."""
    if exercise.state != RUNNING:
        mend = "" if exercise.state == ENDED else f"`seventytwo exercise resume {exercise.name}` first"
        raise Refused(f"this exercise is {exercise.state}", which=exercise.name, mend=mend)


def running(session: Session) -> list[Exercise]:
    """The exercises whose clock moves or may be moved."""
    return list(
        session.exec(select(Exercise).where(Exercise.state == RUNNING, col(Exercise.ended_at).is_(None)))
    )

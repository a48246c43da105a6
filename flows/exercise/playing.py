"""Playing an exercise through: step the clock to the next answer or warning, never over one."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from flows.exercise.scripted import Cast, Planned, Script, find_incident, give, planned_answers
from flows.exercise.stepping import exercise_now, is_quiet, jump, next_warning_at
from flows.gathering import find_question, open_questions
from flows.house import House
from playbooks.errors import TellHuman

GLANCE = 0.05  # seconds
PATIENCE = 120.0  # seconds of wall time without any progress
MOST_ATTEMPTS = 6
"""Answers to one question, refused each time, after which a script has nothing better to say."""


@dataclass(frozen=True, slots=True)
class Play:
    """An exercise being played: where, what, and by whom."""

    house: House
    script: Script
    cast: Cast
    exercise_id: int
    incident: str


def play(game: Play, tick: Callable[[str], None]) -> None:
    """Play until the incident is closed; `tick` hears every answer, and is called often in between.

    Raises TellHuman where nothing moves any more.
    """
    since = time.monotonic()
    while find_incident(game.house, game.incident).state == "open":
        if moved := _move(game):
            since = time.monotonic()
        elif time.monotonic() - since > PATIENCE:
            raise TellHuman("the exercise does not go on", which=game.incident, mend="look at the logs")
        tick(moved)
        if not moved:
            time.sleep(GLANCE)


def _move(game: Play) -> str:
    """Make the next move if the engine is quiet, a jump of the clock or an answer, and say which."""
    if not is_quiet(game.house, game.exercise_id):
        return ""
    planned = planned_answers(game.house, game.script, game.incident)
    if len(planned) != _asked(game):
        return ""
    now = exercise_now(game.house, game.exercise_id)
    first = planned[0]
    at = max(first.at, now)
    warning_at = next_warning_at(game.house, game.exercise_id)
    if warning_at is not None and warning_at <= at and not first.is_last:
        jump(game.house, game.exercise_id, max(warning_at, now))
        return f"the clock steps to {warning_at:%d %b %H:%M} UTC, where a warning falls due"
    jump(game.house, game.exercise_id, at)
    return _answer(game, replace(first, at=at))


def _answer(game: Play, planned: Planned) -> str:
    if planned.question.attempt > MOST_ATTEMPTS:
        fault = planned.question.fault or planned.question.title
        raise TellHuman("the script's answer is refused each time", which=fault, mend="mend the script")
    if not give(game.house, game.cast, planned):
        return ""
    until = time.monotonic() + PATIENCE
    while _attempt(game, planned) == planned.question.attempt and time.monotonic() < until:
        time.sleep(GLANCE)
    return f"{_clock(planned.at)} {planned.question.role} answers: {planned.question.title}"


def _attempt(game: Play, planned: Planned) -> int:
    with game.house.store.reading() as session:
        question = find_question(session, planned.question.ref)
        return question.attempt if question else 0


def _asked(game: Play) -> int:
    incident = find_incident(game.house, game.incident)
    with game.house.store.reading() as session:
        return len(open_questions(session, incident.id or 0))


def _clock(at: datetime) -> str:
    return f"{at:%d %b %H:%M}"

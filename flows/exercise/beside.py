"""The clock of an exercise moved ahead beside its scripted roles: each answers at its own instant.

Whoever plays them is another process: the clock stops where an answer is ready, until it was given.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial

from sqlmodel import col, select

from flows.exercise.conductor import is_conducted, player_of
from flows.exercise.playing import GLANCE, MOST_ATTEMPTS, Hear, Player
from flows.exercise.shifting import go_to
from flows.exercise.through_prefect import ThroughPrefect
from flows.gathering import find_question
from flows.house import House
from store.tables import Inject, Question

PATIENCE = 30.0  # seconds of wall time for one answer
SETTLING = 10.0  # seconds of wall time for what follows from one


def shift_beside(house: House, name: str, until: datetime, hear: Hear = lambda _: None) -> None:
    """Move an exercise's clock ahead to `until`, incident time; scripted roles that are played answer.

    `hear` is told each answer, and at last each inject that came. Raises as `go_to` does.
    """
    player = player_of(house, name, ThroughPrefect)
    waiting = {one.key for one in _injects(house, player.exercise_id) if one.state == "waiting"}
    let_answer(player, until, lambda: is_conducted(house, name), hear)
    go_to(house, player.exercise_id, until)
    for one in _injects(house, player.exercise_id):
        if one.key in waiting and one.delivered_at is not None:
            to = f", to {one.body['to']}" if one.body.get("to") else ""
            hear(f"{one.delivered_at:%d %b %H:%M} {one.key} has come{to}")


def let_answer(player: Player, until: datetime, is_played: Callable[[], bool], hear: Hear) -> None:
    """Move the clock from one scripted answer to the next, up to the last that is ready at `until`.

    One that does not come is not waited for again. Raises as `go_to` does.
    """
    while is_played():
        _wait(player.engine.is_at_rest, SETTLING)
        ready = player.next_answer()
        if ready is None or ready.ready_at > until:
            return
        asked = _question(player, ready.question)
        if asked is None:
            continue
        go_to(player.house, player.exercise_id, ready.ready_at)
        if asked.attempt <= MOST_ATTEMPTS and _wait(partial(_is_judged, player, asked), PATIENCE):
            hear(f"{ready.ready_at:%d %b %H:%M} the script of {asked.role} answers: {asked.title}")
        else:
            player.left.add(asked.ref)


def _is_judged(player: Player, asked: Question) -> bool:
    found = _question(player, asked.ref)
    return found is None or found.attempt != asked.attempt or found.state != "open"


def _question(player: Player, ref: str) -> Question | None:
    with player.house.store.reading() as session:
        return find_question(session, ref)


def _injects(house: House, exercise_id: int) -> Sequence[Inject]:
    with house.store.reading() as session:
        rows = select(Inject).where(Inject.exercise_id == exercise_id)
        return session.exec(rows.order_by(col(Inject.due_at), col(Inject.id))).all()


def _wait(is_so: Callable[[], bool], seconds: float) -> bool:
    """Whether it is so within that time."""
    until = time.monotonic() + seconds
    while not (found := is_so()) and time.monotonic() < until:
        time.sleep(GLANCE)
    return found

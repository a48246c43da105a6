"""The clock of an exercise moved ahead by its facilitator: what lies between falls due at its own instant."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from sqlmodel import Session, select

from flows.beginning import begin_one
from flows.exercise.injecting import fire_injects
from flows.exercise.standing import refuse_standing
from flows.exercise.stepping import exercise_now, jump, next_inject_at, next_warning_at, now_of
from flows.exercise.waiting import live_incidents
from flows.house import House
from flows.vouching import note_house
from flows.watching import fire_rehearsed
from playbooks.errors import Refused
from store.tables import Exercise, Inject

LONGEST: Final = timedelta(days=366)


def plan_shift(session: Session, exercise: Exercise, span: timedelta, by: str, wall: datetime) -> datetime:
    """Write down who moves the clock; where it is to come to: its end at the latest, in incident time.

    The caller has locked the exercise. Raises Refused for a span back, and where the clock stands.
    """
    _refuse_back(span)
    refuse_standing(exercise)
    until = now_of(session, exercise.id or 0, wall) + span
    if exercise.ends_at is not None:
        until = min(until, exercise.ends_at)
    said = {"exercise": exercise.name, "span": str(span), "until": until.isoformat()}
    note_house(session, "exercise_shifted", by, said, wall)
    return until


def go_to(house: House, exercise_id: int, until: datetime) -> None:
    """Move an exercise's clock ahead to `until`, from one thing that falls due to the next.

    It goes on at its own rate from there. Cut off, it stays at what it came to: whoever shifts again goes on
    from there. Raises Refused where something cannot happen yet, and where the clock was made to stand.
    """
    while (due := _next(house, exercise_id)) is not None and due <= until:
        _to(house, exercise_id, due)
        if not _happens(house, exercise_id) and _next(house, exercise_id) == due:
            what = "something due then cannot happen yet: the clock came as far as that"
            raise Refused(what, which=f"{due:%Y-%m-%d %H:%MZ}", mend="shift again in a moment")
    _to(house, exercise_id, until)
    _happens(house, exercise_id)


def shift_injects(session: Session, exercise: Exercise, span: timedelta, by: str, wall: datetime) -> int:
    """Let the injects that wait, and the end, come later by `span`; returns how many wait.

    The caller has locked the exercise. Raises Refused for a span back.
    """
    _refuse_back(span)
    note_house(session, "injects_shifted", by, {"exercise": exercise.name, "span": str(span)}, wall)
    rows = select(Inject).where(Inject.exercise_id == exercise.id, Inject.state == "waiting")
    waiting = list(session.exec(rows.with_for_update()))
    for row in waiting:
        row.due_at += span
        session.add(row)
    if exercise.ends_at is not None:
        exercise.ends_at += span
        session.add(exercise)
    return len(waiting)


def _refuse_back(span: timedelta) -> None:
    if not timedelta(0) < span <= LONGEST:
        raise Refused("a clock goes ahead only, by a year at most", which=str(span), mend="say 4h, or 2d")


def _happens(house: House, exercise_id: int) -> int:
    """Let happen what is due in this exercise alone, and begin what alerts opened; returns how much did."""
    fired = fire_injects(house, exercise_id)
    with house.store.reading() as session:
        recorded = [one.ref for one in live_incidents(session, exercise_id) if one.pending]
    return fired + sum(begin_one(house, ref) for ref in recorded) + fire_rehearsed(house, exercise_id)


def _next(house: House, exercise_id: int) -> datetime | None:
    """The instant of the next inject or warning."""
    found = (next_inject_at(house, exercise_id), next_warning_at(house, exercise_id))
    return min((at for at in found if at is not None), default=None)


def _to(house: House, exercise_id: int, at: datetime) -> None:
    """Step to an instant, unless the clock has come beyond it by itself."""
    try:
        jump(house, exercise_id, at)
    except Refused:
        if exercise_now(house, exercise_id) < at:
            raise

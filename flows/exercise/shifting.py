"""The clock of an exercise moved ahead by its facilitator: what lies between falls due at its own instant."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from sqlmodel import Session, select

from flows.clock import wall_now
from flows.exercise.injecting import fire_injects
from flows.exercise.standing import ALIVE, RUNNING
from flows.exercise.stepping import exercise_now, jump, locked, next_inject_at, next_warning_at, now_of
from flows.house import House
from flows.vouching import note_house
from flows.watching import fire_due
from playbooks.errors import Refused
from store.tables import Exercise, Inject

LONGEST: Final = timedelta(days=366)


def shift(house: House, name: str, span: timedelta, by: str) -> None:
    """Move an exercise's clock ahead by `span`; it goes on at its own rate from there.

    A shift that is cut off leaves the clock at what it came to: whoever shifts again goes on from there.
    Raises Refused for a span back, for an exercise that does not run, and where something cannot happen yet.
    """
    with house.store.writing() as session:
        exercise, wall = _alive(session, name, span), wall_now()
        if exercise.state != RUNNING:
            raise Refused(f"this exercise is {exercise.state}", which=name, mend="resume it first")
        number = exercise.id or 0
        until = now_of(session, number, wall) + span
        said = {"exercise": name, "span": str(span), "until": until.isoformat()}
        note_house(session, "exercise_shifted", by, said, wall)
    while (due := _next(house, number)) is not None and due <= until:
        _to(house, number, due)
        if not (fire_injects(house) + fire_due(house)) and _next(house, number) == due:
            what = "something due then cannot happen yet: the clock came as far as that"
            raise Refused(what, which=f"{due:%Y-%m-%d %H:%MZ}", mend="shift again in a moment")
    _to(house, number, until)
    fire_injects(house)
    fire_due(house)


def shift_injects(house: House, name: str, span: timedelta, by: str) -> int:
    """Let the injects that wait, and the end, come later by `span`; returns how many wait."""
    with house.store.writing() as session:
        exercise = _alive(session, name, span)
        note_house(session, "injects_shifted", by, {"exercise": name, "span": str(span)}, wall_now())
        rows = select(Inject).where(Inject.exercise_id == exercise.id, Inject.state == "waiting")
        waiting = list(session.exec(rows.with_for_update()))
        for row in waiting:
            row.due_at += span
            session.add(row)
        if exercise.ends_at is not None:
            exercise.ends_at += span
            session.add(exercise)
        return len(waiting)


def _alive(session: Session, name: str, span: timedelta) -> Exercise:
    if not timedelta(0) < span <= LONGEST:
        raise Refused("a clock goes ahead only, by a year at most", which=str(span), mend="say 4h, or 2d")
    number = session.exec(select(Exercise.id).where(Exercise.name == name)).one()
    exercise = locked(session, number or 0)
    if exercise.state not in ALIVE:
        raise Refused("this exercise has ended", which=name)
    return exercise


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

"""Injects: what happens to those who play, each once, at its instant of the exercise's time.

The watch fires them as it fires warnings; a facilitator brings one by hand. State moves once, in the very
transaction of what the inject does.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Final

from sqlmodel import Session, col, select

from flows.clock import incident_now, wall_now
from flows.deciding import Decision, note
from flows.exercise.bringing import BRING, bring_alert, bring_start
from flows.exercise.losing import end_losses
from flows.exercise.standing import RUNNING, running
from flows.exercise.stepping import locked, now_of
from flows.exercise.waiting import live_incidents
from flows.gathering import steps_of
from flows.house import House
from playbooks.errors import ChooseAgain, Mend, NotFound, Refused, SeventytwoError
from store.tables import Exercise, Incident, Inject

log = logging.getLogger("seventytwo.exercise")

START: Final = "start"
"""The key and kind of the first inject: the alert that the exercise begins with."""
_SCENARIO: Final = "by the scenario"
_ENDED: Final = frozenset({"done", "skipped"})


def fire_injects(home: House) -> int:
    """Let every inject happen that is due; returns how many were delivered or dropped.

    One that can never happen, as a fact with a value that cannot be, is dropped with the reason. Any other
    fault does not hold back the rest, and is raised after them.
    """
    fired, faults = 0, []
    for number in _due(home, wall_now()):
        try:
            fired += _fire(home, number, _SCENARIO)
        except (Mend, ChooseAgain) as fault:
            fired += _give_up(home, number, fault)
        except Exception as fault:  # whatever it is: the other exercises go on
            log.exception("inject %s could not happen", number)
            faults.append(fault)
    end_losses(home)
    if faults:
        raise faults[0]
    return fired


def bring(home: House, exercise: str, key: str, by: str) -> None:
    """Let a waiting inject happen now; raises NotFound, or Refused where it happened already."""
    with home.store.reading() as session:
        found = session.exec(
            select(Inject).join(Exercise).where(Exercise.name == exercise, Inject.key == key)
        ).first()
        if found is None:
            raise NotFound("no such inject", which=key, mend=f"see `seventytwo exercise board {exercise}`")
    if not _fire(home, found.id or 0, f"by {by}", by_hand=True):
        raise Refused("this inject waits no more", which=f"{key}: {found.state}")


def _due(home: House, wall: datetime) -> list[int]:
    """The injects that are due, exercise by exercise, in the order of the story."""
    with home.store.reading() as session:
        found: list[int] = []
        for exercise in running(session):
            now = now_of(session, exercise.id or 0, wall)
            rows = select(Inject.id).where(
                Inject.exercise_id == exercise.id, Inject.state == "waiting", Inject.due_at <= now
            )
            found += [one for one in session.exec(rows.order_by(col(Inject.due_at), col(Inject.id))) if one]
        return found


def _fire(home: House, number: int, why: str, *, by_hand: bool = False) -> bool:
    """Let one inject happen, if it still waits; the conditional one only where its condition holds."""
    with home.store.reading() as session:
        inject = session.get_one(Inject, number)
        kind, key, exercise_id = inject.kind, inject.key, inject.exercise_id
        live = live_incidents(session, exercise_id)
        ref = live[0].ref if live else ""
    if kind in _BESIDE or not ref:
        return _fire_beside(home, number, why, by_hand=by_hand)
    with home.store.deciding(ref) as (session, incident):
        wall = wall_now()
        decision = Decision(home, session, incident, wall, incident_now(session, incident, wall))
        return _decide(decision, number, key, why, by_hand=by_hand)


def _fire_beside(home: House, number: int, why: str, *, by_hand: bool) -> bool:
    """Let one inject happen that needs no open incident; any other is dropped."""
    with _taken(home, number) as (session, inject, exercise):
        if inject is None or exercise is None:
            return False
        if inject.kind not in _BESIDE:
            _mark(session, inject, "dropped", None, "no incident of the exercise was open")
            return True
        step = str(inject.body.get("unless_done") or "")
        live = live_incidents(session, inject.exercise_id) if step and not by_hand else []
        if any(_is_done(session, one.id or 0, step) for one in live):
            _mark(session, inject, "dropped", None, f"{step} was done in time")
            return True
        wall = wall_now()
        _BESIDE[inject.kind](home, session, exercise, inject, wall)
        _mark(session, inject, "delivered", now_of(session, inject.exercise_id, wall), why)
        return True


def _give_up(home: House, number: int, fault: SeventytwoError) -> bool:
    """Drop an inject that no repeat would make possible; the facilitator reads why on the board."""
    log.warning("an inject cannot happen: %s", fault)
    with _taken(home, number) as (session, inject, _):
        if inject is None:
            return False
        _mark(session, inject, "dropped", None, f"it could not happen: {fault}"[:300])
        return True


def _decide(decision: Decision, number: int, key: str, why: str, *, by_hand: bool) -> bool:
    session = decision.session
    exercise = locked(session, decision.incident.exercise_id or 0)
    inject = _waiting(session, number)
    if inject is None or exercise.state != RUNNING:
        return False
    step = inject.body.get("unless_done")
    if step and not by_hand and _is_done(session, decision.incident_id, str(step)):
        _mark(session, inject, "dropped", None, f"{step} was done in time")
        return True
    BRING[inject.kind](decision, exercise, inject)
    note(decision, "inject_delivered", "exercise", {"inject": key, "kind": inject.kind, "why": why})
    _mark(session, inject, "delivered", decision.now, why)
    return True


@contextmanager
def _taken(home: House, number: int) -> Iterator[tuple[Session, Inject | None, Exercise | None]]:
    """A transaction that holds an inject that still waits, with its exercise; none where it does not.

    The exercise is not locked: who decides about an incident locks that first, and intake locks incidents.
    """
    with home.store.writing() as session:
        session.get_one(Inject, number, with_for_update=True, populate_existing=True)
        inject = _waiting(session, number)
        exercise = session.get_one(Exercise, session.get_one(Inject, number).exercise_id)
        is_on = inject is not None and exercise.state == RUNNING
        yield session, inject if is_on else None, exercise if is_on else None


def _waiting(session: Session, number: int) -> Inject | None:
    inject = session.get_one(Inject, number, populate_existing=True)
    return inject if inject.state == "waiting" else None


def _mark(session: Session, inject: Inject, state: str, at: datetime | None, why: str) -> None:
    inject.state, inject.delivered_at, inject.why = state, at, why
    session.add(inject)


def _is_done(session: Session, incident_id: int, step_id: str) -> bool:
    """Whether a step was asked, and in every case has ended as done or passed by."""
    rows = [row for row in steps_of(session, incident_id) if row.step_id == step_id]
    return any(row.state == "done" for row in rows) and all(row.state in _ENDED for row in rows)


_Beside = Callable[[House, Session, Exercise, Inject, datetime], Incident | None]
_BESIDE: Final[dict[str, _Beside]] = {START: bring_start, "alert": bring_alert}
"""What opens or joins incidents by itself, and therefore holds the lock of none beforehand."""

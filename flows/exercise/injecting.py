"""Injects: what happens to those who play, each once, at its instant of the exercise's time.

The watch fires them as it fires warnings; a facilitator calls one before its time. State moves once, in the
very transaction of what the inject does.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Final

from sqlalchemy.exc import DBAPIError
from sqlmodel import Session, col, select

from flows.clock import incident_now, wall_now
from flows.deciding import Decision, note
from flows.exercise.bringing import BRING, bring_alert
from flows.exercise.losing import end_losses
from flows.exercise.standing import RUNNING, refuse_standing, running
from flows.exercise.stepping import locked, now_of
from flows.exercise.waiting import live_incidents
from flows.house import House
from flows.incidents import LIVE
from playbooks.errors import ChooseAgain, Mend, NotFound, Refused, Retry, SetupFault, TellHuman
from store.tables import Exercise, Incident, Inject, StepRow

log = logging.getLogger("seventytwo.exercise")

_SCENARIO: Final = "by the scenario"
_ALERT: Final = "alert"
"""The kind that opens or joins incidents by itself, and therefore holds the lock of none beforehand."""
_PASSING: Final = (Retry, SetupFault, TellHuman, DBAPIError, OSError)
"""Faults of what we stand on: once they are mended, what waits comes by itself."""
_ENDED: Final = frozenset({"done", "skipped", "withdrawn"})


def fire_injects(home: House, exercise_id: int | None = None) -> int:
    """Let every inject happen that is due, of one exercise or of all; returns how many came or were dropped.

    One that can never happen, as a fact with a value that cannot be, is dropped with the reason. A fault of
    ours, or of what we stand on, does not hold back the rest, and is raised after them.
    """
    fired, faults = 0, []
    for number in _due(home, wall_now(), exercise_id):
        try:
            fired += _fire_or_drop(home, number)
        except Exception as fault:  # whatever it is: the other exercises go on
            log.exception("inject %s could not happen", number)
            faults.append(fault)
    end_losses(home)
    if faults:
        raise faults[0]
    return fired


def call(session: Session, exercise: Exercise, key: str, by: str, wall: datetime) -> None:
    """Let a waiting inject be due now, whatever it waited for; the caller has locked the exercise.

    Whoever comes by lets it happen. Raises NotFound, or Refused where it waits no more or the clock stands.
    """
    refuse_standing(exercise)
    inject = _keyed(session, exercise.id or 0, key)
    if inject is None:
        raise NotFound("no such inject", which=key, mend=f"see `seventytwo exercise board {exercise.name}`")
    if inject.state != "waiting":
        raise Refused("this inject waits no more", which=f"{key}: {inject.state}")
    inject.due_at = min(inject.due_at, now_of(session, exercise.id or 0, wall))
    inject.body = {name: value for name, value in inject.body.items() if name != "unless_done"}
    inject.why = f"by {by}"
    session.add(inject)


def arrive(home: House, exercise_id: int, key: str) -> None:
    """Let an inject that was called happen, unless the watch was quicker; raises Refused where it cannot."""
    with home.store.reading() as session:
        inject = _keyed(session, exercise_id, key)
        assert inject is not None, "it was called"
        number = inject.id or 0
    _fire_or_drop(home, number)
    with home.store.reading() as session:
        inject = session.get_one(Inject, number)
    if inject.state == "waiting":
        raise Refused("this inject cannot come yet", which=key, mend="it comes by itself, in a moment")
    if inject.state != "delivered":
        raise Refused(f"this inject was {inject.state}", which=f"{key}: {inject.why}")


def _due(home: House, wall: datetime, exercise_id: int | None) -> list[int]:
    """The injects that are due, exercise by exercise, in the order of the story."""
    with home.store.reading() as session:
        found: list[int] = []
        for exercise in running(session):
            if exercise_id not in (None, exercise.id):
                continue
            now = now_of(session, exercise.id or 0, wall)
            rows = select(Inject.id).where(
                Inject.exercise_id == exercise.id, Inject.state == "waiting", Inject.due_at <= now
            )
            found += [one for one in session.exec(rows.order_by(col(Inject.due_at), col(Inject.id))) if one]
        return found


def _fire_or_drop(home: House, number: int) -> bool:
    """Let one inject happen, or drop it where no repeat would help: the story does not wait for a bug.

    Raises what is no fault of the inject; of these only a bug drops it.
    """
    try:
        return _fire(home, number)
    except _PASSING:
        raise
    except (Mend, ChooseAgain) as fault:
        log.warning("an inject cannot happen: %s", fault)
        return _drop(home, number, str(fault))
    except Exception as fault:
        _drop(home, number, f"a fault of ours, {type(fault).__name__}: the log has it")
        raise


def _fire(home: House, number: int) -> bool:
    """Let one inject happen, if it still waits; the conditional one only where its condition holds."""
    with home.store.reading() as session:
        inject = session.get_one(Inject, number)
        kind, key = inject.kind, inject.key
        ref = _place(session, inject.exercise_id)
    if kind == _ALERT or not ref:
        return _fire_beside(home, number)
    with home.store.deciding(ref) as (session, incident):
        if incident.state not in LIVE or incident.pending == "begin":
            return False  # it ended, or is being opened, at this moment: whoever looks next finds a place
        wall = wall_now()
        decision = Decision(home, session, incident, wall, incident_now(session, incident, wall))
        return _decide(decision, number, key)


def _place(session: Session, exercise_id: int) -> str:
    """The incident in which an inject happens: the first that is open, else the first candidate."""
    live = live_incidents(session, exercise_id)
    return next((one.ref for one in sorted(live, key=lambda one: one.state != "open")), "")


def _fire_beside(home: House, number: int) -> bool:
    """Let a further alert come in; anything else has no place where nothing is open, and is dropped."""
    with _taken(home, number) as (session, inject, exercise):
        if inject is None or exercise is None:
            return False
        if inject.kind != _ALERT:
            _mark(session, inject, "dropped", None, "no incident of the exercise was open")
            return True
        if _is_needless(session, inject):
            return True
        wall = wall_now()
        bring_alert(home, session, exercise, inject, wall)
        _mark(session, inject, "delivered", now_of(session, inject.exercise_id, wall), _why(inject))
        return True


def _drop(home: House, number: int, why: str) -> bool:
    """Drop an inject that waits; the facilitator reads why on the board."""
    with _taken(home, number) as (session, inject, _):
        if inject is None:
            return False
        _mark(session, inject, "dropped", None, f"it could not happen: {why}"[:300])
        return True


def _decide(decision: Decision, number: int, key: str) -> bool:
    session = decision.session
    exercise = locked(session, decision.incident.exercise_id or 0)
    inject = _waiting(session, number)
    if inject is None or exercise.state != RUNNING:
        return False
    if _is_needless(session, inject):
        return True
    BRING[inject.kind](decision, exercise, inject)
    note(decision, "inject_delivered", "exercise", {"inject": key, "kind": inject.kind, "why": _why(inject)})
    _mark(session, inject, "delivered", decision.now, _why(inject))
    return True


def _is_needless(session: Session, inject: Inject) -> bool:
    """Drop an inject whose step was done in time; whether it was."""
    step = str(inject.body.get("unless_done") or "")
    if not step or not _is_done(session, inject.exercise_id, step):
        return False
    _mark(session, inject, "dropped", None, f"{step} was done in time")
    return True


def _why(inject: Inject) -> str:
    """Who let it happen: whoever called it, else the scenario."""
    return inject.why or _SCENARIO


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


def _keyed(session: Session, exercise_id: int, key: str) -> Inject | None:
    return session.exec(select(Inject).where(Inject.exercise_id == exercise_id, Inject.key == key)).first()


def _waiting(session: Session, number: int) -> Inject | None:
    inject = session.get_one(Inject, number, populate_existing=True)
    return inject if inject.state == "waiting" else None


def _mark(session: Session, inject: Inject, state: str, at: datetime | None, why: str) -> None:
    inject.state, inject.delivered_at, inject.why = state, at, why
    session.add(inject)


def _is_done(session: Session, exercise_id: int, step_id: str) -> bool:
    """Whether a step was done in an incident of the exercise, and nothing of it is open there any more."""
    rows = (
        select(StepRow.incident_id, StepRow.state)
        .join(Incident, col(Incident.id) == col(StepRow.incident_id))
        .where(Incident.exercise_id == exercise_id, StepRow.step_id == step_id)
    )
    states: defaultdict[int, set[str]] = defaultdict(set)
    for incident_id, state in session.exec(rows):
        states[incident_id].add(state)
    return any("done" in one and one <= _ENDED for one in states.values())

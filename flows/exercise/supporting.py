"""Scripted responders: enrolled for one exercise alone, listed nowhere else, disabled at its end."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Final

from sqlmodel import Session, col, select

from flows.identity import new_secret
from flows.people import APPROVER
from flows.vouching import note_house
from store.tables import Exercise, Responder

PERIOD: Final = 1  # seconds; such codes count in exercises only


def enrol_scripted(
    session: Session, exercise: str, roles: Collection[str], by: str, at: datetime, *, approvers: int = 1
) -> dict[str, str]:
    """Enrol a scripted responder for each role of an exercise; their handles by role.

    Where a contract wants more `approvers` than one, the others' handles stand under `approver-2` and so on.
    """
    parts = {role: role for role in roles}
    if APPROVER in parts:
        parts |= {f"{APPROVER}-{number}": APPROVER for number in range(2, approvers + 1)}
    handles = {part: f"{exercise.lower()}-{part.replace('_', '-')}" for part in parts}
    for part, handle in handles.items():
        role = parts[part]
        session.add(
            Responder(
                handle=handle,
                name=f"Scripted {part.replace('_', ' ')}",
                roles=[role],
                secret=new_secret(),
                code_period=PERIOD,
                enrolled_at=at,
            )
        )
    if handles:
        note_house(
            session, "scripted_enrolled", by, {"exercise": exercise, "handles": [*handles.values()]}, at
        )
    return handles


def dismiss_scripted(session: Session, exercise: Exercise, at: datetime) -> None:
    """Disable the scripted responders of an exercise that is over."""
    handles = list(exercise.scripted.values())
    rows = select(Responder).where(col(Responder.handle).in_(handles), col(Responder.disabled_at).is_(None))
    for row in session.exec(rows):
        row.disabled_at = at
        session.add(row)


def playing_elsewhere(session: Session, exercise_id: int | None) -> frozenset[str]:
    """The scripted responders of every exercise but this one."""
    others = session.exec(select(Exercise.id, Exercise.scripted))
    return frozenset(
        str(handle) for number, scripted in others if number != exercise_id for handle in scripted.values()
    )

"""How long work took in past incidents: what a simulation draws from where there are enough of them.

Only hours count in which somebody of the role was on duty, by the roster of that time: what the rest waited
for, the simulation adds by itself. Exercises count where people played them at their real pace: on a clock
that jumps, or runs faster, nobody's pace is seen, and a scripted responder has none.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import and_, or_
from sqlmodel import Session, col, select

from flows.identity import CODE_PERIOD
from flows.roster.keeping import aways
from playbooks.errors import Mend
from playbooks.roster.duty import Standing, spans
from playbooks.roster.models import from_stored
from playbooks.simulation.durations import (
    LONGEST,
    Duration,
    Empirical,
    Lognormal,
    check_duration,
    lognormal_of,
)
from playbooks.simulation.model import STAFFLESS, Part
from playbooks.simulation.parts import FIRST
from store.tables import Answer, Exercise, Incident, Question, Responder, Roster, StepRow
from store.types import canonical

ENOUGH: Final = 8
"""Fewer samples than that say nothing: the target does."""
AS_MEASURED: Final = 40
"""So many samples are drawn from as they are; fewer by the lognormal that they fit, which has a tail."""
_MOST: Final = 5_000
_PARTS: Final[Mapping[str, Part]] = {
    "step": "do",
    "action": "act",
    "approval": "approve",
    "draft": "draft",
    "counsel": "counsel",
    "release": "release",
    "proof": "deliver",
}
"""The part of a step that a question of each kind asks for."""


@dataclass(frozen=True, slots=True)
class Took:
    """How long one question took, off-duty hours left out."""

    playbook: str
    step: str
    part: Part
    span: timedelta


@dataclass(frozen=True, slots=True)
class Learned:
    """What past work says of a part of one step, or of any where no step is named."""

    step: str
    part: Part
    samples: int
    of_this_playbook: bool
    duration: Duration

    @property
    def name(self) -> str:
        """The name by which a simulation looks it up."""
        return f"{self.step}/{self.part}" if self.step else self.part


def learned_durations(session: Session, playbook: str) -> tuple[Learned, ...]:
    """Every duration that enough past work speaks for: of this playbook, else of any, else of the part."""
    return learned_from(list(past_work(session)), playbook)


def learned_from(past: Sequence[Took], playbook: str) -> tuple[Learned, ...]:
    """The same from what was read."""
    own: dict[tuple[str, Part], list[timedelta]] = defaultdict(list)
    any_: dict[tuple[str, Part], list[timedelta]] = defaultdict(list)
    for took in past:
        any_[took.step, took.part].append(took.span)
        if took.playbook == playbook:
            own[took.step, took.part].append(took.span)
        if took.part not in FIRST:
            any_["", took.part].append(took.span)
    found = []
    for (step, part), spans_ in sorted(any_.items()):
        mine = own[step, part]
        samples = mine if len(mine) >= ENOUGH else spans_
        if len(samples) >= ENOUGH:
            found.append(Learned(step, part, len(samples), samples is mine, duration_of(samples)))
    return tuple(found)


def duration_of(samples: Sequence[timedelta]) -> Duration:
    """The distribution that samples speak for: as measured, or of few the lognormal that they fit."""
    measured = Empirical(tuple(sorted(samples)))
    if len(samples) >= AS_MEASURED:
        return measured
    fitted: Lognormal = lognormal_of(samples)
    try:
        check_duration(fitted)
    except Mend:  # so wide that a nineteenth of it would take more than a year
        return measured
    return fitted


def past_work(session: Session) -> Iterator[Took]:
    """What was asked and answered in real incidents, and by people in exercises of real pace."""
    rosters = _Rosters(session)
    for playbook, step, kind, role, began, ended in _answered(session):
        part = _PARTS[kind]
        off_duty = timedelta() if part in STAFFLESS else rosters.off_duty(role, began, ended)
        if timedelta() <= ended - began - off_duty <= LONGEST:
            yield Took(playbook, step, part, ended - began - off_duty)


def _answered(session: Session) -> Sequence[tuple[str, str, str, str, datetime, datetime]]:
    """The latest questions of steps that were answered: playbook, step, kind, role, from when until when."""
    by_people = or_(col(Responder.code_period).is_(None), col(Responder.code_period) >= CODE_PERIOD)
    at_real_pace = or_(col(Incident.kind) == "real", col(Exercise.pace) == "real")
    counted = and_(col(Answer.question_id) == col(Question.id), col(Answer.verdict) == "accepted")
    rows = session.exec(
        select(
            Incident.playbook,
            StepRow.step_id,
            Question.kind,
            Question.role,
            Question.opened_at,
            col(Question.closed_at),
        )  # type: ignore[call-overload]
        .join(Incident, col(Incident.id) == col(Question.incident_id))
        .join(StepRow, col(StepRow.id) == col(Question.step_row_id))
        .join(Exercise, col(Exercise.id) == col(Incident.exercise_id), isouter=True)
        .join(Answer, counted, isouter=True)
        .join(Responder, col(Responder.handle) == col(Answer.handle), isouter=True)
        .where(Question.state == "answered", col(Question.closed_at).is_not(None))
        .where(col(Question.kind).in_(_PARTS), by_people, at_real_pace)
        .order_by(col(Question.id).desc())
        .limit(_MOST)
    )
    return [tuple(row) for row in rows]


class _Rosters:
    """The rosters of the house by when each was in force."""

    def __init__(self, session: Session) -> None:
        self._standing = Standing(aways(session))
        self._rows = [
            (row.imported_at, row.superseded_at, from_stored(canonical(row.document)))
            for row in session.exec(select(Roster).order_by(col(Roster.version)))
        ]

    def off_duty(self, role: str, began: datetime, ended: datetime) -> timedelta:
        """For how long nobody of a role was on duty, by the roster in force at the beginning."""
        roster = next(
            (
                one
                for imported, superseded, one in self._rows
                if imported <= began and (superseded is None or began < superseded)
            ),
            None,
        )
        if roster is None or role not in roster.roles or ended <= began:
            return timedelta()
        stretches = spans(roster, role, began, ended, self._standing)
        return sum((one.until - one.begins_at for one in stretches if not one.people), timedelta())

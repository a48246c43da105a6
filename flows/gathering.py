"""What the store holds about one incident, in the shapes that the pure functions take."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import bindparam
from sqlalchemy import select as sa_select
from sqlmodel import Session, col, select

from playbooks import facts
from playbooks.errors import FactFault
from playbooks.facts import UNKNOWN, FactValue, FactView
from playbooks.models import Playbook, Step
from playbooks.plan import StepKey, StepState
from store.tables import Case, FactRow, Incident, Question, StepRow

log = logging.getLogger("seventytwo.gathering")

Authors = Mapping[tuple[str | None, str], str]


@dataclass(frozen=True, slots=True)
class Known:
    """All that a decision asks about an incident, read once: true until the decision writes."""

    cases: list[Case]
    steps: list[StepRow]
    view: FactView
    authors: Authors


def gather(session: Session, incident_id: int) -> Known:
    """Read what is known of an incident: cases, steps, and the latest value and author of every fact."""
    cases = cases_of(session, incident_id)
    view, authors = _facts(session, incident_id, cases)
    return Known(cases, steps_of(session, incident_id), view, authors)


def cases_of(session: Session, incident_id: int) -> list[Case]:
    """The incident's cases, in the order they were added."""
    return list(session.exec(_OF_INCIDENT[Case], params={"incident_id": incident_id}))


def view_of(session: Session, incident_id: int) -> FactView:
    """The latest value of every fact, the incident's and each case's."""
    return _facts(session, incident_id, cases_of(session, incident_id))[0]


def _facts(session: Session, incident_id: int, cases: list[Case]) -> tuple[FactView, Authors]:
    refs = {case.id: case.ref for case in cases}
    own: dict[str, Any] = {}
    of_cases: dict[str, dict[str, Any]] = {ref: {} for ref in refs.values()}
    authors: dict[tuple[str | None, str], str] = {}
    for row in session.execute(_FACTS, {"incident_id": incident_id}):
        ref = None if row.case_id is None else refs[row.case_id]
        into = own if ref is None else of_cases[ref]
        if row.name not in facts.DICTIONARY:
            _warn(incident_id, row.name, "the dictionary has no such fact")
            continue
        into[row.name] = _read(incident_id, row.name, row.value["value"])
        authors[ref, row.name] = row.author
    return FactView(own, of_cases), authors


def _read(incident_id: int, name: str, stored: Any) -> FactValue:
    """A stored fact; unknown where the dictionary takes its value no more, so that duties are presumed."""
    try:
        return facts.from_json(name, stored)
    except FactFault:
        _warn(incident_id, name, "the dictionary takes its value no more")
        return UNKNOWN


@lru_cache(maxsize=1024)
def _warn(incident_id: int, name: str, why: str) -> None:
    """Say once in the log that a stored fact counts as unknown."""
    log.warning("the fact %s of incident %d is read as unknown: %s", name[:40], incident_id, why)


def steps_of(session: Session, incident_id: int) -> list[StepRow]:
    """The rows of every step that the plan has reached."""
    return list(session.exec(_OF_INCIDENT[StepRow], params={"incident_id": incident_id}))


def states_of(rows: list[StepRow]) -> Mapping[StepKey, StepState]:
    """The states of the steps, as the plan's functions take them."""
    return {key_of(row): row.state for row in rows}  # type: ignore[misc]


def key_of(row: StepRow) -> StepKey:
    """The identity of a step within its incident."""
    return StepKey(row.step_id, row.case_ref or None, row.round)


def plan_of(incident: Incident) -> Playbook:
    """The playbook as it stood when the incident opened."""
    return _read_plan(incident.plan)


@lru_cache(maxsize=64)
def _read_plan(text: str) -> Playbook:
    return Playbook.from_pinned(text)


def step_of(incident: Incident, row: StepRow) -> Step:
    """The step that a row is about: of the pinned plan, or one the commander added."""
    return Step.from_pinned(row.added) if row.added else plan_of(incident).step(row.step_id)


def open_questions(session: Session, incident_id: int) -> list[Question]:
    """The incident's questions that still want an answer, oldest first."""
    return list(
        session.exec(
            select(Question)
            .where(Question.incident_id == incident_id, Question.state == "open")
            .order_by(col(Question.id))
        )
    )


def find_question(session: Session, ref: str) -> Question | None:
    """The question of that reference, if there is one."""
    return session.exec(select(Question).where(Question.ref == ref)).first()


def phase_name(incident: Incident, row: StepRow | None) -> str:
    """The phase a question belongs to: its step's, `added` beside the plan, or `lead` for the commander's."""
    if row is None:
        return "lead"
    return "added" if row.added else plan_of(incident).phase_of(row.step_id)


def _of_incident(table: Any) -> Any:
    """The rows of an incident in the order they came, asked so often that the question is built once."""
    return select(table).where(table.incident_id == bindparam("incident_id")).order_by(col(table.id))


_OF_INCIDENT = {table: _of_incident(table) for table in (Case, StepRow)}
_FACTS = (
    sa_select(col(FactRow.case_id), col(FactRow.name), col(FactRow.value), col(FactRow.author))
    .where(col(FactRow.incident_id) == bindparam("incident_id"))
    .order_by(col(FactRow.id))
)

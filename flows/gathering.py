"""What the store holds about one incident, in the shapes that the pure functions take."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from sqlmodel import Session, col, select

from playbooks import facts
from playbooks.facts import FactView
from playbooks.models import Playbook, Step
from playbooks.plan import StepKey, StepState
from store.tables import Case, FactRow, Incident, Question, StepRow


def cases_of(session: Session, incident_id: int) -> list[Case]:
    """The incident's cases, in the order they were added."""
    return list(session.exec(select(Case).where(Case.incident_id == incident_id).order_by(col(Case.id))))


def view_of(session: Session, incident_id: int) -> FactView:
    """The latest value of every fact, the incident's and each case's."""
    refs = {case.id: case.ref for case in cases_of(session, incident_id)}
    own: dict[str, Any] = {}
    cases: dict[str, dict[str, Any]] = {ref: {} for ref in refs.values()}
    rows = session.exec(select(FactRow).where(FactRow.incident_id == incident_id).order_by(col(FactRow.id)))
    for row in rows:
        into = own if row.case_id is None else cases[refs[row.case_id]]
        into[row.name] = facts.from_json(row.name, row.value["value"])
    return FactView(own, cases)


def steps_of(session: Session, incident_id: int) -> list[StepRow]:
    """The rows of every step that the plan has reached."""
    return list(
        session.exec(select(StepRow).where(StepRow.incident_id == incident_id).order_by(col(StepRow.id)))
    )


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
    return Step.model_validate_json(row.added) if row.added else plan_of(incident).step(row.step_id)


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

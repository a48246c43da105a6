"""Answering questions and seeing the next ones wait, by the instants that the Prefect server wrote itself.

Waiting asks the server rarely, so that the measuring costs it little: what counts is read afterwards.
"""

from __future__ import annotations

import time
from collections.abc import Collection, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime

from sqlmodel import col, select

from flows.clock import wall_now
from flows.demo.seeding import SCRIPT
from flows.exercise.scripted import read_script
from flows.exercise.through_prefect import submit, waiting_runs
from flows.exercise.waiting import asking_of
from flows.gathering import find_question
from flows.prefect_views import RunView, read_instant
from playbooks.exercises.part import Asking
from store.tables import Answer, Incident, Question, StepRow
from tests.bench.installed import Installed

GLANCE = 0.25  # seconds
PATIENCE = 600.0  # seconds; a busy machine with the stock worker takes its time

SCRIPTED = read_script(SCRIPT, wall_now())


@dataclass(frozen=True, slots=True)
class Asked:
    """A question that waits with its form since `at`, an instant of the server."""

    incident: str
    question: int
    step: str
    kind: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Planned:
    """An answer that the script gives to a run that waits, at the time that it takes."""

    run: RunView
    question: Question
    at: datetime

    @property
    def is_last(self) -> bool:
        """Whether it closes the incident."""
        return self.question.kind == "command"


@dataclass
class Walker:
    """What is known of the questions of some incidents, and how to answer them."""

    house: Installed
    incidents: tuple[str, ...]
    waiting: dict[int, Asked] = field(default_factory=dict)

    def settle(self) -> list[Asked]:
        """Wait until every open question waits with its form and no action runs; those that are new."""
        known = set(self.waiting)
        deadline = time.monotonic() + PATIENCE
        while self._look():
            if time.monotonic() > deadline:
                raise TimeoutError(f"questions of {', '.join(self.incidents)} do not come to wait")
            time.sleep(GLANCE)
        return [asked for number, asked in self.waiting.items() if number not in known]

    def plan(self, step: str, kind: str) -> list[Planned]:
        """The scripted answers to this question in every incident."""
        wanted = {one.question for one in self.waiting.values() if (one.step, one.kind) == (step, kind)}
        return [planned for planned in self.planned() if planned.question.id in wanted]

    def planned(self) -> list[Planned]:
        """The scripted answers to everything that waits, the closing of each incident last."""
        found = [one for ref in self.incidents for one in self._planned(ref)]
        return sorted(found, key=lambda one: (one.is_last, one.at))

    def _planned(self, ref: str) -> list[Planned]:
        with self.house.house.store.reading() as session:
            runs = waiting_runs(self.house.house, ref).items()
            found = [(run, find_question(session, question)) for question, run in runs]
            rows = {q.ref: session.get(StepRow, q.step_row_id) for _, q in found if q and q.step_row_id}
        steps = {ref: row.step_id for ref, row in rows.items() if row}
        return [
            Planned(run, q, q.opened_at + SCRIPTED.takes(Asking(steps.get(q.ref, ""), q.kind)))
            for run, q in found
            if q is not None and q.state == "open"
        ]

    def submit(self, planned: Iterable[Planned]) -> datetime:
        """Give all these answers at once and wait until they are taken; the first submission's instant."""
        chosen = list(planned)
        with ThreadPoolExecutor(len(chosen)) as people:
            given = people.map(self._give, chosen)
            assert all(given), "a form was not there to be answered"
        return min(self._taken({one.question.id or 0 for one in chosen}))

    def _give(self, planned: Planned) -> bool:
        """Answer now, whatever time the script lets pass."""
        house, question, now = self.house.house, planned.question, wall_now()
        responders = self.house.responders
        said = SCRIPTED.said(asking_of(house, question, now, responders.people()), now)
        handle = question.assignee or responders.holder(question.role, question.excluded)
        return submit(house, planned.run, question, handle, responders.code(handle), said)

    def _taken(self, questions: Collection[int]) -> list[datetime]:
        """When each answer was submitted, once all are accepted."""
        deadline = time.monotonic() + PATIENCE
        query = select(Answer).where(col(Answer.question_id).in_(questions))
        while time.monotonic() < deadline:
            with self.house.house.store.reading() as session:
                answers = list(session.exec(query))
            refused = [one.fault for one in answers if one.verdict != "accepted"]
            assert not refused, refused
            if len(answers) == len(questions):
                return [one.submitted_at for one in answers]
            time.sleep(GLANCE)
        raise TimeoutError("answers were submitted and not taken")

    def _look(self) -> int:
        """Find the forms that have come; how many open questions are still without."""
        with self.house.house.store.reading() as session:
            rows = session.exec(
                select(Question, Incident.ref, StepRow.step_id)
                .join(Incident, col(Incident.id) == col(Question.incident_id))
                .outerjoin(StepRow, col(StepRow.id) == col(Question.step_row_id))
                .where(col(Incident.ref).in_(self.incidents), Question.state == "open")
            ).all()
        missing = [row for row in rows if row[0].id not in self.waiting]
        runs = self.house.house.api.read_runs(q.run_id for q, _, _ in missing if q.run_id)
        for question, ref, step in missing:
            at = self._form_at(runs.get(question.run_id or ""))
            if at is not None and question.id is not None:
                self.waiting[question.id] = Asked(ref, question.id, step or "", question.kind, at)
        return sum(question.id not in self.waiting for question, _, _ in missing)

    def _form_at(self, run: RunView | None) -> datetime | None:
        """When a suspended run's form was whole: its schema and the text above it stored."""
        if run is None or not run.is_suspended or run.keyset is None:
            return None
        prefix = run.keyset.schema.removesuffix("schema")
        found = self.house.house.api.post(
            f"/flow_runs/{run.id}/input/filter", {"prefix": prefix, "limit": 10}
        )
        stored = {row["key"]: read_instant(row["created"]) for row in found}
        parts = [stored.get(key) for key in (run.keyset.schema, run.keyset.description)]
        return max((at for at in parts if at), default=None) if all(parts) else None

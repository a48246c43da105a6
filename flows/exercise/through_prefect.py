"""The engine of exercises through Prefect: scripted responders answer the suspended runs, as people would."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

from sqlmodel import Session

from flows.exercise.casting import Cast
from flows.exercise.playing import GLANCE, PATIENCE
from flows.exercise.stepping import is_quiet
from flows.exercise.waiting import live_incidents
from flows.gathering import find_question, open_questions
from flows.house import House
from flows.prefect_views import Accepted, RunView
from flows.specs import is_veiled, spec_of
from flows.veiling import veil_values
from playbooks.exercises.part import Said
from store.tables import Incident, Question


@dataclass
class ThroughPrefect:
    """Answers the forms of suspended runs; worker and watch do the rest."""

    house: House
    exercise_id: int
    cast: Cast
    runs: dict[str, RunView] = field(default_factory=dict)
    """The runs that wait for an answer, by their question, as of the last look."""

    def is_at_rest(self) -> bool:
        """Whether all is said and started, nothing is due, and every question waits with its form."""
        if not is_quiet(self.house, self.exercise_id):
            return False
        with self.house.store.reading() as session:
            incidents = live_incidents(session, self.exercise_id)
            asked = [one for incident in incidents for one in open_questions(session, incident.id or 0)]
        self.runs = {}
        for incident in incidents:
            self.runs |= waiting_runs(self.house, incident.ref)
        return all(_is_put(one, self.runs.get(one.ref)) for one in asked)

    def give(self, question: Question, handle: str, said: Said) -> bool:
        """Submit the form of a question, and wait until its answer was judged."""
        run = self.runs[question.ref]
        if not submit(self.house, run, question, handle, self.cast.code(handle), said):
            return False
        until = time.monotonic() + PATIENCE
        while not self._is_judged(question) and time.monotonic() < until:
            time.sleep(GLANCE)
        return True

    def _is_judged(self, question: Question) -> bool:
        with self.house.store.reading() as session:
            found = find_question(session, question.ref)
            return found is None or found.attempt != question.attempt or found.state != "open"


def waiting_runs(house: House, incident: str) -> dict[str, RunView]:
    """The runs of an incident that wait for an answer, by the reference of their question."""
    runs = house.api.suspended_runs(tags=[incident])
    return {str(run.parameters.get("question")): run for run in runs}


def submit(house: House, run: RunView, question: Question, handle: str, code: str, said: Said) -> bool:
    """Send the form of a suspended run; False where it is not there (any more) to be answered."""
    form = house.api.form_of(run)
    if form is None:
        return False
    with house.store.reading() as session:
        fields = _as_asked(session, question, dict(said.fields))
    own = {"responder": handle, "code": code, "decision": said.decision, "reason": said.reason}
    asked = form.schema["properties"].keys()
    values = {name: value for name, value in (fields | own).items() if name in asked}
    return isinstance(house.api.resume(run.id, values), Accepted)


def _is_put(question: Question, run: RunView | None) -> bool:
    """Whether that run is this very question, waiting with the form of its next attempt."""
    key = f"{question.ref}-{question.generation}-{question.attempt}"
    return run is not None and run.keyset is not None and run.pause_key == key


def _as_asked(session: Session, question: Question, fields: dict[str, object]) -> dict[str, object]:
    """The fields as the form takes them, which may hide what it asks."""
    incident = session.get_one(Incident, question.incident_id)
    if not is_veiled(incident, question):
        return fields
    return veil_values(spec_of(session, incident, question).fields, fields)

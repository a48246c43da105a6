"""The engine of exercises through Prefect: scripted responders answer the suspended runs, as people would."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from sqlmodel import Session

from flows.exercise.casting import Cast
from flows.exercise.injecting import fire_injects
from flows.exercise.playing import GLANCE, PATIENCE, Hear
from flows.exercise.stepping import exercise_now, is_all_said, is_quiet, next_inject_at
from flows.exercise.waiting import live_incidents
from flows.gathering import find_question, open_questions
from flows.house import House
from flows.prefect_views import Accepted, RunView
from flows.specs import is_veiled, spec_of
from flows.starting import start_unstarted
from flows.veiling import veil_values
from flows.watching import fire, next_due_at
from playbooks.errors import NotFound, Unreachable
from playbooks.exercises.part import Said
from store.tables import Incident, Question

log = logging.getLogger("seventytwo.exercise")

BETWEEN = 0.2  # seconds from one look at the server to the next
RESTLESS = 3.0  # seconds in which nothing comes to rest, after which it is seen whether Prefect is there


@dataclass
class ThroughPrefect:
    """Answers the forms of suspended runs; worker and watch do the rest."""

    house: House
    exercise_id: int
    cast: Cast
    waits_until_said: bool = False
    """Whether the clock stands until everybody was told: so where people listen."""
    asks_at: float = 0.0
    """When the server is asked again at the earliest, in monotonic seconds: it has forms to put meanwhile."""
    seen: dict[str, RunView] = field(default_factory=dict)
    """The runs that were seen to wait, by the key of their answer: none of them need be looked at again."""
    hear: Hear = lambda _: None
    """Hears when Prefect is away, and when it is back."""
    is_lost: bool = False
    """Whether Prefect did not answer when it was last asked."""
    rested_at: float = field(default_factory=time.monotonic)
    """When all was still for the last time, or Prefect was looked for, in monotonic seconds."""

    def is_at_rest(self) -> bool:
        """Whether all is started (and said), nothing is due, and every question waits with its form.

        What is due is fired here as well: the watch would, up to a second later, and each is said once.
        While Prefect is away, nothing is at rest.
        """
        try:
            self._fire()
        except Unreachable as away:
            log.warning("the scripted roles try again: %s", away)
            return False
        if not is_quiet(self.house, self.exercise_id):
            self._look_for_prefect()
            return False
        self.rested_at = time.monotonic()
        if self.waits_until_said and not is_all_said(self.house, self.exercise_id):
            return False
        new = [one for one in self._open() if _key(one) not in self.seen]
        if new and time.monotonic() < self.asks_at:
            return False
        return not new or self._patiently(lambda: self._are_put(new))

    def _open(self) -> list[Question]:
        with self.house.store.reading() as session:
            return [
                question
                for incident in live_incidents(session, self.exercise_id)
                for question in open_questions(session, incident.id or 0)
            ]

    def _are_put(self, new: Sequence[Question]) -> bool:
        """Whether each of these questions waits with its form, as Prefect says."""
        runs = self.house.api.read_runs(one.run_id for one in new if one.run_id)
        waiting = {_key(one): run for one in new if (run := runs.get(one.run_id or "")) and _is_put(one, run)}
        self.seen |= waiting
        if len(waiting) < len(new):
            self.asks_at = time.monotonic() + BETWEEN
            return False
        return True

    def give(self, question: Question, handle: str, said: Said) -> bool:
        """Submit the form of a question, and wait until its answer was judged."""
        run = self.seen.pop(_key(question), None)
        if run is None:  # somebody's answer may have opened it a moment ago
            return False
        code = self.cast.code(handle)
        if not self._patiently(lambda: submit(self.house, run, question, handle, code, said)):
            return False
        until = time.monotonic() + PATIENCE
        while not self._is_judged(question) and time.monotonic() < until:
            self._look_for_prefect()
            time.sleep(GLANCE)
        return True

    def _patiently(self, ask: Callable[[], bool]) -> bool:
        """What Prefect says, which `ask` does ask; no while it is away, or the run gone.

        The next look finds how things stand.
        """
        try:
            answer = ask()
        except NotFound:
            return False
        except Unreachable as away:
            if not self.is_lost:
                self.hear(f"the scripted roles wait: {away}")
            self.is_lost = True
            return False
        if self.is_lost:
            self.hear("Prefect answers again")
        self.is_lost = False
        return answer

    def _look_for_prefect(self) -> None:
        """Where nothing has come to rest for a while, hear whether that is because Prefect is away."""
        if time.monotonic() - self.rested_at > RESTLESS:
            self._patiently(lambda: bool(self.house.api.get("/ready")))
            self.rested_at = time.monotonic()

    def _fire(self) -> None:
        now = exercise_now(self.house, self.exercise_id)
        inject_at = next_inject_at(self.house, self.exercise_id)
        has_come = inject_at is not None and inject_at <= now and self._brought()
        with self.house.store.reading() as session:
            incidents = live_incidents(session, self.exercise_id)
            due = {one.ref for one in incidents if (at := next_due_at(session, one)) and at <= now}
        for incident in incidents:
            if incident.ref in due:
                fire(self.house, incident.ref)
            if has_come:
                start_unstarted(self.house, incident.ref)

    def _brought(self) -> bool:
        """Whether an inject may have come; the fault of one, which is in the log, ends no other."""
        try:
            return bool(fire_injects(self.house, self.exercise_id))
        except Unreachable:
            raise
        except Exception:  # others may have happened beside the one that did not
            log.exception("the scripted roles go on without an inject")
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


def _key(question: Question) -> str:
    """The key of the suspension that asks a question now."""
    return f"{question.ref}-{question.generation}-{question.attempt}"


def _is_put(question: Question, run: RunView) -> bool:
    """Whether that run is this very question, waiting with the form of its next attempt."""
    return run.keyset is not None and run.pause_key == _key(question)


def _as_asked(session: Session, question: Question, fields: dict[str, object]) -> dict[str, object]:
    """The fields as the form takes them, which may hide what it asks."""
    incident = session.get_one(Incident, question.incident_id)
    if not is_veiled(incident, question):
        return fields
    return veil_values(spec_of(session, incident, question).fields, fields)

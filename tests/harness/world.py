"""A house under test: desk, engine, worker, outbox and a stand-in for Slack, in the field's own words.

    ref = world.raise_alert()
    world.answer("confirm-misdirection")
    world.fast_forward(hours=60)
    world.slack.expect("12 h left")

Incidents are exercises on a stepped clock unless the alert is said to be real. Nothing watches by itself:
a test says `fast_forward` or `reconcile` when the watch would have looked.
"""

from __future__ import annotations

import os
import secrets
import signal
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

from sqlmodel import select

from flows.clock import wall_now
from flows.demo.seeding import HERE as DEMO
from flows.exercise.scripted import find_incident, read_script
from flows.exercise.stepping import exercise_now, jump
from flows.exercise.waiting import asking_of
from flows.house import House
from flows.prefect_api import Accepted, Form, Rejected
from flows.prefect_server import worker_is_online
from flows.reconciling import reconcile_all
from flows.settings import Settings
from flows.specs import is_veiled, spec_of
from flows.starting import start_unstarted
from flows.text_proof import proof_wanted
from flows.veiling import veil_values
from flows.watching import fire_due
from playbooks.exercises.part import Part, Said
from store.tables import Incident, Question
from tests.harness.desks import DeskUnderTest, add_source, desk_on
from tests.harness.plain_answers import plain_answers
from tests.harness.prefect import eventually, is_alive
from tests.harness.sight import Sight

SCRIPTS = {
    "misdirected-message": Path(__file__).parent / "answers" / "misdirected-message.yaml",
    "data-exfiltration": DEMO / "script.yaml",
}


@dataclass
class World(Sight):
    """What a test does; what it sees is in `Sight`."""

    facts: Mapping[str, Any] | None = None
    """What is answered to a field of that name, where no script is followed."""

    def raise_alert(self, playbook: str = "misdirected-message", *, real: bool = False, **alert: Any) -> str:
        """Post a signed alert; the reference of the incident that it opens."""
        self.ref = str(self.post_alert(playbook, real=real, **alert)["incident"])
        return self.ref

    def post_alert(
        self,
        playbook: str = "misdirected-message",
        *,
        real: bool = False,
        house: House | None = None,
        **alert: Any,
    ) -> dict[str, Any]:
        """The desk's result for a signed alert, at the desk of this house (or of `house`)."""
        body = {
            "title": "Something was seen",
            "severity": "high",
            "fingerprint": secrets.token_hex(8),
        } | alert
        source = f"{playbook}-{'real' if real else 'drill'}"
        with self.desk(house) as desk:
            answer = desk.raise_alert(source, body)
            start_unstarted(house or self.house)
        assert answer.status_code == 202, answer.text
        return dict(answer.json()["results"][0])

    @contextmanager
    def desk(self, house: House | None = None) -> Iterator[DeskUnderTest]:
        """A desk of this house (or of `house`)."""
        home = house or self.house
        with desk_on(home) as desk:
            desk.wall = wall_now()
            yield desk

    def start_worker(self) -> None:
        """Start a warm worker, and wait until the server has heard of it."""
        self.worker_pid = self.nursery.worker(self.pool, self.env, self.folder)
        eventually(lambda: worker_is_online(self.prefect.api, self.pool) or None, "the worker is online")

    def kill_worker(self) -> None:
        """End the worker without a word, as a failing machine does."""
        assert self.worker_pid is not None
        pid, self.worker_pid = self.worker_pid, None
        os.kill(pid, signal.SIGKILL)
        eventually(lambda: not is_alive(pid) or None, "the worker is dead")

    def fast_forward(self, **span: float) -> None:
        """Step the exercise's clock forward, and let the watch look."""
        self.step(**span)
        fire_due(self.house)

    def step(self, **span: float) -> None:
        """Step the exercise's clock forward while nobody looks."""
        jump(self.house, self.exercise_id, exercise_now(self.house, self.exercise_id) + timedelta(**span))

    def reconcile(self, **later: float) -> int:
        """Let the watch mend what is wrong, as if so much time had passed; how many runs it mended."""
        return reconcile_all(self.house, wall_now() + timedelta(**later))

    def elsewhere(self, prefect_url: str) -> House:
        """The same house, as a process sees it that knows Prefect under another address."""
        env = self.env | {"PREFECT_API_URL": prefect_url}
        return House(Settings.from_env(env), self.store)

    def answer(
        self, question: str, by: str = "", /, *, decision: str = "", code: str = "", **fields: Any
    ) -> Question:
        """Answer a question as scripted (but for what is given here); the question once that was judged."""
        asked = self.question(question)
        self.submit(asked.ref, by, decision=decision, code=code, **fields)
        return self.judged(asked)

    def submit(
        self, question: str, by: str = "", /, *, decision: str = "", code: str = "", **fields: Any
    ) -> str:
        """Send the form of a question, which the server must accept; the run's id."""
        asked, run, form = self.asked(question)
        values = self.values(asked, form, by, decision=decision, code=code, **fields)
        told = self.prefect.api.resume(run.id, values)
        assert told == Accepted(), (told, values)
        return run.id

    def refused_by_form(self, question: str, by: str = "", /, **fields: Any) -> str:
        """Send a form that the server must refuse; why it did."""
        asked, run, form = self.asked(question)
        told = self.prefect.api.resume(run.id, self.values(asked, form, by, **fields))
        assert isinstance(told, Rejected), told
        return told.reason

    def wrong_code(self, about: str, by: str = "") -> Question:
        """Answer with a code that is wrong; the question once that was judged."""
        question = self.question(about)
        handle = by or self.holder(question)
        return self.answer(about, handle, code=self.cast.wrong_code(handle))

    def walk(self, *, rounds: int = 40) -> None:
        """Answer whatever is asked, all at once, until the incident is closed."""
        for _ in range(rounds):
            if self.state != "open":
                return
            waiting = [q for q in self.open() if q.kind not in ("command", "action")]
            if waiting:
                self._answer_all(waiting)
            elif self.open(kind="action"):
                time.sleep(0.2)
            else:
                self.answer("command")
        raise AssertionError(f"{self.ref} does not close: {[q.title for q in self.open()]}")

    def _answer_all(self, waiting: list[Question]) -> None:
        sent = [question for question in waiting if self._submitted(question)]
        for question in sent:
            after = self.judged(question)
            assert not (after.state == "open" and after.fault), (question.title, after.fault)

    def _submitted(self, question: Question) -> bool:
        """Send a question's form, unless an answer to another one has taken it back meanwhile."""
        try:
            if self.again(question).state == "open":
                self.submit(question.ref)
                return True
        except AssertionError:
            if self.again(question).state == "open":
                raise
        return False

    def values(
        self,
        question: Question,
        form: Form,
        by: str = "",
        /,
        *,
        decision: str = "",
        code: str = "",
        **fields: Any,
    ) -> dict[str, Any]:
        """The filled form of a question."""
        handle = by or self.holder(question)
        scripted = self.said_to(question)
        filled = self._veiled(question, {**scripted.fields, **fields})
        own = {"responder": handle, "code": code or self.cast.code(handle)}
        said = {"decision": decision or scripted.decision, "reason": fields.get("reason", scripted.reason)}
        asked = form.schema["properties"].keys()
        return {name: value for name, value in (filled | said | own).items() if name in asked}

    def said_to(self, question: Question) -> Said:
        """What the script answers to a question, by its step or its kind; where there is none, plainly."""
        if self.facts is not None:
            return self._plainly(question, self.facts)
        asking = asking_of(self.house, question, self.now, {"it": "it-1"})
        return _script(find_incident(self.house, self.ref).playbook).said(asking, self.now)

    def _plainly(self, question: Question, facts: Mapping[str, Any]) -> Said:
        if question.kind == "command":
            return Said("close")
        with self.store.reading() as session:
            incident = session.exec(select(Incident).where(Incident.ref == self.ref)).one()
            spec = spec_of(session, incident, question)
            read = proof_wanted(session, question)
        fields = plain_answers(spec.fields, facts, self.now, facts["clients"])
        return Said(next(iter(spec.decisions)), "", fields | read)

    def _veiled(self, question: Question, values: dict[str, Any]) -> dict[str, Any]:
        """The values as the form takes them, which may hide what it asks."""
        with self.store.reading() as session:
            incident = session.exec(select(Incident).where(Incident.ref == self.ref)).one()
            if not is_veiled(incident, question):
                return values
            return veil_values(spec_of(session, incident, question).fields, values)

    def serve(self, playbook: str) -> None:
        """Add a source of the exercise whose alerts open this playbook."""
        if playbook not in SCRIPTS:
            add_source(self.store, f"{playbook}-drill", playbook=playbook, exercise_id=self.exercise_id)

    def holder(self, question: Question) -> str:
        """Somebody who may answer a question."""
        return question.assignee or self.cast.holder(question.role, question.excluded)


@cache
def _script(playbook: str) -> Part:
    return read_script(SCRIPTS[playbook], wall_now())

"""A whole house under test: desk, engine, worker, outbox and a stand-in for Slack, spoken to in the field's words.

    ref = world.raise_alert()
    world.answer("confirm-misdirection")
    world.fast_forward(hours=60)
    world.slack.expect("12 h left")

Incidents are exercises on a stepped clock unless the alert is said to be real. Nothing watches by itself: a test
says `fast_forward`, `fire` or `reconcile` when the watch would have looked.
"""

from __future__ import annotations

import base64
import os
import secrets
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import yaml
from sqlmodel import select

from flows.client_file import read_client_file
from flows.clients import import_clients
from flows.clock import incident_now, wall_now
from flows.demo.seeding import HERE as DEMO
from flows.deploying import PREFECT_YAML, PoolType, deploy_all
from flows.exercise.scripted import Script, ScriptedAnswer, _filled, find_incident, read_script
from flows.exercise.stepping import begin_exercise, exercise_now, jump
from flows.gathering import find_question, open_questions
from flows.house import House
from flows.prefect_api import Accepted, Form, Rejected, RunView
from flows.prefect_server import worker_is_online
from flows.reconciling import reconcile_all
from flows.settings import Settings
from flows.starting import start_unstarted
from flows.watching import fire_due
from notify.slack import SlackSender
from store import timeline
from store.database import Store
from store.tables import Answer, Message, Question, Source, StepRow, TimelineEntry
from store.timeline import Verified
from tests.fakes.slack import FakeSlack
from tests.harness.cast import Cast
from tests.harness.databases import SECRET as KEY
from tests.harness.databases import fixed_keyring
from tests.harness.desks import SECRET, DeskUnderTest, desk_on
from tests.harness.nursery import Nursery, heed, unheed
from tests.harness.outbox import running
from tests.harness.prefect import Prefect, eventually, is_alive

SCRIPTS = {
    "misdirected-message": Path(__file__).parent / "answers" / "misdirected-message.yaml",
    "data-exfiltration": DEMO / "script.yaml",
}
CHANNEL = "#ir"
Found = TypeVar("Found")


@dataclass
class World:
    """What a test does and sees; `ref` is the incident last opened."""

    prefect: Prefect
    nursery: Nursery
    house: House
    slack: FakeSlack
    folder: Path
    pool: str
    exercise_id: int
    cast: Cast = field(default_factory=Cast)
    ref: str = ""
    worker_pid: int | None = None

    @property
    def store(self) -> Store:
        return self.house.store

    @property
    def env(self) -> dict[str, str]:
        """The environment of a process of this house."""
        return self.prefect.env(
            SEVENTYTWO_DATA=str(self.folder),
            SEVENTYTWO_DATABASE_URL=self.store.engine.url.render_as_string(hide_password=False),
            SEVENTYTWO_KEY=base64.b64encode(KEY).decode(),
            PREFECT_LOCAL_STORAGE_PATH=str(self.folder / "results"),
        )

    # --- what happens to the house ---

    def raise_alert(self, playbook: str = "misdirected-message", *, real: bool = False, **alert: Any) -> str:
        """Post a signed alert; the reference of the incident that it opens."""
        self.ref = str(self.post_alert(playbook, real=real, **alert)["incident"])
        return self.ref

    def post_alert(
        self, playbook: str = "misdirected-message", *, real: bool = False, house: House | None = None, **alert: Any
    ) -> dict[str, Any]:
        """The desk's result for a signed alert, at the desk of this house (or of `house`)."""
        body = {"title": "Something was seen", "severity": "high", "fingerprint": secrets.token_hex(8)} | alert
        source = f"{playbook}-{'real' if real else 'drill'}"
        with self.desk(house) as desk:
            answer = desk.raise_alert(source, body)
        assert answer.status_code == 202, answer.text
        return dict(answer.json()["results"][0])

    @contextmanager
    def desk(self, house: House | None = None) -> Iterator[DeskUnderTest]:
        """A desk of this house (or of `house`) that starts runs after each commit."""
        home = house or self.house
        with desk_on(home, after_commit=lambda: start_unstarted(home)) as desk:
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
        jump(self.house, self.exercise_id, exercise_now(self.house, self.exercise_id) + timedelta(**span))
        fire_due(self.house)

    def reconcile(self, **later: float) -> int:
        """Let the watch mend what is wrong, as if so much time had passed; how many runs it mended."""
        return reconcile_all(self.house, wall_now() + timedelta(**later))

    def elsewhere(self, prefect_url: str) -> House:
        """The same house, as a process sees it that knows Prefect under another address."""
        env = self.env | {"PREFECT_API_URL": prefect_url}
        return House(Settings.from_env(env), self.store)

    # --- what responders do ---

    def answer(self, about: str, by: str = "", *, decision: str = "", code: str = "", **fields: Any) -> Question:
        """Answer a question as scripted (but for what is given here); the question once that was judged."""
        question = self.question(about)
        self.submit(about, by, decision=decision, code=code, **fields)
        return self.judged(question)

    def submit(self, about: str, by: str = "", *, decision: str = "", code: str = "", **fields: Any) -> str:
        """Send the form of a question, which the server must accept; the run's id."""
        question, run, form = self.asked(about)
        values = self.values(question, form, by, decision=decision, code=code, **fields)
        told = self.prefect.api.resume(run.id, values)
        assert told == Accepted(), (told, values)
        return run.id

    def refused_by_form(self, about: str, by: str = "", **fields: Any) -> str:
        """Send a form that the server must refuse; why it did."""
        question, run, form = self.asked(about)
        told = self.prefect.api.resume(run.id, self.values(question, form, by, **fields))
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
        for question in waiting:
            self.submit(question.ref)
        for question in waiting:
            after = self.judged(question)
            assert not (after.state == "open" and after.fault), (question.title, after.fault)

    def values(
        self, question: Question, form: Form, by: str = "", *, decision: str = "", code: str = "", **fields: Any
    ) -> dict[str, Any]:
        """The filled form of a question."""
        handle = by or self.holder(question)
        scripted = self.script_for(question)
        filled = _filled(scripted.fields, self.now) | fields
        own = {"responder": handle, "code": code or self.cast.code(handle)}
        said = {"decision": decision or scripted.decision, "reason": fields.get("reason", scripted.reason)}
        asked = form.schema["properties"].keys()
        return {name: value for name, value in (filled | said | own).items() if name in asked}

    def script_for(self, question: Question) -> ScriptedAnswer:
        """What the script answers to a question, by its step or its kind."""
        script = _script(find_incident(self.house, self.ref).playbook)
        own = self.step_id(question) if question.kind in ("step", "draft") else ""
        return script.answers.get(own) or script.answers[question.kind]

    def holder(self, question: Question) -> str:
        """Somebody who may answer a question."""
        return question.assignee or self.cast.holder(question.role, question.excluded)

    # --- what is to be seen ---

    def until(self, look: Callable[[], Found | None], what: str) -> Found:
        """The first thing that `look` finds; fails the test at once where a process of this house tells an error."""

        def look_and_listen() -> Found | None:
            assert not self.errors, self.errors
            return look()

        return eventually(look_and_listen, what)

    @property
    def errors(self) -> str:
        """What our own loggers said, in any process of this house, that should not have been."""
        file = self.folder / "errors.log"
        return file.read_text() if file.exists() else ""

    @property
    def now(self) -> datetime:
        """Incident time."""
        with self.store.reading() as session:
            return incident_now(session, find_incident(self.house, self.ref), wall_now())

    @property
    def state(self) -> str:
        """How the incident stands: open, closed or false_positive."""
        return find_incident(self.house, self.ref).state

    def open(self, kind: str = "") -> list[Question]:
        """The open questions, of one kind or of all."""
        incident = find_incident(self.house, self.ref)
        with self.store.reading() as session:
            found = open_questions(session, incident.id or 0)
        return [one for one in found if kind in ("", one.kind)]

    def question(self, about: str) -> Question:
        """The open question of that reference, step or kind, once there is one."""

        def look() -> Question | None:
            return next((q for q in self.open() if about in (q.ref, q.kind, self.step_id(q))), None)

        return self.until(look, f"{self.ref} asks {about}; it asks {[q.title for q in self.open()]}")

    def asked(self, about: str) -> tuple[Question, RunView, Form]:
        """An open question with its run, once that waits with its form."""

        def look() -> tuple[Question, RunView, Form] | None:
            question = self.question(about)
            run = self.run_of(question)
            key = f"{question.ref}-{question.generation}-{question.attempt}"
            if run is None or not run.is_suspended or run.pause_key != key:
                return None
            form = self.prefect.api.form_of(run)
            return (question, run, form) if form else None

        return self.until(look, f"{about} waits for its answer")

    def run_of(self, question: Question) -> RunView | None:
        """The run that carries a question now."""
        return self.prefect.api.read_runs([question.run_id]).get(question.run_id) if question.run_id else None

    def judged(self, question: Question) -> Question:
        """A question once one more answer to it was judged, or it was settled otherwise."""

        def look() -> Question | None:
            after = self.again(question)
            return after if after.attempt > question.attempt or after.state != "open" else None

        return self.until(look, f"the answer to {question.title!r} is judged")

    def again(self, question: Question) -> Question:
        """A question as it stands now."""
        with self.store.reading() as session:
            found = find_question(session, question.ref)
        assert found is not None
        return found

    def step_id(self, question: Question) -> str:
        """The step a question belongs to; empty for one of the whole incident."""
        if question.step_row_id is None:
            return ""
        with self.store.reading() as session:
            row = session.get(StepRow, question.step_row_id)
        return row.step_id if row else ""

    def answers(self, question: Question) -> list[Answer]:
        """Every answer given to a question, counted or refused."""
        with self.store.reading() as session:
            return list(session.exec(select(Answer).where(Answer.question_id == question.id)))

    def messages(self, kind: str = "") -> list[Message]:
        """The messages about this incident, of one kind or of all, sent or waiting, in their order."""
        incident = find_incident(self.house, self.ref)
        with self.store.reading() as session:
            rows = list(session.exec(select(Message).where(Message.incident_id == incident.id)))
        return sorted((row for row in rows if kind in ("", row.kind)), key=lambda row: row.sequence)

    def history(self, kind: str = "") -> list[TimelineEntry]:
        """The incident's timeline, or its entries of one kind; its chain must hold."""
        with self.store.reading() as session:
            assert isinstance(timeline.verify(session, self.ref), Verified)
            rows = list(session.exec(select(TimelineEntry).where(TimelineEntry.chain == self.ref)))
        return sorted((row for row in rows if kind in ("", row.kind)), key=lambda row: row.seq)

    def ended(self, run_id: str) -> RunView:
        """A run once it is over."""
        return self.prefect.when(run_id, "is over", lambda run: run.is_over)


@contextmanager
def world_on(store: Store, folder: Path, prefect: Prefect, young: Nursery, pool_type: PoolType = "warm") -> Iterator[World]:
    """A house over an open store, its deployments in a pool of their own; no worker runs yet."""
    pool = f"world-{secrets.token_hex(6)}"
    deploy_all(prefect.api, pool=pool, pool_type=pool_type, file=_unscheduled(folder))
    with FakeSlack() as slack, ExitStack() as stack:
        env = prefect.env(
            SEVENTYTWO_DATA=str(folder), SEVENTYTWO_CHANNEL=CHANNEL,
            SEVENTYTWO_SLACK_TOKEN=slack.token, SEVENTYTWO_SLACK_URL=slack.url,
        )  # fmt: skip
        house = House(Settings.from_env(env), store)
        cast = Cast()
        world = World(prefect, young, house, slack, folder, pool, _furnish(house, cast), cast)
        heeding = heed(folder / "errors.log")
        stack.callback(unheed, heeding)
        sender = SlackSender(slack.token, slack.url)
        stack.callback(sender.close)
        stack.enter_context(running(store, sender))
        stack.callback(_clear, world)
        yield world
    house.api.close()
    _fail_on_errors(world)


def _furnish(house: House, cast: Cast) -> int:
    """Clients, responders, an exercise, and a source for each playbook, real and drill; the exercise's id."""
    wall = wall_now()
    with house.store.writing() as session:
        exercise = begin_exercise(session, "drill", wall, wall)
        file = DEMO / "clients.yaml"
        import_clients(session, read_client_file(file.read_text(), file.name), "tests", wall)
        cast.enrol_all(session)
        for playbook in SCRIPTS:
            for kind, exercise_id in (("real", None), ("drill", exercise.id)):
                session.add(
                    Source(
                        name=f"{playbook}-{kind}", kind="generic", auth="hmac", secret=SECRET,
                        playbook=playbook, exercise_id=exercise_id, added_at=wall,
                    )  # fmt: skip
                )
        assert exercise.id is not None
        return exercise.id


def _unscheduled(folder: Path) -> Path:
    """The deployments of the product without their schedules: here the tests say when the watch looks."""
    declared = yaml.safe_load(PREFECT_YAML.read_text())
    for entry in declared["deployments"]:
        entry.pop("schedules", None)
    file = folder / "prefect.yaml"
    file.write_text(yaml.safe_dump(declared))
    return file


def _clear(world: World) -> None:
    """End the worker and whatever of this house still waits in Prefect."""
    if world.worker_pid is not None:
        world.kill_worker()
    for run in world.prefect.api.suspended_runs(tags=["seventytwo"]):
        world.prefect.api.delete_run(run.id)


def _fail_on_errors(world: World) -> None:
    """Fail for an error of ours in any process of the house, and for a run that failed."""
    assert not world.errors, world.errors
    failed = world.prefect.api.post(
        "/flow_runs/filter",
        {
            "work_pools": {"name": {"any_": [world.pool]}},
            "flow_runs": {"state": {"type": {"any_": ["FAILED", "CRASHED"]}}},
        },
    )
    assert not failed, [(run["name"], run["state"]["message"]) for run in failed]


def open_store(url: str) -> Store:
    """A store of the tests."""
    return Store.open(url, fixed_keyring())


@cache
def _script(playbook: str) -> Script:
    return read_script(SCRIPTS[playbook])

"""What is to be seen of a house under test: in its store, in Prefect, and in what its processes say."""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TypeVar

from sqlmodel import select

from flows.clock import incident_now, wall_now
from flows.exercise.scripted import find_incident
from flows.gathering import find_question, open_questions
from flows.house import House
from flows.law.duties import duties_of
from flows.prefect_api import Form, RunView
from store import timeline
from store.database import Store
from store.tables import Answer, Message, Obligation, Question, StepRow, TimelineEntry
from store.timeline import Verified
from tests.fakes.slack import FakeSlack
from tests.harness.cast import Cast
from tests.harness.databases import SECRET as KEY
from tests.harness.nursery import Nursery
from tests.harness.prefect import Prefect, eventually

Found = TypeVar("Found")


@dataclass
class Sight:
    """A house with its surroundings; `ref` is the incident last opened."""

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
        return self.prefect.env(**self.own_env)

    @property
    def own_env(self) -> dict[str, str]:
        """What of it no other house has."""
        return {
            "SEVENTYTWO_DATA": str(self.folder),
            "SEVENTYTWO_DATABASE_URL": self.store.engine.url.render_as_string(hide_password=False),
            "SEVENTYTWO_KEY": base64.b64encode(KEY).decode(),
            "PREFECT_LOCAL_STORAGE_PATH": str(self.folder / "results"),
        }

    def until(self, look: Callable[[], Found | None], what: str) -> Found:
        """The first thing that `look` finds; fails at once where a process of this house tells an error."""

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

    def all_said(self) -> None:
        """Wait until Slack has every message of the incident, each once and in the incident's order."""
        eventually(lambda: all(row.state == "sent" for row in self.messages()) or None, "all is said")
        assert [post.ts for post in self.slack.messages()] == [row.external_id for row in self.messages()]

    def duties(self) -> list[Obligation]:
        """The incident's obligations, in the order they appeared."""
        incident = find_incident(self.house, self.ref)
        with self.store.reading() as session:
            return duties_of(session, incident.id or 0)

    def history(self, kind: str = "") -> list[TimelineEntry]:
        """The incident's timeline, or its entries of one kind; its chain must hold."""
        with self.store.reading() as session:
            assert isinstance(timeline.verify(session, self.ref), Verified)
            rows = list(session.exec(select(TimelineEntry).where(TimelineEntry.chain == self.ref)))
        return sorted((row for row in rows if kind in ("", row.kind)), key=lambda row: row.seq)

    def ended(self, run_id: str) -> RunView:
        """A run once it is over."""
        return self.prefect.when(run_id, "is over", lambda run: run.is_over)

"""An exercise walked from its opening to its closing without Prefect: answers go straight to the engine."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyotp
from sqlmodel import Session, select

from flows.clock import wall_now
from flows.exercise.casting import Cast
from flows.exercise.direct import Direct
from flows.exercise.stepping import begin_exercise, exercise_now, jump, next_warning_at
from flows.forms import FormSpec, Given
from flows.gathering import open_questions
from flows.house import House
from flows.incidents import LIVE
from flows.opening import Opening, open_incident
from flows.specs import spec_of
from flows.text_proof import proof_wanted
from flows.watching import fire_due
from playbooks.library import Library
from store.database import Store
from store.tables import Alert, Client, ContractTerm, Incident, Question, Responder, Source, StepRow
from tests.harness.desks import house_on
from tests.harness.plain_answers import plain_answers, stamp
from tests.harness.stocks import stock

__all__ = ["CAST", "OURS", "START", "THEIRS", "Walk", "begin_walk", "stamp"]

START = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
CAST = {
    "commander-1": ["commander"],
    "it-1": ["it", "forensics"],
    "privacy-1": ["privacy", "client_lead"],
    "counsel-1": ["counsel"],
    "approver-1": ["approver"],
    "approver-2": ["approver"],
}
OURS, THEIRS = "example-retail", "sample-bank"
IN_ORDER = {"approval": -1, "draft": 1, "counsel": 2, "release": 3, "proof": 4, "command": 5}
"""A second word before anything changes, notices after the rest."""


@dataclass
class Walk:
    """One exercise: `words` are answers by step or kind, `waits` how long that answer takes."""

    house: House
    exercise_id: int
    ref: str
    secrets: dict[str, str]
    words: dict[str, dict[str, Any]] = field(default_factory=dict)
    waits: dict[str, timedelta] = field(default_factory=dict)
    facts: Mapping[str, Any] = field(default_factory=dict)
    """What is answered to a field of that name, whichever step asks."""
    left: frozenset[str] = frozenset()
    """The steps that nobody answers."""
    cast: Mapping[str, list[str]] = field(default_factory=lambda: CAST)
    watch: Callable[[Question], object] = lambda _: None
    """What looks at each question before it is answered."""
    given: int = 0

    @property
    def engine(self) -> Direct:
        """What takes the answers."""
        return Direct(self.house, self.exercise_id, Cast({}))

    @property
    def now(self) -> datetime:
        """The exercise's time."""
        return exercise_now(self.house, self.exercise_id)

    def later(self, span: timedelta) -> None:
        """Let time pass; every warning fires at its own instant."""
        until = self.now + span
        while (due := next_warning_at(self.house, self.exercise_id)) is not None and due <= until:
            jump(self.house, self.exercise_id, max(due, self.now))
            fire_due(self.house)
        jump(self.house, self.exercise_id, until)

    def to_the_end(self) -> None:
        """Answer whatever is open, notices after the rest, until the incident is closed."""
        while (question := self._next()) is not None:
            self.settle(question)
            assert not (fault := self._fault(question)), f"{question.title}: {fault}"

    def to(self, step_id: str) -> Question:
        """Answer whatever comes before a step; its question."""
        while step_id not in map(self._step_id, self._open()):
            question = self._next()
            assert question is not None
            assert question.kind != "command", f"{step_id} is not asked"
            self.settle(question)
            assert not (fault := self._fault(question)), f"{question.title}: {fault}"
        return self.question(step_id)

    def asked(self, kind: str) -> Question:
        """The open question of a kind."""
        return next(question for question in self._open() if question.kind == kind)

    @property
    def state(self) -> str:
        with self.house.store.reading() as session:
            return self.incident(session).state

    def incident(self, session: Session) -> Incident:
        """The incident as it stands."""
        return session.exec(select(Incident).where(Incident.ref == self.ref)).one()

    def settle(self, question: Question, *, by: str = "", code: str = "") -> None:
        """Answer one question after its wait, with its words and a right code unless told otherwise."""
        self.watch(question)
        step_id = self._step_id(question)
        self.later(self.waits.get(step_id) or self.waits.get(question.kind, timedelta(minutes=5)))
        if question.kind == "action":
            self.engine.act(question)
            return
        words = {**self.words.get(question.kind, {}), **self.words.get(step_id, {})}
        if question.kind == "command":
            self._give(question, "close", words, by, code)
            return
        spec = self._spec(question)
        decision = words.pop("decision", next(iter(spec.decisions)))
        plain = plain_answers(spec.fields, self.facts, self.now, (OURS, THEIRS))
        plain |= self._read(question)
        self._give(question, decision, plain | words, by, code)

    def command(self, decision: str, /, by: str = "", **values: Any) -> str:
        """Give a command of the commander's; what was wrong with it."""
        question = self.asked("command")
        self._give(question, decision, {"reason": "Because.", **values}, by)
        return self._fault(question)

    def answer(self, about: str, decision: str = "", /, by: str = "", **values: Any) -> str:
        """Answer the open question of a step or kind; what was wrong with the answer."""
        found = [one for one in self._open() if about in (self._step_id(one), one.kind)]
        values = {**self._plain(found[0]), "reason": "Because.", **values}
        self._give(found[0], decision or self._decision(found[0]), values, by)
        return self._fault(found[0])

    def open(self) -> list[Question]:
        """The open questions."""
        return self._open()

    def give(self, question: Question, decision: str, values: Mapping[str, Any]) -> str:
        """Answer this very question; what was wrong with the answer."""
        self._give(question, decision, values)
        return self._fault(question)

    def _give(
        self, question: Question, decision: str, values: Mapping[str, Any], by: str = "", code: str = ""
    ) -> None:
        """Give an answer with a code that is fresh and right unless told otherwise."""
        self.given += 1
        handle = by or self.holder(question)
        submitted = wall_now() + timedelta(seconds=2 * self.given)  # so that every code is a fresh one
        code = code or pyotp.HOTP(self.secrets[handle]).at(int(submitted.timestamp()))
        fields = {name: value for name, value in values.items() if name != "reason"}
        reason = str(values.get("reason", ""))
        self.engine.take(question, Given(handle, code, decision, reason, fields, submitted))

    def holder(self, question: Question) -> str:
        """Somebody who may answer a question."""
        able = (h for h, roles in self.cast.items() if question.role in roles and h not in question.excluded)
        return question.assignee or next(able)

    def question(self, step_id: str) -> Question:
        """The open question of a step."""
        return next(question for question in self._open() if self._step_id(question) == step_id)

    def fault(self, question: Question) -> str:
        """What was wrong with the last answer to a question."""
        return self._fault(question)

    def _fault(self, question: Question) -> str:
        return self.engine.fault(question)

    def _open(self) -> list[Question]:
        with self.house.store.reading() as session:
            incident = self.incident(session)
            assert incident.id is not None
            return open_questions(session, incident.id) if incident.state in LIVE else []

    def _next(self) -> Question | None:
        found = self._open()
        if self.left:
            found = [one for one in found if self._step_id(one) not in self.left]
        return min(found, key=lambda one: IN_ORDER.get(one.kind, 0), default=None)

    def _step_id(self, question: Question) -> str:
        if question.step_row_id is None or question.kind not in ("step", "draft"):
            return ""
        with self.house.store.reading() as session:
            return session.get_one(StepRow, question.step_row_id).step_id

    def _decision(self, question: Question) -> str:
        return next(iter(self._spec(question).decisions))

    def _plain(self, question: Question) -> dict[str, Any]:
        fields = self._spec(question).fields if question.kind != "command" else ()
        plain = plain_answers(fields, self.facts, self.now, (OURS, THEIRS))
        return plain | self._read(question)

    def _read(self, question: Question) -> dict[str, str]:
        """What whoever read the notice types."""
        with self.house.store.reading() as session:
            return proof_wanted(session, question)

    def _spec(self, question: Question) -> FormSpec:
        with self.house.store.reading() as session:
            return spec_of(session, self.incident(session), question)


def begin_walk(
    store: Store,
    folder: Path,
    *,
    title: str,
    alert: str,
    playbook: str = "data-exfiltration",
    library: Library | None = None,
    cast: Mapping[str, list[str]] = CAST,
) -> Walk:
    """Open an exercise about two clients, with an alert in a tool's own words; `library` replaces ours."""
    house = house_on(store, folder, SEVENTYTWO_ORGANISATION="Example Services")
    if library is not None:
        stock(house, library)
    wall = wall_now()
    secrets = {handle: pyotp.random_base32() for handle in cast}
    with store.writing() as session:
        exercise = begin_exercise(session, "walk", START, wall)
        _add_clients(session, wall)
        for handle, roles in cast.items():
            session.add(
                Responder(
                    handle=handle,
                    name="",
                    roles=roles,
                    secret=secrets[handle],
                    code_period=1,
                    enrolled_at=wall,
                )
            )
        exercise_id = exercise.id
    assert exercise_id is not None
    with store.writing() as session:
        opening = Opening("alert", playbook, title, clients=(OURS,), exercise_id=exercise_id)
        incident = open_incident(session, house, opening, wall_now())
        _add_alert(session, incident, alert, wall)
        ref = incident.ref
    return Walk(house, exercise_id, ref, secrets, cast=cast)


def _add_clients(session: Session, wall: datetime) -> None:
    """Our own record, a client for whom we process under a contract, one for whom we are controller."""
    own = Client(
        ref="own", name="Example Services", own=True, our_role="controller", jurisdictions=["EU"],
        status=["none"], imported_at=wall,
    )  # fmt: skip
    session.add(own)
    for ref, name, role in ((OURS, "Example Retail Ltd", "processor"), (THEIRS, "Sample Bank", "controller")):
        client = Client(
            ref=ref, name=name, our_role=role, jurisdictions=["EU"], status=["none"], imported_at=wall
        )
        session.add(client)
        session.flush()
        if role == "processor":
            session.add(
                ContractTerm(client_id=client.id, hours=24, citation="cl. 9", terms={}, imported_at=wall)
            )


def _add_alert(session: Session, incident: Incident, title: str, wall: datetime) -> None:
    source = Source(name="siem", kind="generic", auth="hmac", playbook="x", added_at=wall)
    session.add(source)
    session.flush()
    session.add(
        Alert(
            source_id=source.id,
            kind="generic",
            fingerprint="f",
            status="firing",
            content="c",
            severity="high",
            title=title,
            reading={},
            payload={"title": title},
            incident_id=incident.id,
            first_seen_at=START,
            last_seen_at=START,
        )
    )

"""Walks in which the law is at stake: clients of a test's own, answers that say only what matters."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pyotp
from sqlmodel import select

from flows.answering import Claim, take_answer
from flows.clock import wall_now
from flows.exercise.stepping import begin_exercise
from flows.forms import Given
from flows.gathering import step_of
from flows.law.duties import duties_of
from flows.opening import Opening, open_incident
from flows.reviewing import review_all
from flows.specs import spec_of
from store.database import Store
from store.tables import (
    Client,
    ClockEntry,
    Incident,
    Message,
    Obligation,
    Question,
    Responder,
    StepRow,
    TimelineEntry,
)
from tests.harness.desks import house_on
from tests.harness.walks import CAST, START, Walk, stamp

WORDS = {
    "nature": "A list of records was exported.",
    "consequences": "Unwanted contact.",
    "measures": "The account is disabled.",
    "contact": "The data protection officer",
}


@dataclass
class LawWalk(Walk):
    """An exercise answered question by question; what an answer leaves out is unknown."""

    def answer(self, about: str, decision: str = "", /, **values: Any) -> str:
        """Answer the open question of that step or kind; what was wrong with the answer."""
        question = self.asked(about)
        self.given += 1
        at = wall_now().replace(microsecond=0)
        at = datetime.fromtimestamp(at.timestamp() + 2 * self.given, at.tzinfo)
        handle = values.pop("by", "") or self.holder(question)
        code = pyotp.HOTP(self.secrets[handle]).at(int(at.timestamp()))
        reason = values.pop("reason", "r")
        given = Given(
            handle, code, decision or self._decision(question), reason, self._said(question) | values, at
        )
        take_answer(self.house, Claim(self.ref, question.ref, question.generation, question.attempt), given)
        return self._fault(question)

    def triage(self, **facts: Any) -> None:
        """Bring the incident through detection and triage."""
        for step in ("confirm-alert", "preserve-logs"):
            assert not self.answer(step, detected_at=stamp(self.now))
        assert not self.answer("triage", personal_data="yes", aware_at=stamp(self.now), **facts)

    def tell(self, step_id: str) -> Question:
        """Write the notice of a step and release it: the exercise's sink takes it at once."""
        question = self.asked(step_id)
        assert not self.answer(step_id, "draft", **WORDS, late_reasons="Nobody was on duty.")
        assert not self.answer("release", "approve")
        return question

    def command(self, decision: str, **values: Any) -> str:
        """A command of the commander's; what was wrong with it."""
        return self.answer("command", decision, **values)

    def approve(self) -> None:
        """A second person's word."""
        assert not self.answer("approval", "approve")

    def asked(self, about: str) -> Question:
        """The open question of that step, kind, or recipient of a notice."""
        found = [question for question in self._open() if about in self._names(question)]
        assert found, f"{about} is not asked; asked are {[self._names(one) for one in self._open()]}"
        return found[0]

    def is_asked(self, about: str) -> bool:
        return any(about in self._names(question) for question in self._open())

    def fields(self, about: str) -> set[str]:
        """The names of the fields of an open question's form."""
        return {one.name for one in self._fields(self.asked(about))}

    def duty(self, rule: str, case: str = "") -> Obligation:
        return next(one for one in self.duties() if (one.rule_id, one.case_ref) == (rule, case))

    def duties(self) -> list[Obligation]:
        with self.house.store.reading() as session:
            return duties_of(session, self._incident(session).id or 0)

    def ledger(self, duty: Obligation) -> list[ClockEntry]:
        """The entries of a duty's clock, in their order."""
        with self.house.store.reading() as session:
            rows = session.exec(select(ClockEntry).where(ClockEntry.obligation_id == duty.id)).all()
        return sorted(rows, key=lambda row: row.seq)

    def messages(self, kind: str) -> list[Message]:
        with self.house.store.reading() as session:
            rows = session.exec(select(Message).where(Message.kind == kind)).all()
        return sorted(rows, key=lambda row: row.sequence)

    def history(self, kind: str) -> list[TimelineEntry]:
        with self.house.store.reading() as session:
            rows = session.exec(select(TimelineEntry).where(TimelineEntry.kind == kind)).all()
        return sorted(rows, key=lambda row: row.seq)

    def steps(self, step_id: str = "") -> list[StepRow]:
        """The rounds of a step, or of all, in their order."""
        with self.house.store.reading() as session:
            rows = [row for row in session.exec(select(StepRow)) if step_id in ("", row.step_id)]
        return sorted(rows, key=lambda row: (row.case_ref, row.round))

    def review(self) -> int:
        """Let the watch look at the incident anew; how many questions opened."""
        return review_all(self.house)

    def _names(self, question: Question) -> tuple[str, ...]:
        """What a question may be called: its kind, its step, the recipient of the notice that it wants."""
        if question.kind not in ("step", "draft"):
            return (question.kind,)
        with self.house.store.reading() as session:
            row = session.get_one(StepRow, question.step_row_id)
            step = step_of(self._incident(session), row)
        return (question.kind, row.step_id, step.recipient or "")

    def _fields(self, question: Question) -> Any:
        with self.house.store.reading() as session:
            return spec_of(session, self._incident(session), question).fields

    def _said(self, question: Question) -> dict[str, Any]:
        """Unknown for every fact, something for every detail that is wanted."""
        plain = self._plain(question)
        said = {one.name: "unknown" if one.fact else plain.get(one.name) for one in self._fields(question)}
        return said if question.kind in ("step", "proof", "counsel", "release") else {}

    def _incident(self, session: Any) -> Incident:
        return session.exec(select(Incident).where(Incident.ref == self.ref)).one()  # type: ignore[no-any-return]


def begin_law_walk(store: Store, folder: Path, *clients: Client, concerned: tuple[str, ...] = ()) -> LawWalk:
    """Open an exercise of ours with these clients on record, about those `concerned`."""
    house = house_on(store, folder, SEVENTYTWO_ORGANISATION="Example Services")
    wall = wall_now()
    secrets = {handle: pyotp.random_base32() for handle in CAST}
    with store.writing() as session:
        exercise = begin_exercise(session, "law", START, wall)
        session.add_all(clients)
        for handle, roles in CAST.items():
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
        opening = Opening("alert", "data-exfiltration", "t", clients=concerned, exercise_id=exercise_id)
        ref = open_incident(session, house, opening, wall_now()).ref
    return LawWalk(house, exercise_id, ref, secrets)


def client(
    ref: str, role: str, *places: str, status: tuple[str, ...] = ("none",), own: bool = False
) -> Client:
    """A client's record; `own` is our own organisation's."""
    return Client(
        ref=ref,
        name=ref,
        own=own,
        our_role=role,
        jurisdictions=list(places),
        status=list(status),
        imported_at=wall_now(),
    )


def ours(*places: str, status: tuple[str, ...] = ("none",)) -> Client:
    """The record of our own organisation, which answers to the authorities of Germany."""
    record = client("ours", "controller", *places, status=status, own=True)
    record.place = "DE"
    return record

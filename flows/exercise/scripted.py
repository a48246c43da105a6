"""Scripted responders: they read the suspended runs through Prefect and answer the forms, as people would."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pyotp
import yaml
from jinja2 import StrictUndefined
from jinja2.sandbox import SandboxedEnvironment
from pydantic import BaseModel, ConfigDict, Field
from sqlmodel import select

from flows.clock import wall_now
from flows.gathering import find_question
from flows.house import House
from flows.prefect_views import Accepted, RunView
from flows.text_proof import proof_wanted
from playbooks.wording import Period
from store.tables import Incident, Question, Responder, StepRow


class ScriptedAnswer(BaseModel):
    """How long a responder takes over a question, and what they answer."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    after: Period = timedelta(minutes=10)
    decision: str
    reason: str = ""
    fields: Mapping[str, Any] = Field(default_factory=dict)


class Script(BaseModel):
    """Answers by step id, by `kind` for what is no step, each with the time it takes."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    answers: Mapping[str, ScriptedAnswer]


BY_KIND: Mapping[str, ScriptedAnswer] = {
    "counsel": ScriptedAnswer(
        decision="clear", fields={"privileged": "no", "admits_more": "no", "names_third": "no"}
    )
}
"""What is answered where a script says nothing of a kind of question that not every incident asks."""


@dataclass(frozen=True, slots=True)
class Planned:
    """An answer that will be given at an instant of incident time."""

    at: datetime
    run: RunView
    question: Question
    answer: ScriptedAnswer
    is_last: bool


@dataclass
class Cast:
    """The responders of a script, each with the last code they used."""

    secrets: Mapping[str, tuple[str, tuple[str, ...]]]
    used: dict[str, int] = field(default_factory=dict)

    def holder(self, role: str, excluded: list[str]) -> str:
        """Somebody who holds the role and is not excluded."""
        return next(h for h, (_, roles) in self.secrets.items() if role in roles and h not in excluded)

    def code(self, handle: str) -> str:
        """The code of this second, waiting for the next one where it is used already."""
        while (counter := int(wall_now().timestamp())) <= self.used.get(handle, 0):
            time.sleep(0.05)
        self.used[handle] = counter
        return pyotp.HOTP(self.secrets[handle][0]).at(counter)


def read_script(path: Path) -> Script:
    """The script in a YAML file."""
    return Script.model_validate(yaml.safe_load(path.read_text()))


def read_cast(house: House, handles: list[str]) -> Cast:
    """The scripted responders among these handles, with what they need to answer."""
    with house.store.reading() as session:
        rows = [row for row in session.exec(select(Responder)) if row.handle in handles]
    return Cast({row.handle: (row.secret, tuple(row.roles)) for row in rows})


def planned_answers(house: House, script: Script, incident_ref: str) -> list[Planned]:
    """What the responders will answer to the runs suspended now, the earliest first, the closing last."""
    runs = house.api.suspended_runs(tags=[incident_ref])
    with house.store.reading() as session:
        found = [(run, find_question(session, str(run.parameters.get("question")))) for run in runs]
        rows = {q.id: session.get(StepRow, q.step_row_id) for _, q in found if q and q.step_row_id}
    planned = [
        _plan(script, run, question, rows.get(question.id))
        for run, question in found
        if question is not None and question.state == "open"
    ]
    return sorted(planned, key=lambda one: (one.is_last, one.at))


def give(house: House, cast: Cast, planned: Planned) -> bool:
    """Answer the form of a suspended run; False where the form is not there (any more) to be answered."""
    form = house.api.form_of(planned.run)
    if form is None:
        return False
    handle = planned.question.assignee or cast.holder(planned.question.role, planned.question.excluded)
    values = {
        "responder": handle,
        "decision": planned.answer.decision,
        "reason": planned.answer.reason,
        **what_was_read(house, planned.question),
        **_filled(planned.answer.fields, planned.at),
        "code": cast.code(handle),
    }
    asked = form.schema["properties"].keys()
    answered = {name: value for name, value in values.items() if name in asked}
    return isinstance(house.api.resume(planned.run.id, answered), Accepted)


def what_was_read(house: House, question: Question) -> dict[str, str]:
    """What a responder types who read the notice that a release is about, as the desk shows it."""
    with house.store.reading() as session:
        return proof_wanted(session, question)


def find_incident(house: House, ref: str) -> Incident:
    """The incident of that reference as it stands."""
    with house.store.reading() as session:
        return session.exec(select(Incident).where(Incident.ref == ref)).one()


def _plan(script: Script, run: RunView, question: Question, row: StepRow | None) -> Planned:
    own = row.step_id if row is not None and question.kind in ("step", "draft") else ""
    answer = script.answers.get(own) or script.answers.get(question.kind) or BY_KIND[question.kind]
    return Planned(
        at=question.opened_at + answer.after,
        run=run,
        question=question,
        answer=answer,
        is_last=question.kind == "command",
    )


def _filled(fields: Mapping[str, Any], at: datetime) -> dict[str, Any]:
    """The fields with `{{ now }}` and its offsets put in as the instant of the answer."""
    environment = SandboxedEnvironment(undefined=StrictUndefined, autoescape=False)
    known = {
        "now": f"{at:%Y-%m-%dT%H:%M:%SZ}",
        "ago": lambda m: _ago(at, m),
        "ahead": lambda d: _ago(at, -1440 * d),
    }
    return {
        name: environment.from_string(value).render(known) if isinstance(value, str) else value
        for name, value in fields.items()
    }


def _ago(at: datetime, minutes: float) -> str:
    return f"{at - timedelta(minutes=minutes):%Y-%m-%dT%H:%M:%SZ}"

"""What is answered when every playbook is walked, and what must hold at the end."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from typing import Any

from sqlmodel import Session, col, select

from flows.clock import wall_now
from flows.describing import describe
from flows.forms import build_form
from flows.gathering import plan_of, step_of
from flows.law.duties import duties_of
from flows.review.building import build_report
from flows.review.gather import gather
from flows.specs import is_veiled, spec_of
from flows.starting import run_key, run_name
from flows.veiling import own_questions, veiled_form
from notify.report_view import ReportView
from store import timeline
from store.scope import Scope
from store.tables import Incident, Message, Question, StepRow
from store.timeline import Verified
from tests.harness.walks import CAST, START, Walk, stamp

CAST_OF_TWO = CAST | {
    "commander-2": ["commander"],
    "it-2": ["it", "forensics"],
    "privacy-2": ["privacy", "client_lead"],
    "approver-2": ["approver"],
}
_SHARED: Mapping[str, Any] = {
    "our_role": "unknown",  # each client's record says it of its own case
    "occurred_at": stamp(START - timedelta(hours=10)),
    "first_access_at": stamp(START - timedelta(hours=10)),
    "accounts": "all",
    "jurisdictions": ["EU"],
    "entity_class": "other",
}
GRAVE: Mapping[str, Any] = {
    **_SHARED,
    "source_kind": "insider",
    "personal_data": "yes",
    "data_categories": ["contact", "card", "health"],
    "risk": "high",
    "encrypted": "no",
    "exfiltrated": "yes",
    "recipient_trusted": "no",
    "data_returned": "no",
}
"""Personal data at high risk, of a client for whom we process and of one for whom we are controller."""
HARMLESS: Mapping[str, Any] = {
    **_SHARED,
    "source_kind": "mistake",
    "personal_data": "no",
    "data_categories": ["unknown"],
    "risk": "unlikely",
    "encrypted": "yes",
    "exfiltrated": "no",
    "recipient_trusted": "yes",
    "data_returned": "yes",
    "card_data_at_risk": "no",
    "malicious": "no",
    "ransomware": "no",
    "ransom_paid": "no",
}
"""No personal data, and nothing left."""
FACT_SETS = {"grave": GRAVE, "harmless": HARMLESS}


def optional_steps(walk: Walk) -> frozenset[str]:
    """The steps that may be left open."""
    with walk.house.store.reading() as session:
        return frozenset(step.id for step in plan_of(walk.incident(session)).steps if step.optional)


def assert_ended_well(walk: Walk, render: Callable[[ReportView], str]) -> None:
    """Closed, nothing owed, nothing open, the chain whole, each step asked once a round, the report made."""
    with walk.house.store.reading() as session:
        incident = walk.incident(session)
        assert incident.state == "closed"
        running = [duty.rule_id for duty in duties_of(session, incident.id or 0) if duty.state in RUNNING]
        assert not running
        live = [row.step_id for row in _rows(session, incident) if row.state in LIVE]
        assert not live
        assert isinstance(timeline.verify(session, walk.ref), Verified)
        assert not _asked_twice(session, incident)
        report = build_report(gather(session, walk.ref, Scope.whole(), wall_now(), "Example Services"))
    assert walk.ref in render(report)


LONG = 20
"""Shorter words may stand anywhere by chance."""
RUNNING = ("presumed", "owed")
LIVE = ("waiting", "open", "approving")


def outside(walk: Walk, question: Question) -> Iterator[str]:
    """What Prefect is given of a question: name, key, form."""
    with walk.house.store.reading() as session:
        incident = walk.incident(session)
        row = session.get(StepRow, question.step_row_id) if question.step_row_id else None
        yield run_name(question, incident, row)
        yield run_key(question, incident, row)
        if question.kind != "action":
            yield describe(walk.house, session, incident, question)
            spec = spec_of(session, incident, question)
            if is_veiled(incident, question):
                spec = veiled_form(spec)
            yield str(build_form(spec).model_json_schema())


def told(walk: Walk) -> Iterator[str]:
    """Every message to the channel."""
    with walk.house.store.reading() as session:
        for message in session.exec(select(Message)):
            yield f"{message.kind} {message.fields}"


def secrets_of(walk: Walk) -> list[str]:
    """What may not be read outside the circle of a restricted incident."""
    with walk.house.store.reading() as session:
        incident = walk.incident(session)
        plan = plan_of(incident)
        lines = [
            line
            for step in plan.steps
            for line in (*step.instructions.splitlines(), *step.do_not, *step.evidence)
        ]
        own = [field for step in plan.steps for _, field in own_questions(step.fields)]
        asked = [text for field in own for text in (field.label, *(one.label for one in field.choices))]
        told = [line for line in (*lines, *asked) if len(line) > LONG]
        return [plan.title, plan.id, incident.title, *told]


def _rows(session: Session, incident: Incident) -> list[StepRow]:
    return list(session.exec(select(StepRow).where(StepRow.incident_id == incident.id)))


def _asked_twice(session: Session, incident: Incident) -> list[str]:
    put = session.exec(
        select(Question.step_row_id)
        .where(Question.incident_id == incident.id)
        .where(col(Question.kind).in_(("step", "draft", "action")))
    )
    twice = {number for number, times in Counter(put).items() if times > 1}
    rows = {row.id: row for row in _rows(session, incident)}
    return [step_of(incident, rows[number]).id for number in twice if number is not None]

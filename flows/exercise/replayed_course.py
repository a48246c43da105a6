"""The course of a past incident: answers that counted, what was known, and what befell those who worked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast, get_args

from sqlmodel import Session, col, or_, select

from flows.asserting import RECORD
from flows.gathering import cases_of
from playbooks.errors import FactFault
from playbooks.exercises.masking import masked
from playbooks.exercises.past import PastAnswer, PastEvent
from playbooks.fact_parsing import parse_value
from playbooks.facts import DICTIONARY, from_json
from playbooks.models import Playbook
from playbooks.wording import Role
from store.outbox import EVERYWHERE
from store.tables import (
    Absence,
    Alert,
    Answer,
    ChannelFreeze,
    FactRow,
    Incident,
    Question,
    Responder,
    StepRow,
)

_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Source:
    """The incident that is read, and what its clients and cases are called in the scenario."""

    session: Session
    incident: Incident
    playbook: Playbook
    new: Mapping[str, str]
    """The new reference of each client, by its own."""
    case_refs: Mapping[str, str]
    """The same, by the letter of its case."""

    def after(self, at: datetime) -> timedelta:
        """So long after the opening."""
        return max(at - self.incident.opened_at, timedelta(0))

    @property
    def ended_at(self) -> datetime:
        """When it was closed."""
        return self.incident.closed_at or self.incident.opened_at

    def rows(self, table: type[Any], *where: Any) -> list[Any]:
        """The incident's rows of a table, in the order they were written."""
        columns: Any = table
        query = select(table).where(columns.incident_id == self.incident.id, *where).order_by(columns.id)
        return list(self.session.exec(query))


def answers(source: Source) -> Iterator[PastAnswer]:
    """The answers that counted, in the order of their questions."""
    rows = {row.id: row for row in source.rows(StepRow)}
    questions = source.rows(Question, col(Question.kind) != "action")
    given: dict[int, list[Answer]] = {}
    query = select(Answer).where(col(Answer.question_id).in_([one.id for one in questions]))
    for answer in source.session.exec(query.order_by(col(Answer.id))):
        given.setdefault(answer.question_id, []).append(answer)
    for question in questions:
        answers = given.get(question.id, [])
        counted = next((one for one in reversed(answers) if one.verdict == "accepted"), None)
        if counted is None or (question.kind == "command" and counted.decision != "close"):
            continue
        step = _step_id(source, question, rows.get(question.step_row_id))
        if step is None:
            continue
        yield PastAnswer(
            step=step,
            kind=question.kind,
            decision=counted.decision,
            asked=source.after(question.opened_at),
            took=max(counted.answered_at - question.opened_at, timedelta(0)),
            due=source.after(question.due_at) if question.due_at and step else None,
            values=_values(source, step, counted) if step else {},
            refused=sum(one.verdict == "refused" for one in answers),
        )


def _step_id(source: Source, question: Question, row: StepRow | None) -> str | None:
    """The step of the plan that is asked, empty for a kind of its own, None for what none can name."""
    if question.kind not in ("step", "draft"):
        return "" if question.kind != "candidate" else None
    if row is None or row.added:
        return None
    return row.step_id if row.step_id in {step.id for step in source.playbook.steps} else None


def _values(source: Source, step_id: str, answer: Answer) -> dict[str, Any]:
    """What the answer chose from lists, by field that is still asked; nothing of what it says in words."""
    found: dict[str, Any] = {}
    step = next(step for step in source.playbook.steps if step.id == step_id)
    for field in step.fields:
        given = answer.fields.get(field.name)
        if given in (None, "", []):
            continue
        if field.spec.type == "clients":
            named = given if isinstance(given, list) else str(given).split(",")
            found |= _clients(source, field.name, [str(one).strip() for one in named])
            continue
        try:
            value = masked(field.spec, parse_value(field.spec, given))
        except FactFault:
            continue  # a plan of long ago asked otherwise
        if value is not None:
            found[field.name] = value
    return found


def _clients(source: Source, name: str, refs: list[str]) -> dict[str, Any]:
    kept = [source.new[one] for one in refs if one in source.new]
    return {name: kept} if kept else {}


def known(source: Source, letters: Mapping[str, str]) -> dict[str, Any]:
    """What was known at the end, of the incident and else of its first case that knew it."""
    found: dict[tuple[bool, int, str], Any] = {}
    for row in source.rows(FactRow):
        if row.name in DICTIONARY and row.author != RECORD:
            found[(row.case_id is not None, row.case_id or 0, row.name)] = row.value["value"]
    known: dict[str, Any] = {}
    for (_, _, name), stored in sorted(found.items()):
        value = _masked_fact(name, stored)
        if value not in (None, "unknown"):
            known.setdefault(name, value)
    return known | ({"clients": list(letters.values())} if letters else {})


def _masked_fact(name: str, stored: Any) -> Any:
    try:
        return masked(DICTIONARY[name], from_json(name, stored))
    except FactFault:
        return None


def events(source: Source, answered: set[str]) -> Iterator[PastEvent]:
    """What befell those who worked; `answered` are the facts that a step of the plan asked for."""
    yield from _further_alerts(source)
    yield from _found_out(source, answered)
    yield from _absences(source)
    yield from _lost_channels(source)


def _further_alerts(source: Source) -> Iterator[PastEvent]:
    for row in source.rows(Alert):
        at = source.after(row.first_seen_at)
        if at > _MINUTE and row.first_seen_at <= source.ended_at:
            about = [source.new[ref] for ref in row.clients.split(",") if ref in source.new]
            yield PastEvent("alert", at, client=about[0] if len(about) == 1 else "")


def _found_out(source: Source, answered: set[str]) -> Iterator[PastEvent]:
    """Facts that no step of the plan asked for: stated by the commander, or concluded from evidence."""
    refs = {case.id: case.ref for case in cases_of(source.session, source.incident.id or 0)}
    for row in source.rows(FactRow, col(FactRow.author) != RECORD):
        at = source.after(row.asserted_at)
        if row.name not in DICTIONARY or row.name in answered or at <= _MINUTE:
            continue
        value = _masked_fact(row.name, row.value["value"])
        client = source.case_refs.get(refs.get(row.case_id, ""), "")
        if value not in (None, "unknown") and (client or row.case_id is None):
            yield PastEvent("new_fact", at, client=client, facts={row.name: value})


def _absences(source: Source) -> Iterator[PastEvent]:
    """Who was away while the incident ran, by the role in which they were asked."""
    asked = {one.role for one in source.rows(Question)} & set(get_args(Role))
    roles = {one.handle: list(one.roles) for one in source.session.exec(select(Responder))}
    query = select(Absence).where(
        col(Absence.begins_at) > source.incident.opened_at, col(Absence.begins_at) <= source.ended_at
    )
    for row in source.session.exec(query.order_by(col(Absence.id))):
        role = next((one for one in roles.get(row.handle, ()) if one in asked), None)
        until = min(row.until, row.ended_at or row.until)
        if role is not None and until > row.begins_at:
            at, lasts = source.after(row.begins_at), until - row.begins_at
            yield PastEvent("person_unavailable", at, role=cast("Role", role), lasts=lasts)


def _lost_channels(source: Source) -> Iterator[PastEvent]:
    frozen = or_(
        col(ChannelFreeze.channel) == source.incident.channel, col(ChannelFreeze.channel) == EVERYWHERE
    )
    begun = col(ChannelFreeze.at) > source.incident.opened_at, col(ChannelFreeze.at) <= source.ended_at
    for row in source.session.exec(select(ChannelFreeze).where(frozen, *begun)):
        lasts = (row.lifted_at or source.ended_at) - row.at
        yield PastEvent("channel_lost", source.after(row.at), lasts=lasts if lasts >= _MINUTE else None)

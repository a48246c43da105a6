"""What an exercise left behind in the store, as the plain facts that its score is computed from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from sqlmodel import Session, col, select

from flows.clock import segments_of
from flows.exercise.standing import AUTHOR, STOPPED
from flows.gathering import cases_of, plan_of, step_of, steps_of, view_of
from flows.incidents import LIVE
from playbooks.errors import NotFound
from playbooks.exercises.record import INJECT, Decided, Duty, Happened, Record, Said, Told
from playbooks.exercises.scenario import Scenario
from playbooks.facts import to_json
from playbooks.timebase import incident_time
from playbooks.wording import read_period
from store.tables import (
    Answer,
    Client,
    Exercise,
    HotWash,
    Incident,
    Inject,
    Notice,
    Obligation,
    Question,
    StepRow,
    TimelineEntry,
)

_STEPS: Final = frozenset({"step", "draft", "action"})
"""The kinds of question that are a step's own; every other is known by its kind."""
_UNRELEASED: Final = frozenset({"drafted", "superseded", "withdrawn"})
_COUNTED: Final = frozenset({"block", "warn"})
"""What of a content check is a finding; the rest are remarks."""
_ACCEPTED: Final = "accepted"
_OVER: Final = frozenset({"skipped", "withdrawn"})


@dataclass(frozen=True, slots=True)
class _Part:
    """An incident of the exercise; cases of any but the first are named with it."""

    incident: Incident
    is_first: bool

    def case(self, ref: str) -> str:
        return ref if self.is_first or not ref else f"{self.incident.ref}/{ref}"


def find_exercise(session: Session, name: str) -> Exercise:
    """The exercise of that name, in any letter case; raises NotFound."""
    found = session.exec(select(Exercise).where(Exercise.name == name.strip().upper())).first()
    if found is None:
        raise NotFound("no such exercise", which=name[:80], mend="see `seventytwo exercise board`")
    return found


def scenario_of(exercise: Exercise) -> Scenario:
    """The scenario as it stood when the exercise began; raises NotFound where none was kept."""
    if not exercise.pinned:
        raise NotFound("this exercise has no scenario", which=exercise.name, mend="it was begun without one")
    return Scenario.model_validate_json(exercise.pinned)


def incidents_of(session: Session, exercise: Exercise) -> list[Incident]:
    """The incidents of an exercise, the first first."""
    rows = select(Incident).where(Incident.exercise_id == exercise.id).order_by(col(Incident.id))
    return list(session.exec(rows))


def record_of(session: Session, exercise: Exercise, wall: datetime) -> Record:
    """Everything an exercise has left behind until its end, or until `wall` where it still runs."""
    incidents = incidents_of(session, exercise)
    ended_at = _ended_at(session, exercise, incidents, wall)
    theirs = {real: given for given, real in exercise.clients.items()}
    segments = segments_of(session, exercise.id)
    parts = [_Part(incident, is_first=not place) for place, incident in enumerate(incidents)]
    return Record(
        name=exercise.name,
        began_at=exercise.began_at or (segments[0].incident_at if segments else exercise.started_at),
        ended_at=ended_at,
        state=exercise.state if exercise.stopped_at is None else STOPPED,
        why=exercise.why,
        decided=tuple(one for part in parts for one in _decided(session, part, theirs)),
        duties=tuple(one for part in parts for one in _duties(session, part)),
        happened=tuple(_happened(session, exercise, incidents)),
        told=tuple(one for part in parts for one in _told(session, part)),
        handovers=_handovers(session, incidents),
        hot_wash=tuple(_hot_wash(session, exercise)),
        facts=_facts(session, incidents, theirs),
        titles={step.id: step.title for one in incidents[:1] for step in plan_of(one).steps},
        is_cut_off=any(one.state in LIVE or _ended_by(session, one) == AUTHOR for one in incidents),
    )


def _ended_at(
    session: Session, exercise: Exercise, incidents: Sequence[Incident], wall: datetime
) -> datetime:
    """When the response ended: with its last incident's closing, else with the exercise; incident time."""
    closings = [one.closed_at for one in incidents if one.closed_at is not None]
    if incidents and not any(one.state in LIVE for one in incidents) and closings:
        return max(closings)
    return incident_time(segments_of(session, exercise.id), exercise.ended_at or wall)


def _own(session: Session, table: Any, incident: Incident) -> list[Any]:
    rows = select(table).where(table.incident_id == incident.id).order_by(table.id)
    return list(session.exec(rows))


def _decided(session: Session, part: _Part, theirs: Mapping[str, str]) -> Iterator[Decided]:
    questions = _own(session, Question, part.incident)
    steps = {row.id: row for row in _own(session, StepRow, part.incident)}
    given = select(Answer).where(col(Answer.question_id).in_([one.id for one in questions]))
    answers: dict[int, list[Answer]] = {}
    for answer in session.exec(given.order_by(col(Answer.id))):
        answers.setdefault(answer.question_id, []).append(answer)
    cut_off_at = _cut_off_at(session, part.incident)
    brought = set(
        session.exec(select(Inject.step_row_id).where(Inject.exercise_id == part.incident.exercise_id))
    )
    for question in questions:
        all_given = answers.get(question.id, [])
        accepted = [one for one in all_given if one.verdict == _ACCEPTED]
        step = steps.get(question.step_row_id)
        refused = len(all_given) - len(accepted)
        # a commander's form is answered many times, every other question once
        for number, counted in enumerate(accepted or [None]):
            one = _one(question, step, counted, 0 if number else refused, theirs)
            kind = INJECT if step is not None and step.id in brought else one.kind
            is_withdrawn = question.state == "withdrawn" and question.closed_at != cut_off_at
            case, is_beside = part.case(question.case_ref), not part.is_first
            yield replace(one, kind=kind, case=case, is_withdrawn=is_withdrawn, is_beside=is_beside)


def _cut_off_at(session: Session, incident: Incident) -> datetime | None:
    """When an incident was ended with work left in it: by the exercise's end, or as if nothing had happened.

    What was still asked at that instant was never answered. Who closes an incident in earnest has left
    nothing but what is optional.
    """
    if incident.state == "false_positive":
        return incident.closed_at
    return incident.closed_at if _ended_by(session, incident) == AUTHOR else None


def _ended_by(session: Session, incident: Incident) -> str | None:
    """Who closed an incident: somebody, or the exercise's end; None while nobody has."""
    closed = select(TimelineEntry.author).where(
        TimelineEntry.chain == incident.ref, TimelineEntry.kind == "incident_closed"
    )
    return session.exec(closed).first()


def _one(
    question: Question, step: StepRow | None, counted: Answer | None, refused: int, theirs: Mapping[str, str]
) -> Decided:
    is_step = step is not None and question.kind in _STEPS
    fields = (
        {} if counted is None else {name: _named(value, theirs) for name, value in counted.fields.items()}
    )
    return Decided(
        step=step.step_id if step is not None and is_step else question.kind,
        kind=question.kind,
        title=question.title,
        case=question.case_ref,
        role=question.role,
        opened_at=question.opened_at,
        due_at=question.due_at,
        answered_at=counted.answered_at if counted else None,
        handle=counted.handle if counted else "",
        decision=counted.decision if counted else "",
        reason=str(fields.pop("reason", "") or ""),
        fields=fields,
        refused=refused,
        escalations=question.escalations,
    )


def _named(value: Any, theirs: Mapping[str, str]) -> Any:
    """A value with the clients on record named as the scenario names those whom they play."""
    if isinstance(value, list):
        return [_named(one, theirs) for one in value]
    return theirs.get(value, value) if isinstance(value, str) else value


def _duties(session: Session, part: _Part) -> Iterator[Duty]:
    """The duties of an incident; those of one that was merged are carried on by the other."""
    if part.incident.state == "merged":
        return
    for row in _own(session, Obligation, part.incident):
        yield Duty(
            rule=row.rule_id,
            title=row.title,
            case=part.case(row.case_ref),
            recipient=row.recipient,
            state=row.state,
            policy=row.policy,
            anchor_at=row.anchor_at,
            due_at=row.due_at,
            met_at=row.met_at,
        )


def _happened(session: Session, exercise: Exercise, incidents: Sequence[Incident]) -> Iterator[Happened]:
    rows = (
        select(Inject).where(Inject.exercise_id == exercise.id).order_by(col(Inject.due_at), col(Inject.id))
    )
    for inject in session.exec(rows):
        answer, body = _answer_to(session, inject), inject.body
        within, unless = body.get("handled_within"), str(body.get("unless_done") or "")
        is_forestalled = inject.state == "dropped" and any(
            _done_in(session, one, unless) for one in incidents
        )
        yield Happened(
            key=inject.key,
            kind=inject.kind,
            title=str(body.get("title", inject.key)),
            due_at=inject.due_at,
            state=inject.state,
            delivered_at=inject.delivered_at,
            handled_at=answer.answered_at if answer else None,
            handled_by=answer.handle if answer else "",
            decision=answer.decision if answer else "",
            said=_said(answer),
            to=str(body.get("to") or ""),
            within=read_period(str(within)) if within else None,
            forestalled_by=unless if is_forestalled else "",
        )


def _done_in(session: Session, incident: Incident, step_id: str) -> bool:
    """Whether a step was done in an incident, and nothing of it was cut off."""
    cut_off_at = _cut_off_at(session, incident)
    rows = [row for row in steps_of(session, incident.id or 0) if row.step_id == step_id]
    is_over = all(row.state in _OVER and row.ended_at != cut_off_at for row in rows if row.state != "done")
    return is_over and any(row.state == "done" for row in rows)


def _answer_to(session: Session, inject: Inject) -> Answer | None:
    if inject.step_row_id is None:
        return None
    asked = select(Answer).join(Question, col(Question.id) == col(Answer.question_id))
    own = asked.where(Question.step_row_id == inject.step_row_id, Answer.verdict == _ACCEPTED)
    return session.exec(own.order_by(col(Answer.id))).first()


def _said(answer: Answer | None) -> str:
    """What an answer says was done: its texts, one after the other."""
    if answer is None:
        return ""
    return " ".join(str(value) for value in answer.fields.values() if isinstance(value, str) and value)


def _told(session: Session, part: _Part) -> Iterator[Told]:
    steps = {row.id: row for row in _own(session, StepRow, part.incident)}
    for notice in _own(session, Notice, part.incident):
        if notice.state in _UNRELEASED:
            continue
        found = [one for one in notice.findings or [] if one.get("severity") in _COUNTED]
        recipient = step_of(part.incident, steps[notice.step_row_id]).recipient or ""
        at = notice.accepted_at or notice.sent_at
        yield Told(recipient, part.case(notice.case_ref), at, len(found))


def _handovers(session: Session, incidents: Sequence[Incident]) -> tuple[datetime, ...]:
    refs = [one.ref for one in incidents]
    rows = select(TimelineEntry.at).where(
        col(TimelineEntry.chain).in_(refs), TimelineEntry.kind == "handover"
    )
    return tuple(sorted(set(session.exec(rows))))


def _hot_wash(session: Session, exercise: Exercise) -> Iterator[Said]:
    rows = select(HotWash).where(HotWash.exercise_id == exercise.id).order_by(col(HotWash.id))
    for row in session.exec(rows):
        yield Said(row.question, row.handle, row.said)


def _facts(session: Session, incidents: Sequence[Incident], theirs: Mapping[str, str]) -> dict[str, Any]:
    """The latest word on each fact: of the first incident, else of its only case that says anything."""
    if not incidents or incidents[0].id is None:
        return {}
    view = view_of(session, incidents[0].id)
    told = {name: to_json(value) for name, value in view.incident.items()}
    for case in cases_of(session, incidents[0].id):
        whose = session.get_one(Client, case.client_id).ref
        for name, value in view.cases.get(case.ref, {}).items():
            told[f"{theirs.get(whose, whose)}: {name}"] = to_json(value)
    return told

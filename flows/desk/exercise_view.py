"""The board of an exercise for its facilitator: who waits for what, what comes, what the sinks took."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from sqlmodel import Session, col, select

from flows.circle import is_guarded, may_know
from flows.clock import segments_of
from flows.desk.exercise_lines import ExerciseView, InjectLine, Line, Taken, Waits
from flows.desk.words import left_words, span_words, value_words
from flows.exercise.recording import incidents_of, scenario_of
from flows.gathering import open_questions, phase_name
from flows.house import House
from flows.incidents import LIVE
from flows.notice_reading import marking_of
from flows.outgoing import with_threads
from flows.wall.rows import wall_of
from notify.kinds import MessageFault
from notify.render import render
from notify.wall_view import ClockRow
from playbooks.errors import NotFound
from playbooks.exercises.scenario import Scenario
from playbooks.timebase import incident_time
from playbooks.vocabulary import whom
from store.tables import (
    Answer,
    Exercise,
    HotWash,
    Incident,
    Inject,
    Message,
    Notice,
    Question,
    Responder,
    StepRow,
)

SHOWN_CLOCKS: Final = 12
SHOWN_MESSAGES: Final = 30
_TAKEN: Final = ("sent", "accepted", "acknowledged")
"""The states of a notice that the exercise's sink took."""


def exercise_view(
    house: House, session: Session, exercise: Exercise, reader: Responder | None, wall: datetime
) -> ExerciseView:
    """Everything of an exercise, for one who may see all of it; for nobody in person at the console."""
    segments = segments_of(session, exercise.id)
    now = incident_time(segments, wall) if segments else wall
    began_at = exercise.began_at or (segments[0].incident_at if segments else None)
    incidents = incidents_of(session, exercise)
    scenario = _scenario(exercise)
    return ExerciseView(
        name=exercise.name,
        state=exercise.state,
        title=scenario.title if scenario else exercise.scenario or "no scenario",
        playbook=f"{exercise.playbook}@{exercise.playbook_version}".strip("@"),
        pace=_pace(exercise),
        now=now,
        played=span_words(now - began_at) if began_at else "",
        began_at=began_at,
        ends_at=exercise.ends_at,
        facilitator=exercise.facilitator,
        scripted=tuple(sorted((role, str(handle)) for role, handle in exercise.scripted.items())),
        clients=tuple((given, str(ours)) for given, ours in exercise.clients.items() if given != ours),
        why=exercise.why,
        incidents=tuple((one.ref, one.state) for one in incidents),
        real=_real(session, exercise, reader),
        scenario=scenario,
        waits=tuple(_waits(session, exercise, incidents, now)),
        clocks=_clocks(house, session, incidents, now),
        injects=tuple(_injects(session, exercise, now)),
        taken=tuple(_taken(session, incidents)),
        messages=_messages(session, incidents),
        hot_wash=tuple(_hot_wash(session, exercise, scenario)),
        reader=reader.handle if reader else "",
    )


def _scenario(exercise: Exercise) -> Scenario | None:
    try:
        return scenario_of(exercise)
    except NotFound:
        return None


def _pace(exercise: Exercise) -> str:
    match exercise.pace:
        case "speed":
            return f"{exercise.speed:g} times as fast"
        case "real":
            return "in real time"
        case _:
            return "by steps"


def _real(session: Session, exercise: Exercise, reader: Responder | None) -> tuple[str, ...]:
    """The real incidents that opened since it began, as far as the reader may know of them."""
    found = session.exec(
        select(Incident)
        .where(col(Incident.exercise_id).is_(None), col(Incident.state).in_(LIVE))
        .where(col(Incident.recorded_at) >= exercise.started_at)
        .order_by(col(Incident.id))
    )
    return tuple(one.ref for one in found if _may_know(session, one, reader))


def _may_know(session: Session, incident: Incident, reader: Responder | None) -> bool:
    """Whether the reader may know of an incident; what a circle guards is for nobody whom we do not know."""
    return not is_guarded(session, incident) if reader is None else may_know(session, incident, reader)


def _waits(
    session: Session, exercise: Exercise, incidents: Sequence[Incident], now: datetime
) -> Iterator[Waits]:
    for incident in incidents:
        asked = open_questions(session, incident.id or 0) if incident.state in LIVE else []
        for one in sorted(asked, key=lambda one: (one.kind == "command", one.due_at or one.opened_at)):
            row = session.get(StepRow, one.step_row_id) if one.step_row_id else None
            scripts = exercise.scripted
            yield Waits(
                ref=one.ref,
                title=one.title,
                incident=incident.ref,
                phase=phase_name(incident, row),
                who=one.assignee or one.role,
                case_ref=one.case_ref,
                since=span_words(max(now - one.opened_at, timedelta(0))),
                due_at=one.due_at,
                left=left_words(one.due_at, now) if one.due_at else "",
                is_over=one.due_at is not None and one.due_at < now,
                is_scripted=one.assignee in scripts.values() if one.assignee else one.role in scripts,
                fault=one.fault,
            )


def _clocks(
    house: House, session: Session, incidents: Sequence[Incident], now: datetime
) -> tuple[tuple[str, ClockRow], ...]:
    live = [one for one in incidents if one.state in LIVE]
    walls = [(one.ref, wall_of(house, session, one, now, with_clients=False)) for one in live]
    rows = [(ref, row) for ref, wall in walls for row in wall.running]
    return tuple(sorted(rows, key=lambda pair: pair[1].due_at or now)[:SHOWN_CLOCKS])


def _injects(session: Session, exercise: Exercise, now: datetime) -> Iterator[InjectLine]:
    rows = (
        select(Inject).where(Inject.exercise_id == exercise.id).order_by(col(Inject.due_at), col(Inject.id))
    )
    for row in session.exec(rows):
        body = row.body
        yield InjectLine(
            key=row.key,
            kind=row.kind,
            title=str(body.get("title", row.key)),
            text=str(body.get("text", "")),
            note=str(body.get("note", "")),
            about=" · ".join(_about(body)),
            state=row.state,
            due_at=row.due_at,
            left=_until(row, now),
            delivered_at=row.delivered_at,
            until=row.until,
            why=row.why,
            answer=_answered(session, row),
        )


def _until(row: Inject, now: datetime) -> str:
    if row.state != "waiting":
        return ""
    return left_words(row.due_at, now) if row.due_at > now else "comes now"


_ABOUT: Final = (
    ("to", "to {}"),
    ("clients", "about {}"),
    ("client", "about {}"),
    ("role", "nobody of {}"),
    ("away", "it is {}"),
    ("unless_done", "unless {} is done"),
    ("handled_within", "to be handled within {}"),
)
"""What of an inject is told in one line, in this order, and in which words."""


def _about(body: Mapping[str, Any]) -> Iterator[str]:
    for name, words in _ABOUT:
        if body.get(name):
            yield words.format(value_words(body[name]))
    yield from (f"{name}: {value_words(value)}" for name, value in body.get("facts", {}).items())


def _answered(session: Session, row: Inject) -> str:
    """Who handled it and what they say they did; empty while nobody has."""
    if row.step_row_id is None:
        return ""
    query = (
        select(Answer)
        .join(Question, col(Question.id) == col(Answer.question_id))
        .where(Question.step_row_id == row.step_row_id, Answer.verdict == "accepted")
        .order_by(col(Answer.id).desc())
    )
    found = session.exec(query).first()
    if found is None:
        return ""
    said = [str(value) for value in found.fields.values() if value]
    return f"{found.handle}: {' · '.join(said) or found.decision}"


def _taken(session: Session, incidents: Sequence[Incident]) -> Iterator[Taken]:
    for incident in incidents:
        rows = select(Notice).where(Notice.incident_id == incident.id, col(Notice.state).in_(_TAKEN))
        for row in session.exec(rows.order_by(col(Notice.id))):
            yield Taken(
                number=row.id or 0,
                incident=incident.ref,
                recipient=row.recipient or whom(row.channel),
                case_ref=row.case_ref,
                version=row.version,
                state=row.state,
                marking=marking_of(session, incident, row),
                at=row.accepted_at or row.sent_at,
                text=row.text,
            )


def _messages(session: Session, incidents: Sequence[Incident]) -> tuple[Line, ...]:
    """What was said to those who play, the latest first."""
    ids = [one.id for one in incidents]
    rows = select(Message).where(col(Message.incident_id).in_(ids)).order_by(col(Message.id).desc())
    sent = with_threads(session, session.exec(rows.limit(SHOWN_MESSAGES)).all())
    return tuple(
        Line(
            one.message.queued_at,
            f"{one.message.channel} · {one.message.state}",
            _words(one.message.kind, one.fields),
        )
        for one in sent
    )


def _words(kind: str, fields: dict[str, object]) -> str:
    try:
        return render(kind, fields).text
    except MessageFault:
        return kind


def _hot_wash(session: Session, exercise: Exercise, scenario: Scenario | None) -> Iterator[Line]:
    asked = {one.id: one.text for one in scenario.hot_wash} if scenario else {}
    rows = select(HotWash).where(HotWash.exercise_id == exercise.id).order_by(col(HotWash.id))
    for row in session.exec(rows):
        yield Line(row.at, f"{row.handle}, to: {asked.get(row.question, row.question)}", row.said)

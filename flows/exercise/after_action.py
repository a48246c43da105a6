"""The after-action report of an exercise: read from the store, its plan filed, written as three files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path

from sqlmodel import Session, select

from flows.clock import segments_of, wall_now
from flows.exercise.improving import file_improvements, items_of
from flows.exercise.picturing import exercise_pictures
from flows.exercise.recording import find_exercise, incidents_of, record_of, scenario_of
from flows.gathering import cases_of, plan_of
from flows.house import House
from flows.review.writing import put_files
from notify.after_action import after_action_html, after_action_markdown
from notify.after_action_pdf import after_action_pdf
from notify.after_action_view import AfterAction, Chained, Participant, PlanLine
from notify.report import span
from notify.report_view import Proof
from playbooks.errors import Refused
from playbooks.exercises.record import Record
from playbooks.exercises.scoring import Score, score
from playbooks.timebase import Segment, incident_time
from playbooks.wording import marking
from store import timeline
from store.chain import Verified
from store.tables import ActionItem, Client, Exercise, Incident, Responder


def score_of(house: House, name: str) -> tuple[Exercise, Record, Score]:
    """An exercise that is over with its record and its score; raises NotFound, Refused while it runs.

    A score tells what the scenario expects: nobody who still plays may read it, and one that is stopped may
    go on.
    """
    with house.store.reading() as session:
        exercise = find_exercise(session, name)
        if exercise.ended_at is None:
            raise Refused("this exercise still runs", which=exercise.name, mend="end it first")
        record = record_of(session, exercise, wall_now())
        return exercise, record, score(scenario_of(exercise), record)


def write_after_action(house: House, name: str, folder: Path) -> tuple[Path, ...]:
    """File the improvement plan, and write the report as HTML, Markdown and PDF; returns their paths.

    Raises NotFound, Refused while the exercise runs, SetupFault where nothing can be written.
    """
    report = read_after_action(house, name)
    stem = f"{report.name}-after-action"
    texts: dict[str, str | bytes] = {
        f"{stem}.html": after_action_html(report),
        f"{stem}.md": after_action_markdown(report),
        f"{stem}.pdf": after_action_pdf(report),
    }
    return put_files(folder, texts)


def read_after_action(house: House, name: str) -> AfterAction:
    """Everything that the report says, its improvement plan filed; raises NotFound, Refused while it runs."""
    exercise, record, result = score_of(house, name)
    refs = file_improvements(house, exercise, result.improvements, record)
    with house.store.reading() as session:
        return _read(house, session, exercise, record, result, refs)


def _read(
    house: House,
    session: Session,
    exercise: Exercise,
    record: Record,
    result: Score,
    refs: Mapping[str, str],
) -> AfterAction:
    incidents = incidents_of(session, exercise)
    wall = wall_now()
    plan = plan_of(incidents[0]) if incidents else None
    return AfterAction(
        name=exercise.name,
        organisation=house.settings.organisation,
        marking=marking(plan.tlp if plan else "amber"),
        playbook=f"{plan.title}, version {plan.version}" if plan else exercise.playbook,
        pace=_pace(exercise, segments_of(session, exercise.id)),
        team=exercise.team if exercise.scripted else "",
        facilitator=exercise.facilitator if _is_enrolled(session, exercise.facilitator) else "",
        scenario=scenario_of(exercise),
        record=record,
        score=result,
        started_at=exercise.started_at,
        ended_at=exercise.ended_at,
        prepared_at=wall,
        clients=_clients(session, exercise, incidents),
        participants=_participants(session, exercise, record),
        plan=_plan(result, refs, items_of(session, incidents), wall),
        pictures=exercise_pictures(house, session, incidents, record, wall),
        chains=tuple(Chained(one.ref, _proof(session, one.ref)) for one in incidents),
    )


def _pace(exercise: Exercise, segments: Sequence[Segment]) -> str:
    """How fast it was played, and how far its clock was moved ahead beside that."""
    if exercise.pace == "step":
        return "with the stepped clock"
    pace = "in real time" if exercise.pace == "real" else f"{exercise.speed:g} times as fast as real time"
    jumps = (
        later.incident_at - incident_time(segments[:at], later.wall_at)
        for at, later in enumerate(segments)
        if at
    )
    ahead = sum(jumps, timedelta(0))
    return f"{pace}, its clock moved ahead by {span(ahead)}" if ahead >= timedelta(minutes=1) else pace


def _is_enrolled(session: Session, handle: str) -> bool:
    return session.exec(select(Responder.id).where(Responder.handle == handle)).first() is not None


def _clients(session: Session, exercise: Exercise, incidents: Sequence[Incident]) -> dict[str, str]:
    """By case as the record names it, the client on record, and whom of the scenario it played."""
    played = {real: given for given, real in exercise.clients.items() if real != given}
    found = {}
    for place, incident in enumerate(incidents):
        for case in cases_of(session, incident.id or 0):
            ref = session.get_one(Client, case.client_id).ref
            words = f"{ref}, as {played[ref]}" if ref in played else ref
            found[f"{incident.ref}/{case.ref}" if place else case.ref] = words
    return found


def _participants(session: Session, exercise: Exercise, record: Record) -> tuple[Participant, ...]:
    answers: dict[str, int] = {}
    roles: dict[str, dict[str, None]] = {}
    for one in record.decided:
        if one.handle:
            answers[one.handle] = answers.get(one.handle, 0) + 1
            roles.setdefault(one.handle, {})[one.role] = None
    scripted = set(exercise.scripted.values())
    enrolled = set(session.exec(select(Responder.handle)))
    return tuple(
        Participant(handle, tuple(roles[handle]), count, handle in scripted)
        for handle, count in sorted(answers.items())
        if handle in enrolled
    )


def _plan(
    result: Score, refs: Mapping[str, str], items: Sequence[ActionItem], wall: datetime
) -> tuple[PlanLine, ...]:
    """The plan in the order of the areas; then what was agreed while it was played."""
    areas = {refs[one.key]: (place, one) for place, one in enumerate(result.improvements) if one.key in refs}
    lines = []
    for item in items:
        place, area = areas.get(item.ref, (len(areas), None))
        line = PlanLine(
            ref=item.ref,
            title=item.title,
            area=area.title if area else "agreed in the review",
            capability=area.capability if area else "",
            owner=item.owner,
            due_at=item.due_at,
            state="overdue" if item.state == "open" and item.due_at < wall else item.state,
        )
        lines.append((place, line))
    return tuple(line for _, line in sorted(lines, key=lambda one: one[0]))


def _proof(session: Session, ref: str) -> Proof:
    verdict = timeline.verify(session, ref)
    if isinstance(verdict, Verified):
        return Proof(is_whole=True, entries=verdict.entries, erased=verdict.erased, head=verdict.head, why="")
    return Proof(
        is_whole=False, entries=verdict.seq, erased=0, head="", why=f"entry {verdict.seq}: {verdict.why}"
    )

"""The improvement plan of an exercise in the list of action items: real people mend it, in wall time."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

from sqlmodel import Session, col, select

from flows.circle import may_know
from flows.clock import segments_of, wall_now
from flows.deciding import Decision, deciding, note
from flows.exercise.recording import incidents_of
from flows.exercise.stepping import locked
from flows.house import House
from flows.identity import played_in
from flows.law.scheduling import schedule_action
from playbooks.errors import Refused
from playbooks.exercises.record import Decided, Record
from playbooks.exercises.score import Improvement
from playbooks.timebase import incident_time
from store.scope import Scope
from store.tables import ActionItem, ClockWarning, Exercise, Incident, Responder

_LONGEST: Final = 300


def file_improvements(
    house: House, exercise: Exercise, found: Sequence[Improvement], record: Record
) -> dict[str, str]:
    """Write each improvement once as an action item of the exercise's incident; the item's reference by key.

    Repeating it, also after a crash, writes nothing again and moves no date. Raises Refused where nobody can
    own an item.
    """
    with house.store.reading() as session:
        incidents = incidents_of(session, exercise)
    if not incidents:
        return {}
    refs = {one.key: _ref(exercise, one) for one in found}
    file_agreed(house, exercise.id or 0)
    with deciding(house, incidents[0].ref) as decision:
        known = set(
            decision.session.exec(select(ActionItem.ref).where(col(ActionItem.ref).in_(refs.values())))
        )
        for one in found:
            if refs[one.key] not in known:
                _add(decision, exercise, one, refs[one.key], record)
    return refs


def file_agreed(house: House, exercise_id: int) -> None:
    """Move what was agreed while an exercise was played into wall time, once, when it has ended.

    Its dates were the exercise's, which may have been played in another month: nobody is reminded by those.
    What a script has taken upon itself goes to a person: nobody else could close it.
    """
    with house.store.reading() as session:
        incidents = incidents_of(session, session.get_one(Exercise, exercise_id))
    if incidents:
        with deciding(house, incidents[0].ref) as decision:
            _file(decision, exercise_id, [one.id for one in incidents])
        return
    with house.store.writing() as session:
        locked(session, exercise_id).filed_at = wall_now()


def _file(decision: Decision, exercise_id: int, incident_ids: Sequence[int | None]) -> None:
    session, exercise = decision.session, locked(decision.session, exercise_id)
    if exercise.ended_at is None or exercise.filed_at is not None:
        return
    exercise.filed_at = decision.wall
    session.add(exercise)
    ahead = exercise.ended_at - incident_time(segments_of(session, exercise_id), exercise.ended_at)
    for item in session.exec(select(ActionItem).where(col(ActionItem.incident_id).in_(incident_ids))):
        item.due_at += ahead
        item.closed_at = item.closed_at and item.closed_at + ahead
        if played_in(item.owner):
            incident = session.get_one(Incident, item.incident_id)
            item.owner = _owner(session, incident, exercise, _role_of(session, item.owner))
        session.add(item)
        warnings = select(ClockWarning).where(ClockWarning.subject == f"action:{item.id}")
        for warning in session.exec(warnings.where(ClockWarning.state == "waiting")):
            warning.due_at += ahead
            session.add(warning)
    note(
        decision,
        "plan_filed",
        "system",
        {"exercise": exercise.name, "moved_by_seconds": int(ahead.total_seconds())},
    )


def items_of(session: Session, incidents: Sequence[Incident]) -> list[ActionItem]:
    """The action items of these incidents by their date, those agreed while they were played too."""
    rows = select(ActionItem).where(col(ActionItem.incident_id).in_([one.id for one in incidents]))
    return list(session.exec(rows.order_by(col(ActionItem.due_at), col(ActionItem.ref))))


def _add(decision: Decision, exercise: Exercise, improvement: Improvement, ref: str, record: Record) -> None:
    item = ActionItem(
        ref=ref,
        incident_id=decision.incident_id,
        title=improvement.action[:_LONGEST],
        owner=_owner(decision.session, decision.incident, exercise, improvement.role, record.decided),
        due_at=_due_at(exercise.ended_at or decision.wall, improvement.days),
        evidence="",
        opened_at=decision.wall,
    )
    decision.session.add(item)
    decision.session.flush()
    schedule_action(decision, item)
    said = {"action": ref, "title": item.title, "owner": item.owner, "due_at": item.due_at.isoformat()}
    note(decision, "action_agreed", "system", {**said, "exercise": exercise.name})


def _due_at(ended_at: datetime, days: int) -> datetime:
    """The noon of the day on which it is due: people mend, so it is no hour of the night."""
    return (ended_at + timedelta(days=days)).replace(hour=12, minute=0, second=0, microsecond=0)


def _ref(exercise: Exercise, improvement: Improvement) -> str:
    """The same for the same finding of the same exercise, so that it stands in the list once."""
    return f"A-{hashlib.sha256(f'{exercise.name}/{improvement.key}'.encode()).hexdigest()[:8]}"


def _owner(
    session: Session, incident: Incident, exercise: Exercise, role: str, decided: Sequence[Decided] = ()
) -> str:
    """Who mends it: a person who played the role, who holds it, the facilitator, or a commander.

    Where scripts alone play, in a store of their own, the role's script stands for whoever will hold it.
    """
    people = _people(session, incident)
    played = [one.handle for one in decided if one.role == role and one.handle in people]
    holders = [handle for handle, roles in people.items() if role in roles]
    leads = [handle for handle, roles in people.items() if "commander" in roles]
    facilitator = [exercise.facilitator] if exercise.facilitator in people else []
    scripts = [str(exercise.scripted[one]) for one in (role, *exercise.scripted) if one in exercise.scripted]
    able = [*played, *holders, *facilitator, *leads, *people, *scripts]
    if not able:
        mend = "enrol a responder: `seventytwo responder add`"
        raise Refused("nobody can own what is to be mended", which=exercise.name, mend=mend)
    return able[0]


def _role_of(session: Session, handle: str) -> str:
    """The role that a scripted responder plays."""
    return session.exec(select(Responder).where(Responder.handle == handle)).one().roles[0]


def _people(session: Session, incident: Incident) -> Mapping[str, Sequence[str]]:
    """Everybody who can own an item and close it, with their roles: no script, nobody outside its circle."""
    rows = select(Responder).where(col(Responder.disabled_at).is_(None)).order_by(col(Responder.handle))
    return {
        row.handle: row.roles
        for row in session.exec(rows)
        if not played_in(row.handle)
        and Scope.of(row).sees(session, incident)
        and may_know(session, incident, row)
    }

"""A change of shift, told once for each open incident: also late, and then only the latest."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final

from sqlalchemy import literal
from sqlmodel import Session, col, select

from flows.circle import is_guarded
from flows.clock import incident_now
from flows.deciding import deciding, note, say
from flows.gathering import open_questions
from flows.house import House
from flows.incidents import LIVE
from flows.roster.duty import people_said, standing_here
from flows.roster.handover import handover_lines
from flows.roster.keeping import aways, roster_row
from flows.vouching import HOUSE
from playbooks.roster.duty import last_change, last_edge, on_duty
from playbooks.roster.models import DutyRoster, from_stored
from store.tables import Counter, Incident, Message, Roster
from store.timeline import HEAD
from store.types import canonical

log = logging.getLogger("seventytwo.roster")

LOOK_BACK: Final = timedelta(days=8)
"""A change that nobody was told of for longer than a week and a day is history."""
AFRESH: Final = timedelta(minutes=10)
"""How soon an incident is looked at again although nothing is known to have changed."""
_INSTANT: Final = timedelta(microseconds=1)
_LEADER: Final = "commander"


@dataclass(frozen=True, slots=True)
class Change:
    """Who was on duty for a role before an instant, and who is since."""

    role: str
    at: datetime
    before: tuple[str, ...]
    after: tuple[str, ...]


Seen = dict[int, tuple[object, ...]]
"""How each incident stood when nobody had changed: what a watch keeps between its rounds to spare work."""


def hand_over_all(home: House, wall: datetime, seen: Seen | None = None) -> int:
    """Write the hand-over note of every open incident whose people on duty changed; how many were written."""
    with home.store.reading() as session:
        refs = _changed(session, wall, {} if seen is None else seen)
    faults: list[Exception] = []
    said = 0
    for ref in refs:
        try:
            said += hand_over(home, ref)
        except Exception as fault:  # whatever it is: the other incidents' people must hear
            log.exception("the hand-over of %s could not be written", ref)
            faults.append(fault)
    if faults:
        raise faults[0]
    return said


def _changed(session: Session, wall: datetime, seen: Seen) -> list[str]:
    """The incidents with a change to tell; one that stands as it was last seen is not looked at again."""
    row = roster_row(session)
    if row is None:
        return []
    edge = partial(last_edge, from_stored(canonical(row.document)), absences=aways(session))
    people = session.exec(select(Counter.value).where(Counter.name == HEAD + HOUSE)).first()
    now_on_walls = edge(wall)
    found = session.exec(
        select(Incident.id, Incident.ref, Incident.exercise_id, Counter.value)
        .join(Counter, col(Counter.name) == literal(HEAD) + col(Incident.ref))
        .where(col(Incident.state).in_(LIVE))
        .order_by(col(Incident.id).desc())
    ).all()
    changed = []
    for row_id, ref, exercise_id, head in found:
        at = wall if exercise_id is None else incident_now(session, session.get_one(Incident, row_id), wall)
        stands = (
            *(row.id, people, head, now_on_walls if exercise_id is None else edge(at)),
            int(wall.timestamp() // AFRESH.total_seconds()),
        )
        if seen.get(row_id or 0) == stands:
            continue
        if changes_of(session, row, session.get_one(Incident, row_id), at):
            changed.append(ref)
        else:
            seen[row_id or 0] = stands
    return changed


def hand_over(home: House, ref: str) -> bool:
    """Write one incident's note in a deciding transaction: into the timeline, and to the responders."""
    with deciding(home, ref) as decision:
        session, incident, row = decision.session, decision.incident, roster_row(decision.session)
        if row is None or incident.state not in LIVE:
            return False
        changes = changes_of(session, row, incident, decision.now)
        if not changes:
            return False
        at = max(change.at for change in changes)
        since = _last_told(session, incident)
        lines = handover_lines(session, incident, decision.now, since=since)
        told = [{"role": one.role, "before": list(one.before), "after": list(one.after)} for one in changes]
        note(
            decision, "handover", "system", {"at": at.isoformat(), "changes": told, "text": "\n".join(lines)}
        )
        if is_guarded(session, incident):  # who stands in would tell who is kept out
            lines = handover_lines(session, incident, decision.now, since=since, named=False)
        shown = [_shown(session, incident, one) for one in changes]
        say(decision, "handover", f"handover/{at.isoformat()}", changes=shown, lines=lines)
    return True


def _shown(session: Session, incident: Incident, change: Change) -> dict[str, Any]:
    """A change as the channel is told: of an incident with a circle without names."""
    before, after = [{"handle": handle} for handle in change.before], []
    if is_guarded(session, incident):
        before = [{"handle": "who was on duty"}] if change.before else []
        after = [{"handle": "who is on duty now"}] if change.after else []
    return {
        "role": change.role,
        "before": before,
        "after": after or people_said(session, incident, change.after),
    }


def changes_of(session: Session, row: Roster, incident: Incident, now: datetime) -> list[Change]:
    """The latest change of each role that matters and has not been told, the commander's first."""
    assert incident.id is not None
    roster = from_stored(canonical(row.document))
    since = max(incident.opened_at, now - LOOK_BACK)
    if incident.exercise_id is None:
        since = max(since, row.imported_at)  # what an earlier roster said was told by it
    told = _last_told(session, incident)
    opened: dict[str, datetime] = {_LEADER: incident.opened_at}
    for question in open_questions(session, incident.id):
        if question.kind != "action":
            opened[question.role] = min(question.opened_at, opened.get(question.role, question.opened_at))
    roles = [role for role in roster.roles if role in opened]
    found = _changes(session, roster, incident, roles, since, now)
    return sorted(
        (one for one in found if opened[one.role] < one.at and (told is None or told < one.at)),
        key=lambda one: (one.role != _LEADER, one.role),
    )


def _changes(
    session: Session,
    roster: DutyRoster,
    incident: Incident,
    roles: Sequence[str],
    since: datetime,
    now: datetime,
) -> Iterator[Change]:
    if not roles or since >= now:
        return
    standing = standing_here(session, incident)
    for role in roles:
        at = last_change(roster, role, since, now, standing)
        if at is not None:
            before = on_duty(roster, role, at - _INSTANT, standing)
            yield Change(role, at, before, on_duty(roster, role, at, standing))


def _last_told(session: Session, incident: Incident) -> datetime | None:
    """The instant of the latest change that a note was written of; its key holds it."""
    keys = session.exec(
        select(Message.key).where(Message.incident_id == incident.id, col(Message.kind) == "handover")
    )
    return max((datetime.fromisoformat(key.rpartition("/")[2]) for key in keys), default=None)

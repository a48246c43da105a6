"""What the brief of an incident says: read from the store, references only."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session, col, select

from flows.circle import is_guarded
from flows.clock import incident_now
from flows.gathering import open_questions, phase_name
from flows.house import House
from flows.wall.rows import wall_of
from notify.brief import BriefClock, BriefQuestion, BriefView
from notify.wall_view import ClockRow, Wall
from store.tables import Incident, Question, StepRow


def brief_view(home: House, session: Session, incident: Incident, channel: str, wall: datetime) -> BriefView:
    """The brief of an incident for a channel, as it stands at an instant of the machine's clock."""
    now = incident_now(session, incident, wall)
    asked = [one for one in open_questions(session, incident.id or 0) if one.kind != "action"]
    clocks = wall_of(home, session, incident, now, with_clients=False)
    desk, hides = home.settings.desk_url, is_guarded(session, incident)
    return BriefView(
        ref=incident.ref,
        exercise=incident.kind == "exercise",
        state=incident.state,
        severity=incident.severity,
        phases=_phases(session, incident, asked),
        commander=next((_who(one, hides=hides) for one in asked if one.kind == "command"), "commander"),
        now=now,
        link=f"{desk}/i/{incident.ref}",
        clocks=tuple(_clock(row) for row in _running(clocks)),
        questions=tuple(
            BriefQuestion(one.title, _who(one, hides=hides), f"{desk}/q/{one.ref}", one.due_at)
            for one in asked
            if one.kind != "command"
        ),
        frozen=clocks.frozen,
        moved=incident.channel != channel,
    )


def _who(question: Question, *, hides: bool) -> str:
    """Whose a question is: of an incident with a circle its role alone."""
    return question.role if hides else question.assignee or question.role


def _running(wall: Wall) -> Sequence[ClockRow]:
    """Our clocks that run, by the instant due; what is owed before what is presumed."""
    return sorted(wall.running, key=lambda row: (row.due_at or wall.now, row.state != "owed", row.rule))


def _clock(row: ClockRow) -> BriefClock:
    assert row.due_at is not None
    rule = f"{row.rule}, case {row.case_ref}" if row.case_ref else row.rule
    return BriefClock(row.recipient, rule, row.due_at, row.state == "presumed", row.policy)


def _phases(session: Session, incident: Incident, asked: Sequence[Question]) -> tuple[str, ...]:
    """The phases in which something is asked now, in the order in which it was."""
    ids = [one.step_row_id for one in asked if one.step_row_id is not None]
    rows = session.exec(select(StepRow).where(col(StepRow.id).in_(ids)).order_by(col(StepRow.id)))
    return tuple(dict.fromkeys(phase_name(incident, row) for row in rows))

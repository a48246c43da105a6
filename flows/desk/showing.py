"""Reading what a page shows of an incident, within its reader's scope.

Whoever may see some clients only gets the rows of their cases. Of the incident's own rows they get neither
the tool's words nor a payload nor free text nor counts nor duties: any of them may speak of another client.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from sqlmodel import Session, col, func, select

from flows.circle import may_know
from flows.clock import incident_now
from flows.desk import words
from flows.desk.forensics import forensics_shown
from flows.desk.kinship import kinship_shown
from flows.desk.look import Look
from flows.desk.papers import answers_shown, kept_out_shown, notices_shown
from flows.desk.sections import fact_group, phase_views, question_view
from flows.desk.view import EntryView, FactGroup, IncidentView, QuestionView
from flows.gathering import plan_of
from flows.house import House
from flows.incidents import LIVE
from flows.review.alerts import alert_lines, count_alerts
from flows.review.gather import is_sayable
from flows.roster.duty import duty_now
from flows.wall.rows import team_zone, wall_of
from playbooks.wording import marking
from store.tables import (
    Case,
    Client,
    FactRow,
    Incident,
    Question,
    Responder,
    StepRow,
    TimelineEntry,
)

ENTRIES = 200
"""Timeline entries that a page shows; the report holds them all."""
HASHES: Final = {"notice_drafted": frozenset({"sha256", "documents"})}
"""What a page leaves out of an entry: whoever releases a notice reads its hash below the text alone."""

ALERTS = 50
"""Alerts that a page shows; the report holds them all."""


def show(
    home: House, session: Session, incident: Incident, reader: Responder, wall: datetime
) -> IncidentView:
    """The page of an incident as this reader may see it."""
    look = Look(session, incident, reader, incident_now(session, incident, wall))
    plan = plan_of(incident)
    cases = look.scope.cases(session, incident)
    steps = session.exec(select(StepRow).where(StepRow.incident_id == incident.id)).all()
    return IncidentView(
        ref=incident.ref,
        title=plan.neutral_title if look.limited else incident.title,
        playbook=plan.neutral_title,
        marking=marking(plan.tlp),
        is_restricted=plan.restricted,
        severity=incident.severity,
        state=incident.state,
        is_exercise=incident.exercise_id is not None,
        opened_at=incident.opened_at,
        closed_at=incident.closed_at,
        now=look.now,
        previous=_previous(look),
        kinship=kinship_shown(look),
        reader=reader.handle,
        limited=look.limited,
        phases=phase_views(plan, steps),
        questions=_questions(look, steps),
        on_duty=tuple(duty_now(session, incident, look.now)) if incident.state in LIVE else (),
        kept_out=kept_out_shown(look),
        wall=wall_of(home, session, incident, look.now, look.scope),
        zone=team_zone(home, session),
        cases=tuple((case.ref, session.get_one(Client, case.client_id).name) for case in cases),
        facts=_facts(look, cases),
        notices=notices_shown(look),
        answers=answers_shown(look),
        alerts=() if look.limited else alert_lines(session, incident, ALERTS),
        alerts_in_all=0 if look.limited else count_alerts(session, incident),
        forensics=forensics_shown(look),
        entries=_entries(look),
        entries_in_all=_count_entries(look),
    )


def _previous(look: Look) -> str:
    if look.incident.previous_id is None or look.limited:
        return ""
    before = look.session.get_one(Incident, look.incident.previous_id)
    return before.ref if may_know(look.session, before, look.reader) else ""


def _questions(look: Look, steps: Sequence[StepRow]) -> tuple[QuestionView, ...]:
    seen = look.scope.within(look.session, look.incident, Question.case_ref)
    rows = look.session.exec(
        select(Question)
        .where(Question.incident_id == look.incident.id, Question.state == "open", seen)
        .where(Question.kind != "action")
        .order_by(col(Question.due_at).is_(None), col(Question.due_at), col(Question.id))
    )
    by_id = {step.id: step for step in steps}
    return tuple(
        question_view(look.incident, row, by_id.get(row.step_row_id), look.now, may_quote=may_quote)
        for row in rows
        if (may_quote := bool(row.case_ref) or not look.limited) or _is_of_the_plan(row)
    )


def _is_of_the_plan(row: Question) -> bool:
    """Not about duties or closing, which may concern others' cases."""
    return row.step_row_id is not None or row.kind in ("candidate", "command")


def _facts(look: Look, cases: Sequence[Case]) -> tuple[FactGroup, ...]:
    rows = look.session.exec(
        select(FactRow).where(FactRow.incident_id == look.incident.id).order_by(col(FactRow.id))
    ).all()
    if look.limited:
        rows = [row for row in rows if row.case_id is not None or is_sayable(row.name)]
    subjects = [("The incident", None), *((f"Case {case.ref}", case.id) for case in cases)]
    groups = (fact_group(told, [row for row in rows if row.case_id == case]) for told, case in subjects)
    return tuple(group for group in groups if group.lines)


def _entries(look: Look) -> tuple[EntryView, ...]:
    seen = look.scope.within(look.session, look.incident, TimelineEntry.case_ref)
    rows = look.session.exec(
        select(TimelineEntry)
        .where(TimelineEntry.chain == look.incident.ref, seen)
        .order_by(col(TimelineEntry.seq).desc())
        .limit(ENTRIES)
    )
    return tuple(_entry(look, row) for row in rows)


def _entry(look: Look, row: TimelineEntry) -> EntryView:
    hidden = look.limited and not row.case_ref
    return EntryView(
        seq=row.seq,
        at=row.at,
        kind=words.kind_words(row.kind),
        author=row.author,
        case_ref=row.case_ref,
        lines=()
        if hidden or row.payload is None
        else words.payload_words(row.payload, HASHES.get(row.kind, ())),
    )


def _count_entries(look: Look) -> int:
    seen = look.scope.within(look.session, look.incident, TimelineEntry.case_ref)
    return look.session.exec(
        select(func.count()).select_from(TimelineEntry).where(TimelineEntry.chain == look.incident.ref, seen)
    ).one()

"""Reading what a report is made from, through its reader's scope.

Whoever may see some clients only gets the rows of their cases. Of the incident's own rows they get what the
plan says and when it happened, but neither free text nor counts nor alerts: any may speak of another client.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import ColumnElement
from sqlmodel import Session, SQLModel, col, or_, select

from flows.clock import incident_now, mending_now
from flows.forensics.reconstructing import reconstructions_of
from flows.gathering import cases_of, plan_of
from flows.review.alerts import alert_lines
from flows.review.material import Entry, Material
from playbooks.errors import NotFound
from playbooks.facts import DICTIONARY
from store import timeline
from store.scope import Scope
from store.seal import Unsealable
from store.tables import (
    ActionItem,
    Answer,
    Approval,
    Case,
    Client,
    ClockEntry,
    ClockWarning,
    FactRow,
    Incident,
    Notice,
    Obligation,
    Question,
    StepRow,
    TimelineEntry,
)

SAYABLE = frozenset({"yes_no", "instant", "choice"})
"""The types of the incident's own facts that tell nothing of any one client."""

_Row = TypeVar("_Row", bound=SQLModel)


def gather(session: Session, ref: str, scope: Scope, wall: datetime, organisation: str) -> Material:
    """Everything that a report about incident `ref` may say within `scope`; raises NotFound."""
    incident = session.exec(select(Incident).where(Incident.ref == ref)).first()
    if incident is None or not scope.sees(session, incident):
        raise NotFound("no such incident", which=ref, mend="see `seventytwo incident list --all`")
    limited = scope.clients is not None
    cases = scope.cases(session, incident)
    refs = [case.ref for case in cases]
    questions = _questions(session, scope, incident)
    duties = [duty for duty in _within(session, scope, incident, Obligation) if duty.case_ref or not limited]
    return Material(
        incident=incident,
        plan=plan_of(incident),
        organisation=organisation,
        now=incident_now(session, incident, wall),
        mending_at=mending_now(session, incident, wall),
        limited=limited,
        clients={case.ref: session.get_one(Client, case.client_id).ref for case in cases},
        case_refs={None: "", **{case.id: case.ref for case in cases}},
        concealed=_others(session, incident, cases) if limited else (),
        previous=_previous(session, incident, limited=limited),
        steps=tuple(_within(session, scope, incident, StepRow)),
        questions=tuple(questions),
        answers=tuple(_of(session, Answer, col(Answer.question_id), questions)),
        approvals=tuple(_of(session, Approval, col(Approval.question_id), questions)),
        facts=_facts(session, incident, cases, limited=limited),
        duties=tuple(duties),
        ledger=tuple(_of(session, ClockEntry, col(ClockEntry.obligation_id), duties)),
        warnings=_warnings(session, incident),
        notices=tuple(_within(session, scope, incident, Notice)),
        actions=tuple(_own(session, incident, ActionItem)),
        alerts=() if limited else alert_lines(session, incident),
        reconstruction=next(reversed(reconstructions_of(session, incident.id or 0)), None),
        entries=_entries(session, incident.ref, None if not limited else ["", *refs]),
        verdict=timeline.verify(session, incident.ref),
    )


def _own(session: Session, incident: Incident, table: type[_Row], *where: ColumnElement[bool]) -> list[_Row]:
    columns: Any = table
    rows = select(table).where(columns.incident_id == incident.id, *where).order_by(columns.id)
    return list(session.exec(rows))


def _within(session: Session, scope: Scope, incident: Incident, table: type[_Row]) -> list[_Row]:
    columns: Any = table
    return _own(session, incident, table, scope.within(session, incident, columns.case_ref))


def _of(session: Session, table: type[_Row], key: Any, rows: Sequence[Any]) -> list[_Row]:
    columns: Any = table
    return list(session.exec(select(table).where(key.in_([row.id for row in rows])).order_by(columns.id)))


def _questions(session: Session, scope: Scope, incident: Incident) -> list[Question]:
    """The questions; a limited reader gets none about duties or closing, which may concern others' cases."""
    rows = _within(session, scope, incident, Question)
    if scope.clients is None:
        return rows
    return [row for row in rows if row.step_row_id is not None or row.kind == "command" or row.case_ref]


def _facts(
    session: Session, incident: Incident, cases: Sequence[Case], *, limited: bool
) -> tuple[FactRow, ...]:
    mine = or_(col(FactRow.case_id).is_(None), col(FactRow.case_id).in_([case.id for case in cases]))
    rows = _own(session, incident, FactRow, mine)
    return tuple(row for row in rows if not limited or row.case_id is not None or is_sayable(row.name))


def is_sayable(name: str) -> bool:
    """Whether the incident's own fact of that name may be told to whoever sees some clients only."""
    return name in DICTIONARY and DICTIONARY[name].type in SAYABLE


def _warnings(session: Session, incident: Incident) -> tuple[ClockWarning, ...]:
    return tuple(_own(session, incident, ClockWarning, col(ClockWarning.state) == "fired"))


def _others(session: Session, incident: Incident, cases: Sequence[Case]) -> tuple[str, ...]:
    """What must not be read in a limited report: the names and references of the incident's other clients."""
    assert incident.id is not None
    seen = {case.client_id for case in cases}
    others = [case.client_id for case in cases_of(session, incident.id) if case.client_id not in seen]
    clients = [session.get_one(Client, client_id) for client_id in others]
    return tuple(word for client in clients for word in (client.ref, client.name) if word.strip())


def _previous(session: Session, incident: Incident, *, limited: bool) -> str:
    if incident.previous_id is None or limited:
        return ""
    return session.get_one(Incident, incident.previous_id).ref


def _entries(session: Session, chain: str, cases: Sequence[str] | None) -> tuple[Entry, ...]:
    """The timeline, read so that one spoilt payload does not hide the rest."""
    table = TimelineEntry
    told = (table.seq, table.at, table.recorded_at, table.kind, table.author, table.case_ref, table.hash)
    rows: Any = select(*told).where(table.chain == chain)  # type: ignore[call-overload] # typed for fewer columns
    if cases is not None:
        rows = rows.where(col(table.case_ref).in_(cases))
    return tuple(
        Entry(**row._asdict(), payload=_payload(session, chain, row.seq) if _is_told(row, cases) else None)
        for row in session.exec(rows.order_by(col(table.seq))).all()
    )


def _is_told(row: Any, cases: Sequence[str] | None) -> bool:
    """Whether this reader gets an entry's payload: a limited one only that of their clients' cases."""
    return cases is None or bool(row.case_ref)


def _payload(session: Session, chain: str, seq: int) -> Mapping[str, Any] | None:
    try:
        return session.exec(
            select(TimelineEntry.payload).where(TimelineEntry.chain == chain, TimelineEntry.seq == seq)
        ).one()
    except (Unsealable, ValueError, TypeError):
        return None  # the verdict on the chain says so

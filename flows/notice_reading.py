"""Notices as a reader may see them: which ones, and what each is compared with."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlmodel import Session, col, select

from flows.circle import may_know
from flows.gathering import plan_of, step_of
from flows.house import House
from flows.notice_phases import earlier_of
from flows.text_proof import READ
from flows.wall.rows import WHOLE, wall_of
from notify.comparing import Run, compare
from notify.wall_view import ClockRow
from playbooks.wording import marking
from store.scope import Scope
from store.tables import Case, Incident, Notice, Obligation, Question, Responder, StepRow

MAX_ID: Final = 2**31 - 1


@dataclass(frozen=True, slots=True)
class Comparison:
    """An earlier text of the same round, or accepted by the same recipient, and what changed since."""

    what: str
    earlier: Notice
    runs: tuple[Run, ...]

    @property
    def is_same(self) -> bool:
        """Whether nothing changed."""
        return all(run.change == "kept" for run in self.runs)


def sees_all(session: Session, incident: Incident, scope: Scope) -> bool:
    """Whether a scope covers every client concerned: what is about all of them is for nobody else."""
    if scope.clients is None:
        return True
    there = session.exec(select(Case.id).where(Case.incident_id == incident.id)).all()
    return len(scope.cases(session, incident)) == len(there)


def notices_seen(session: Session, incident: Incident, scope: Scope) -> list[Notice]:
    """The notices of an incident within a scope, the latest first."""
    cases = {case.ref for case in scope.cases(session, incident)}
    if sees_all(session, incident, scope):
        cases.add("")
    rows = select(Notice).where(Notice.incident_id == incident.id, col(Notice.case_ref).in_(cases))
    return list(session.exec(rows.order_by(col(Notice.id).desc())))


def notice_seen(session: Session, incident: Incident, scope: Scope, number: int) -> Notice | None:
    """The notice of that number, where it is of this incident and within the scope."""
    if not 0 < number <= MAX_ID:
        return None
    found = session.get(Notice, number)
    if found is None or found.incident_id != incident.id:
        return None
    return found if _is_seen(session, incident, scope, found.case_ref) else None


def _is_seen(session: Session, incident: Incident, scope: Scope, case_ref: str) -> bool:
    if not case_ref:
        return sees_all(session, incident, scope)
    return case_ref in {case.ref for case in scope.cases(session, incident)}


def scope_of(session: Session, incident: Incident, reader: Responder | None) -> Scope | None:
    """What a responder may see of an incident, everything where nobody is named; None: not that it exists."""
    if reader is None:
        return Scope.whole()
    scope = Scope.of(reader)
    is_let_in = may_know(session, incident, reader) and scope.sees(session, incident)
    return scope if is_let_in and reader.disabled_at is None else None


def marking_of(session: Session, incident: Incident, notice: Notice) -> str:
    """The marking of a notice: its step's own, or its playbook's."""
    step = step_of(incident, session.get_one(StepRow, notice.step_row_id))
    return marking(step.tlp or plan_of(incident).tlp)


def duty_rows(
    home: House, session: Session, incident: Incident, scope: Scope, now: datetime, notice: Notice
) -> tuple[ClockRow, ...]:
    """The clocks of the duties that a notice was written to meet, as they stand now."""
    duties = session.exec(select(Obligation).where(col(Obligation.id).in_(notice.obligations)))
    met = {(duty.rule_id, duty.case_ref) for duty in duties}
    whole = WHOLE if sees_all(session, incident, scope) else scope
    wall = wall_of(home, session, incident, now, whole, with_clients=False)
    return tuple(row for row in wall.rows if not row.is_shadow and (row.rule, row.case_ref) in met)


def release_of(session: Session, notice: Notice) -> Question | None:
    """The open question by which a notice is released, or read by counsel before that."""
    if notice.state != "drafted":
        return None
    rows = select(Question).where(
        Question.step_row_id == notice.step_row_id, col(Question.kind).in_(READ), Question.state == "open"
    )
    return session.exec(rows.order_by(col(Question.id))).first()


def comparisons(session: Session, notice: Notice) -> tuple[Comparison, ...]:
    """What changed since the last version of the round, and since what its recipient accepted last."""
    found: dict[int | None, Comparison] = {}
    for what, earlier in _earlier(session, notice):
        found.setdefault(earlier.id, Comparison(what, earlier, compare(earlier.text, notice.text)))
    return tuple(found.values())


def _earlier(session: Session, notice: Notice) -> Iterator[tuple[str, Notice]]:
    """Of the same case always: a text about one client is shown beside no other's."""
    before = (
        select(Notice)
        .where(Notice.incident_id == notice.incident_id, Notice.case_ref == notice.case_ref)
        .where(col(Notice.id) < notice.id)
    )
    of_round = before.where(Notice.step_row_id == notice.step_row_id).order_by(col(Notice.version).desc())
    if (last := session.exec(of_round).first()) is not None:
        yield "the last version of this round", last
    if (last := next(earlier_of(session, notice), None)) is not None:
        yield "what this recipient accepted last", last

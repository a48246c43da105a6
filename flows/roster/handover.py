"""What whoever comes on duty must know of an incident: references and handles only, as a reader may see."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from sqlmodel import Session, col, select

from flows.circle import kept_out, refuse_outsider
from flows.desk.sections import phase_views
from flows.desk.words import clock_words, left_words
from flows.exercise_channel import mark
from flows.gathering import open_questions, plan_of, steps_of
from flows.incidents import no_such_incident
from flows.law.duties import duties_of
from flows.review.material import ADDED
from flows.roster.duty import on_duty_here
from notify.wall_view import RUNNING
from playbooks.vocabulary import whom
from store.scope import Scope
from store.tables import ActionItem, Incident, Obligation, Question, Responder, StepRow, TimelineEntry

SHOWN: Final = 10
SHIFT: Final = timedelta(hours=12)
"""How far back `what was done` looks where no change of shift says it."""
_DECISIONS: Final = frozenset({"approval", "counsel", "release", "candidate"})
_NEXT: Final = 3


def handover_text(
    session: Session,
    incident: Incident,
    at: datetime,
    reader: Responder | None = None,
    *,
    since: datetime | None = None,
) -> str:
    """The note as plain lines; raises NotFound for a reader outside of the circle or without a case of it."""
    lines = handover_lines(session, incident, at, reader, since=since)
    return "\n".join(
        (f"{mark(incident)}{incident.ref} at {clock_words(at)}", *(f"  {line}" for line in lines))
    )


def handover_lines(
    session: Session,
    incident: Incident,
    at: datetime,
    reader: Responder | None = None,
    *,
    since: datetime | None = None,
    named: bool = True,
) -> list[str]:
    """What the note says, line by line, as far as `reader` may see; all of it for none. People if `named`."""
    scope = Scope.whole() if reader is None else Scope.of(reader)
    if reader is not None:
        refuse_outsider(session, incident, reader)
        if not scope.sees(session, incident):
            raise no_such_incident(incident.ref)
    assert incident.id is not None
    seen = {"", *(case.ref for case in scope.cases(session, incident))}
    questions = [
        one
        for one in open_questions(session, incident.id)
        if one.case_ref in seen and one.kind not in ("command", "action")
    ]
    clocks = _clocks(session, incident.id, seen if scope.clients is None else seen - {""})
    decisions = [one for one in questions if one.kind in _DECISIONS]
    titled = {one.id: _title(session, one, quoted=scope.clients is None) for one in questions}

    def who(question: Question) -> str:
        return _held(session, incident, question, at) if named else question.role

    return [
        _stand(session, incident),
        _done(session, incident, since or at - SHIFT, at, seen, limited=scope.clients is not None),
        *_listed(
            "Open questions",
            [f"{titled[one.id]}: {who(one)}{_time(one, at)}" for one in questions],
        ),
        *_listed("Clocks", [f"{_name(duty)}: {_left(duty.due_at, at)}" for duty in clocks]),
        *_listed("Decisions pending", [titled[one.id] for one in decisions]),
        *_listed(
            f"Next {_NEXT} deadlines", _deadlines(session, incident.id, clocks, questions, titled, at, scope)
        ),
    ]


def _stand(session: Session, incident: Incident) -> str:
    assert incident.id is not None
    phases = phase_views(plan_of(incident), steps_of(session, incident.id))
    running = [phase.name for phase in phases if phase.state == "now"]
    phase = ", ".join(running) or "none under way"
    state = "" if incident.state == "open" else f", {incident.state}"
    return f"Phase {phase}; severity {incident.severity}{state}; open since {clock_words(incident.opened_at)}"


def _done(
    session: Session, incident: Incident, since: datetime, at: datetime, seen: set[str], *, limited: bool
) -> str:
    """What the timeline counted since the last change: questions, facts, notices, and the rest."""
    rows = session.exec(
        select(TimelineEntry.kind).where(
            TimelineEntry.chain == incident.ref,
            TimelineEntry.at > since,
            TimelineEntry.at <= at,
            col(TimelineEntry.case_ref).in_(seen - {""} if limited else seen),
        )
    )
    counts = Counter(rows)
    said = [f"{count} {kind.replace('_', ' ')}" for kind, count in counts.most_common(6)]
    more = (
        f" and {counts.total() - sum(dict(counts.most_common(6)).values())} other" if len(counts) > 6 else ""
    )
    return f"Since {clock_words(since)}: {', '.join(said) + more if said else 'nothing was recorded'}"


def _clocks(session: Session, incident_id: int, seen: set[str]) -> list[Obligation]:
    duties = [
        duty
        for duty in duties_of(session, incident_id)
        if duty.case_ref in seen and duty.state in RUNNING and duty.due_at is not None
    ]
    return sorted(duties, key=lambda duty: (_due(duty), duty.id or 0))


def _due(row: Obligation | Question) -> datetime:
    assert row.due_at is not None
    return row.due_at


def _name(duty: Obligation) -> str:
    case = f", case {duty.case_ref}" if duty.case_ref else ""
    return f"{whom(duty.recipient, duty.addressee)} ({duty.rule_id}{case})"


def _left(due_at: datetime | None, at: datetime) -> str:
    assert due_at is not None
    return f"{left_words(due_at, at)}, due {clock_words(due_at)}"


def _title(session: Session, question: Question, *, quoted: bool) -> str:
    """A question's title; of a step that a person added only for those who see all."""
    step = session.get(StepRow, question.step_row_id) if question.step_row_id and not quoted else None
    title = ADDED if step is not None and step.added else question.title
    return f"{title} (case {question.case_ref})" if question.case_ref else title


def _held(session: Session, incident: Incident, question: Question, at: datetime) -> str:
    """Who holds a question: to whom it was given, else its role with who is on duty."""
    out = kept_out(session, incident.id or 0)
    if question.assignee and question.assignee not in out:
        return question.assignee
    people = on_duty_here(
        session, incident, question.role, at, case_ref=question.case_ref, excluded=question.excluded
    )
    return f"{question.role} ({', '.join(people)})" if people else f"{question.role}, nobody named"


def _time(question: Question, at: datetime) -> str:
    return f"; {_left(question.due_at, at)}" if question.due_at else ""


def _listed(head: str, lines: Sequence[str]) -> list[str]:
    """A head with at most ten lines, and how many more there are."""
    if not lines:
        return [f"{head}: none"]
    more = [f"\u2026 and {len(lines) - SHOWN} more"] if len(lines) > SHOWN else []
    return [f"{head}: {len(lines)}", *(f"\u2022 {line}" for line in lines[:SHOWN]), *more]


def _deadlines(
    session: Session,
    incident_id: int,
    clocks: Sequence[Obligation],
    questions: Sequence[Question],
    titled: dict[int | None, str],
    at: datetime,
    scope: Scope,
) -> list[str]:
    found = [(_due(duty), _name(duty)) for duty in clocks]
    found += [(_due(one), titled[one.id]) for one in questions if one.due_at is not None]
    if scope.clients is None:
        items = session.exec(
            select(ActionItem).where(ActionItem.incident_id == incident_id, ActionItem.state == "open")
        )
        found += [(item.due_at, f"action item {item.ref}") for item in items]
    coming = sorted(one for one in found if one[0] > at)
    return [f"{clock_words(due_at)} {what}" for due_at, what in coming[:_NEXT]]

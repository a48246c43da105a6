"""Who is on duty, in the house and as one incident may name them.

Whoever is kept out of an incident, or may not answer a question, or does not see its clients is not named
there: whoever stands in is named instead.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlmodel import Session, col, select

from flows.circle import is_guarded, kept_out
from flows.exercise.absent import away_until
from flows.roster.keeping import roster_of, standing_of
from playbooks.roster import duty
from playbooks.roster.duty import Standing
from store.scope import Scope
from store.tables import Incident, Question, Responder


def on_duty(
    session: Session, role: str, at: datetime, *, without: Collection[str] = (), rehearsed: bool = False
) -> tuple[str, ...]:
    """The handles on duty for a role at an instant, in the roster's order; none where no roster says."""
    roster = roster_of(session)
    if roster is None:
        return ()
    return duty.on_duty(roster, role, at, standing_of(session, rehearsed=rehearsed, without=without))


def on_duty_here(
    session: Session,
    incident: Incident,
    role: str,
    at: datetime,
    *,
    case_ref: str = "",
    excluded: Collection[str] = (),
) -> tuple[str, ...]:
    """Whom an incident may name as on duty for a role at an instant."""
    roster = roster_of(session)
    if roster is None or role not in roster.roles:
        return ()
    out = {*excluded, *away_until(session, incident.exercise_id, at)}
    return duty.on_duty(roster, role, at, standing_here(session, incident, case_ref, out))


def standing_here(
    session: Session, incident: Incident, case_ref: str = "", excluded: Collection[str] = ()
) -> Standing:
    """Who is away, and who may be named on an incident about a case, or about all of them."""
    out = {*excluded, *kept_out(session, incident.id or 0), *_blind(session, incident, case_ref)}
    return standing_of(session, rehearsed=incident.exercise_id is not None, without=out)


def asked_people(session: Session, incident: Incident, question: Question, at: datetime) -> tuple[str, ...]:
    """Whom a question waits for by name: its assignee, else who is on duty for its role."""
    if question.assignee:
        return () if question.assignee in kept_out(session, incident.id or 0) else (question.assignee,)
    return on_duty_here(
        session, incident, question.role, at, case_ref=question.case_ref, excluded=question.excluded
    )


def people_said(session: Session, incident: Incident, handles: Collection[str]) -> list[dict[str, str]]:
    """People as messages name them: by handle, with the Slack id that mentions them outside of exercises.

    Nobody in an incident with a circle: who stands in there would tell who is kept out.
    """
    if not handles or is_guarded(session, incident):
        return []
    rows = session.exec(select(Responder).where(col(Responder.handle).in_(handles)))
    ids = {} if incident.exercise_id is not None else {row.handle: row.slack_id for row in rows}
    return [{"handle": handle, "slack_id": ids.get(handle, "")} for handle in handles]


def duty_now(session: Session, incident: Incident, at: datetime) -> list[tuple[str, tuple[str, ...]]]:
    """Who is on duty for each role of the roster, as this incident may name them; none without a roster."""
    roster = roster_of(session)
    if roster is None:
        return []
    standing = standing_here(session, incident)
    return [(role, duty.on_duty(roster, role, at, standing)) for role in roster.roles]


def _blind(session: Session, incident: Incident, case_ref: str) -> set[str]:
    """The responders who do not see the clients that a case, or the whole incident, is about."""
    limited = [row for row in session.exec(select(Responder)) if row.clients]
    if not limited:
        return set()
    wanted = {case.ref for case in Scope.whole().cases(session, incident) if case_ref in ("", case.ref)}
    return {
        row.handle
        for row in limited
        if not wanted <= {case.ref for case in Scope.of(row).cases(session, incident)}
    }

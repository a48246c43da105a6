"""The roster in force, who is away, and who may be named at all, as the store holds them."""

from __future__ import annotations

from collections.abc import Collection

from sqlmodel import Session, col, select

from flows.identity import CODE_PERIOD
from playbooks.roster.duty import Standing
from playbooks.roster.models import Away, DutyRoster, from_stored
from store.tables import Absence, Responder, Roster
from store.types import canonical


def roster_row(session: Session) -> Roster | None:
    """The roster in force as it was imported; None where there is none."""
    in_force = select(Roster).where(col(Roster.superseded_at).is_(None))
    return session.exec(in_force.order_by(col(Roster.version).desc())).first()


def roster_of(session: Session) -> DutyRoster | None:
    """The roster in force; None where there is none."""
    row = roster_row(session)
    return None if row is None else from_stored(canonical(row.document))


def absence_rows(session: Session) -> list[Absence]:
    """Every absence that was not taken back before it began, by its beginning."""
    rows = session.exec(select(Absence).order_by(col(Absence.begins_at), col(Absence.id)))
    return [row for row in rows if row.ended_at is None or row.ended_at > row.begins_at]


def aways(session: Session) -> tuple[Away, ...]:
    """The absences as the roster's arithmetic takes them: one that was ended early ends then."""
    return tuple(
        Away(row.handle, row.begins_at, min(row.until, row.ended_at or row.until), row.stand_in)
        for row in absence_rows(session)
    )


def standing_of(session: Session, *, rehearsed: bool = False, without: Collection[str] = ()) -> Standing:
    """Who is away and who may be named: active holders, in real matters none that is for exercises only."""
    active = session.exec(select(Responder).where(col(Responder.disabled_at).is_(None)))
    able = frozenset(
        (role, row.handle)
        for row in active
        if row.handle not in without and (rehearsed or row.code_period >= CODE_PERIOD)
        for role in row.roles
    )
    return Standing(aways(session), able)

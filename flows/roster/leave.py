"""Absences: who is away from when until when, who stands in, and who is back."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session, select

from flows.identity import played_in
from flows.roster.keeping import absence_rows, roster_of
from flows.vouching import note_house
from playbooks.errors import Mend, NotFound, Refused
from store.tables import Absence, Responder


def go_away(
    session: Session, handle: str, begins_at: datetime, until: datetime, stand_in: str, by: str, at: datetime
) -> Absence:
    """Record that a responder is away; raises NotFound, Mend or Refused with what to mend."""
    said = {"handle": handle, "until": until.isoformat(), "stand_in": stand_in}
    # first, because it locks: of two absences at once the second sees the first
    note_house(session, "responder_away", by, {**said, "from": begins_at.isoformat()}, at)
    responder = _active(session, handle)
    if until <= begins_at or until <= at:
        raise Mend("an absence ends after it begins, and after now", which=handle, mend="check --until")
    for other in absence_rows(session):
        over = min(other.until, other.ended_at or other.until)
        if other.handle == handle and other.begins_at < until and begins_at < over:
            which = f"{other.begins_at:%Y-%m-%d %H:%MZ} to {over:%Y-%m-%d %H:%MZ}"
            mend = f"end that one first: seventytwo roster back {handle}"
            raise Refused("this responder is away then already", which=which, mend=mend)
    if stand_in:
        _refuse_stand_in(session, responder, stand_in)
    row = Absence(handle=handle, begins_at=begins_at, until=until, stand_in=stand_in, by=by, at=at)
    session.add(row)
    session.flush()
    return row


def come_back(session: Session, handle: str, by: str, at: datetime) -> Absence:
    """End the absence that runs now, else take back the next that is planned; raises NotFound for none."""
    note_house(session, "responder_back", by, {"handle": handle}, at)
    rows = [row for row in absence_rows(session) if row.handle == handle and row.ended_at is None]
    found = next((row for row in rows if at < row.until), None)
    if found is None:
        raise NotFound("no absence to end", which=handle, mend="see `seventytwo roster show`")
    found.ended_at = at
    session.add(found)
    return found


def _active(session: Session, handle: str) -> Responder:
    found = session.exec(select(Responder).where(Responder.handle == handle)).first()
    if found is None:
        raise NotFound("no such responder", which=handle, mend="see `seventytwo responder list`")
    if found.disabled_at is not None:
        raise Refused("this responder is disabled", which=handle, mend="name another")
    if played_in(handle):
        raise Refused("this responder is enrolled for exercises only", which=handle, mend="name a person")
    return found


def _refuse_stand_in(session: Session, responder: Responder, stand_in: str) -> None:
    """Refuse a stand-in who is nobody, the same person, or without a role for which they would be named."""
    if stand_in == responder.handle:
        raise Refused("nobody stands in for themselves", which=stand_in, mend="name another")
    other, roster = _active(session, stand_in), roster_of(session)
    shifts = roster.shifts if roster else ()
    named: set[str] = {shift.role for shift in shifts if responder.handle in shift.people}
    missing = sorted((named or set(responder.roles)) - set(other.roles))
    if missing:
        which = f"{stand_in}: {', '.join(missing)}"
        mend = f"name somebody who holds {' and '.join(sorted(named or set(responder.roles)))}"
        raise Refused("the stand-in does not hold the role", which=which, mend=mend)

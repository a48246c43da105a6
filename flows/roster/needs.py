"""How many people each role needs on duty, by what the playbooks ask and the contracts want."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Final

from sqlmodel import Session, col, select

from flows.coverage_input import kind_of
from flows.house import House
from flows.roster.keeping import roster_of, standing_of
from playbooks.roster.gaps import Gap, gaps
from store.tables import ContractTerm

AHEAD: Final = timedelta(days=14)
_APPROVER: Final = "approver"


def needed(house: House, session: Session, today: date) -> dict[str, int]:
    """The roles that the playbooks in force ask, each with how many people; approvers as contracts want."""
    roles = {
        role for name in house.playbooks for role in kind_of(house.playbooks.in_force(name, today)).roles
    }
    found = dict.fromkeys(sorted(roles), 1)
    terms = session.exec(select(ContractTerm).where(col(ContractTerm.superseded_at).is_(None)))
    wanted = max((term.terms.get("approvals") or 1 for term in terms), default=1)
    if _APPROVER in found:
        found[_APPROVER] = wanted
    return found


def gaps_ahead(house: House, session: Session, at: datetime) -> list[Gap]:
    """Every stretch of the next fortnight in which a role has too few people on duty."""
    roster = roster_of(session)
    return gaps(roster, needed(house, session, at.date()), at, at + AHEAD, standing_of(session))


def gap_words(house: House, session: Session, at: datetime) -> list[str]:
    """What the roster in force leaves open in the next fortnight, a line for each role; none without one."""
    if roster_of(session) is None:
        return []
    hours: dict[str, timedelta] = {}
    for gap in gaps_ahead(house, session, at):
        hours[gap.role] = hours.get(gap.role, timedelta()) + (gap.until - gap.begins_at)
    return [
        f"too few on duty for the role {role} in {round(length / timedelta(hours=1))} h of the next 14 days: "
        "see `seventytwo roster gaps`"
        for role, length in sorted(hours.items())
    ]

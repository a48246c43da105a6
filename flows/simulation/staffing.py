"""Who is there in a simulation: the responders and roster of the store, those of a file, or a usual team."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from sqlmodel import Session, col, select

from flows.identity import CODE_PERIOD
from flows.roster.keeping import aways, roster_of
from playbooks.roster.models import ROLES, DutyRoster
from playbooks.simulation.model import Staff
from playbooks.simulation.usual import PEOPLE_A_ROLE, ROUND_THE_CLOCK, people_of, usual_roster
from store.tables import Responder


@dataclass(frozen=True, slots=True)
class Crew:
    """The staff of a simulation, and in words where it is from and what was assumed of it."""

    staff: Staff
    source: str
    assumed: tuple[str, ...] = ()


def usual_crew(zone: str) -> Crew:
    """A small team, as it is assumed where nobody says otherwise."""
    roster = usual_roster(zone, ROLES)
    hours = " and ".join(ROUND_THE_CLOCK)
    said = (
        f"{PEOPLE_A_ROLE} people for each role; {hours} round the clock in two shifts, "
        f"everybody else on weekdays from 08:00 to 18:00, {zone}"
    )
    return Crew(Staff({role: people_of(role) for role in ROLES}, roster), "a usual team", (said,))


def crew_of_file(roster: DutyRoster, file: str) -> Crew:
    """The people of a roster file; roles that it has no shifts for are filled by usual people."""
    people = {
        role: tuple(
            dict.fromkeys(one for shift in roster.shifts if shift.role == role for one in shift.people)
        )
        for role in roster.roles
    }
    return _filled(people, roster, f"the roster of {file}", "the roster has no shift for")


def crew_of_store(session: Session, zone: str) -> Crew:
    """The enrolled responders with the roster in force; the usual team where nobody is enrolled."""
    people = dict(_holders(session))
    if not people:
        return usual_crew(zone)
    roster = roster_of(session)
    crew = _filled(people, roster, "the responders on record", "nobody is enrolled as", zone)
    assumed = crew.assumed
    if roster is None:
        assumed = (*assumed, "there is no roster: everybody enrolled is reachable at any hour")
    elif free := sorted(set(people) - set(roster.roles)):
        assumed = (*assumed, f"the roster has no shift for {_said(free)}: reachable at any hour")
    staff = Staff(crew.staff.people, crew.staff.roster, aways(session))
    source = crew.source if roster is None else f"{crew.source} with the roster in force"
    return Crew(staff, source, assumed)


def _filled(
    people: Mapping[str, tuple[str, ...]],
    roster: DutyRoster | None,
    source: str,
    missing: str,
    zone: str | None = None,
) -> Crew:
    """A crew in which usual people on usual hours stand in for the roles that nobody has."""
    without = [role for role in ROLES if not people.get(role)]
    if not without:
        return Crew(Staff(people, roster), source)
    usual = usual_roster(zone or (roster.zone if roster else "UTC"), without)
    shifts = usual.shifts if roster is None else (*roster.shifts, *_as_zoned(usual))
    merged = usual if roster is None else roster.model_copy(update={"shifts": shifts})
    filled = {**people, **{role: people_of(role) for role in without}}
    said = f"{missing} {_said(without)}: {PEOPLE_A_ROLE} people each on usual hours are assumed"
    return Crew(Staff(filled, merged), source, (said,))


def _as_zoned(roster: DutyRoster) -> Iterator[object]:
    return (shift.model_copy(update={"zone": roster.zone}) for shift in roster.shifts)


def _holders(session: Session) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Each role with the handles that hold it in earnest, by handle."""
    active = select(Responder).where(
        col(Responder.disabled_at).is_(None), col(Responder.code_period) >= CODE_PERIOD
    )
    rows = list(session.exec(active.order_by(col(Responder.handle))))
    for role in ROLES:
        if held := tuple(row.handle for row in rows if role in row.roles):
            yield role, held


def _said(roles: Collection[str]) -> str:
    return ", ".join(role.replace("_", " ") for role in roles)

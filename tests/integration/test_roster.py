"""Rosters and absences in the store: faults with their mend, all or nothing; on both databases."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlmodel import col, select

from flows.exercise.supporting import enrol_scripted
from flows.people import disable
from flows.roster.duty import on_duty
from flows.roster.keeping import roster_row
from flows.roster.leave import come_back, go_away
from flows.roster.needs import gaps_ahead
from playbooks.errors import FileFaults, Mend, NotFound, Refused
from store import timeline
from store.database import Store
from store.tables import Absence, Client, ContractTerm, Roster
from tests.harness.rosters import DAY_AND_NIGHT, furnish, put_in_force, shifts

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
NIGHT = NOON.replace(hour=22)
DAY = timedelta(days=1)
FAULTY = """zone: UTC
shifts:
  - role: commander
    from: "08:00"
    until: "08:00"
    people: [nobody-here, cy]
  - role: it
    from: "08:00"
    until: "08:00"
    people:
      - cy
      - bo
"""


@pytest.fixture
def staffed(store: Store, tmp_path: Path) -> Store:
    """A house with people and a roster."""
    furnish(store, tmp_path, NOON, roster=shifts(*DAY_AND_NIGHT))
    return store


def away(store: Store, handle: str, begins: datetime, until: datetime, stand_in: str = "") -> None:
    with store.writing() as session:
        go_away(session, handle, begins, until, stand_in, "ana", NOON)


def named(store: Store, role: str, at: datetime) -> tuple[str, ...]:
    with store.reading() as session:
        return on_duty(session, role, at)


class TestImporting:
    def test_a_roster_says_who_is_on_duty(self, staffed: Store) -> None:
        assert named(staffed, "commander", NOON) == ("ana",)
        assert named(staffed, "commander", NIGHT) == ("bo",)
        assert named(staffed, "privacy", NOON) == ()

    def test_without_a_roster_nobody_is(self, store: Store) -> None:
        assert named(store, "commander", NOON) == ()

    def test_every_fault_is_listed_and_nothing_is_changed(self, staffed: Store) -> None:
        with staffed.writing() as session:
            disable(session, "cy", "ana", NOON)
        with pytest.raises(FileFaults) as caught:
            put_in_force(staffed, FAULTY, NOON)
        assert [(fault.line, fault.what) for fault in caught.value.faults] == [
            (6, "no responder has the handle `nobody-here`"),
            (6, "`cy` is disabled"),
            (11, "`cy` is disabled"),
            (12, "`bo` does not hold the role it"),
        ]
        assert all(fault.mend for fault in caught.value.faults)
        with staffed.reading() as session:
            (row,) = session.exec(select(Roster)).all()
            kinds = [entry.kind for entry in timeline.entries(session, timeline.HOUSE)]
        assert row.superseded_at is None
        assert kinds.count("roster_imported") == 1, "a refused import is not written down as one"

    def test_an_import_is_a_new_version_and_the_same_again_is_none(self, staffed: Store) -> None:
        assert put_in_force(staffed, shifts(*DAY_AND_NIGHT), NOON) is None
        assert put_in_force(staffed, shifts(DAY_AND_NIGHT[0]), NOON + DAY) == 2
        with staffed.reading() as session:
            first, second = session.exec(select(Roster).order_by(col(Roster.version))).all()
            in_force = roster_row(session)
        assert (first.superseded_at, second.superseded_at) == (NOON + DAY, None)
        assert in_force is not None
        assert in_force.version == 2

    def test_whoever_is_disabled_later_is_named_no_more(self, staffed: Store) -> None:
        with staffed.writing() as session:
            disable(session, "cy", "ana", NOON)
        assert named(staffed, "it", NOON) == ("di",)


def test_nobody_scripted_for_an_exercise_is_on_the_roster_or_stands_in(staffed: Store) -> None:
    with staffed.writing() as session:
        (handle,) = enrol_scripted(session, "EX-2026-0001", ("commander",), "ana", NOON).values()
    with pytest.raises(FileFaults, match="plays in an exercise only"):
        put_in_force(staffed, FAULTY.replace("nobody-here, cy", handle), NOON)
    with pytest.raises(Refused, match="exercises only"):
        away(staffed, "ana", NOON, NOON + DAY, handle)
    assert named(staffed, "commander", NOON) == ("ana",)


class TestAbsences:
    def test_a_stand_in_is_on_duty_while_somebody_is_away(self, staffed: Store) -> None:
        away(staffed, "ana", NOON, NOON + DAY, "bo")
        assert named(staffed, "commander", NOON - timedelta(seconds=1)) == ("ana",)
        assert named(staffed, "commander", NOON) == ("bo",)
        assert named(staffed, "commander", NOON + DAY) == ("ana",)

    def test_back_ends_it_at_once_and_takes_back_what_is_planned(self, staffed: Store) -> None:
        away(staffed, "ana", NOON, NOON + 3 * DAY, "bo")
        away(staffed, "ana", NOON + 5 * DAY, NOON + 6 * DAY, "bo")
        for at in (NOON + DAY, NOON + DAY):
            with staffed.writing() as session:
                come_back(session, "ana", "ana", at)
        assert named(staffed, "commander", NOON) == ("bo",)
        assert named(staffed, "commander", NOON + DAY) == ("ana",)
        assert named(staffed, "commander", NOON + 5 * DAY) == ("ana",)
        with staffed.writing() as session, pytest.raises(NotFound, match="no absence to end"):
            come_back(session, "ana", "ana", NOON + DAY)

    @pytest.mark.parametrize(
        ("handle", "begins", "until", "stand_in", "fault", "what"),
        [
            ("nobody", 0, 1, "", NotFound, "no such responder"),
            ("cy", 0, 1, "", Refused, "disabled"),
            ("ana", 1, 1, "", Mend, "ends after it begins"),
            ("ana", -3, -2, "", Mend, "after now"),
            ("bo", 0.5, 3, "", Refused, "away then already"),
            ("ana", 0, 1, "di", Refused, "does not hold the role"),
            ("ana", 0, 1, "eve", Refused, "does not hold the role"),
            ("ana", 0, 1, "ana", Refused, "themselves"),
            ("ana", 0, 1, "cy", Refused, "disabled"),
        ],
    )
    def test_what_cannot_be_is_refused_with_its_mend(
        self,
        staffed: Store,
        handle: str,
        begins: float,
        until: float,
        stand_in: str,
        fault: type[Exception],
        what: str,
    ) -> None:
        away(staffed, "bo", NOON, NOON + DAY)
        with staffed.writing() as session:
            disable(session, "cy", "ana", NOON)
        with pytest.raises(fault, match=what):
            away(staffed, handle, NOON + begins * DAY, NOON + until * DAY, stand_in)
        with staffed.reading() as session:
            assert len(session.exec(select(Absence)).all()) == 1


def test_gaps_are_of_the_roles_that_playbooks_ask(store: Store, tmp_path: Path) -> None:
    house = furnish(store, tmp_path, NOON, ("retail", ""), roster=shifts(*DAY_AND_NIGHT))
    with store.reading() as session:
        found = gaps_ahead(house, session, NOON)
    roles = {gap.role for gap in found}
    assert roles == {"privacy", "approver", "client_lead", "forensics"}
    assert {(gap.begins_at, gap.until) for gap in found} == {(NOON, NOON + 14 * DAY)}
    contract(store, 2)
    put_in_force(
        store, shifts(*DAY_AND_NIGHT, DAY_AND_NIGHT[0] | {"role": "approver", "people": ["eve"]}), NOON
    )
    with store.reading() as session:
        approvers = [gap for gap in gaps_ahead(house, session, NOON) if gap.role == "approver"]
    assert approvers[0].people == ("eve",), "one is there, and two are needed"
    assert approvers[0].needed == 2


def contract(store: Store, approvals: int) -> None:
    """Let a contract want so many approvals."""
    with store.writing() as session:
        client = session.exec(select(Client)).one()
        session.add(
            ContractTerm(
                client_id=client.id or 0,
                version=1,
                hours=24,
                citation="",
                terms={"approvals": approvals},
                imported_at=NOON,
            )
        )

"""A roster file: what it says, and every fault of it with its line."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from playbooks.errors import FileFaults
from playbooks.roster.duty import Standing, on_duty, spans
from playbooks.roster.gaps import gaps
from playbooks.roster.models import Away, DutyRoster, as_stored, from_stored, read_roster_file
from store.types import canonical

EXAMPLE = Path("docs/examples/roster.yaml")
SUNDAY = datetime(2026, 11, 22, 1, tzinfo=UTC)
BROKEN = """zone: Europe/Berln
shifts:
  - role: comander
    days: [mon, mon]
    from: 8:00
    until: "25:00"
    people: [A]
    valid_from: 2026-02-30
  - role: it
    from: "24:00"
    until: "08:00"
    people: []
"""


@pytest.fixture
def roster() -> DutyRoster:
    return read_roster_file(EXAMPLE.read_text(), EXAMPLE.name).roster


def test_the_example_says_who_is_on_duty(roster: DutyRoster) -> None:
    assert on_duty(roster, "commander", SUNDAY) == ("commander-2",)
    assert on_duty(roster, "commander", SUNDAY.replace(hour=7)) == ("commander-1",)
    assert on_duty(roster, "it", SUNDAY) == ("forensics-1",)
    assert on_duty(roster, "client_lead", SUNDAY) == ()


def test_what_is_stored_is_what_was_read(roster: DutyRoster) -> None:
    assert from_stored(canonical(as_stored(roster))) == roster


def test_every_fault_has_its_line() -> None:
    with pytest.raises(FileFaults) as caught:
        read_roster_file(BROKEN, "roster.yaml")
    assert [fault.line for fault in caught.value.faults] == [1, 3, 4, 5, 6, 7, 8, 10, 12]
    assert all(fault.mend for fault in caught.value.faults)


def test_a_file_that_is_no_roster_says_so() -> None:
    with pytest.raises(FileFaults, match="begin with"):
        read_roster_file("- a\n", "roster.yaml")


def test_a_shift_that_ends_before_it_begins_is_a_fault() -> None:
    days = "valid_from: 2026-02-02, valid_until: 2026-02-01"
    shift = f"{{role: it, from: '08:00', until: '09:00', people: [it-1], {days}}}"
    with pytest.raises(FileFaults, match="ends before it begins"):
        read_roster_file(f"zone: UTC\nshifts:\n  - {shift}\n", "roster.yaml")


def test_who_stands_in_comes_before_the_next_of_the_shift(roster: DutyRoster) -> None:
    day = timedelta(days=1)
    away = (
        Away("commander-2", SUNDAY - day, SUNDAY + day, "it-1"),
        Away("it-1", SUNDAY, SUNDAY + day, "privacy-1"),
    )
    assert on_duty(roster, "commander", SUNDAY, Standing(away[:1])) == ("it-1",)
    assert on_duty(roster, "commander", SUNDAY, Standing(away)) == ("privacy-1",)
    able = frozenset({("commander", "commander-1"), ("commander", "commander-2")})
    assert on_duty(roster, "commander", SUNDAY, Standing(away, able)) == ("commander-1",)


def test_an_absence_is_half_open(roster: DutyRoster) -> None:
    away = Standing((Away("commander-2", SUNDAY, SUNDAY + timedelta(hours=1)),))
    people = [
        span.people[0]
        for span in spans(roster, "commander", SUNDAY - timedelta(hours=1), SUNDAY.replace(hour=3), away)
    ]
    assert people == ["commander-2", "commander-1", "commander-2"]


def test_gaps_are_hours_without_enough_people(roster: DutyRoster) -> None:
    until = SUNDAY + timedelta(days=1)
    found = gaps(roster, {"it": 1, "approver": 2, "privacy": 1}, SUNDAY, until)
    assert [(gap.role, gap.people, gap.needed) for gap in found] == [
        ("approver", ("approver-1",), 2),
        ("it", (), 1),
    ]
    assert found[1].begins_at == SUNDAY.replace(hour=17), "Sunday ends in Ho Chi Minh City"
    assert found[1].until == SUNDAY.replace(hour=23), "and Monday begins in Berlin"
    assert len(gaps(None, {"it": 1}, SUNDAY, until)) == 1

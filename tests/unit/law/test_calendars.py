from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import holidays
import pytest

from playbooks.calendars import Calendars, load_calendars, shipped_calendars
from playbooks.clocks import due
from playbooks.errors import FileFaults, Mend
from playbooks.places import place, place_codes
from playbooks.rulebook import load_rules

SHIPPED = shipped_calendars()


def working(calendars: Calendars, name: str, day: str) -> bool:
    """Whether a day is a working day of the named calendar."""
    return calendars.named(name).is_working(date.fromisoformat(day))


@pytest.mark.parametrize(
    ("name", "day", "works"),
    [
        ("", "2026-11-21", False),
        ("", "2026-12-25", True),
        ("BR", "2026-11-20", False),
        ("BR", "2027-02-08", True),
        ("BR-carnival", "2027-02-08", False),
        ("BR-carnival", "2027-02-09", False),
        ("BR-carnival", "2027-02-10", False),
        ("BR-carnival", "2026-11-20", False),
        ("BR-carnival", "2026-12-24", True),
        ("BR-carnival-monday-tuesday", "2027-02-09", False),
        ("BR-carnival-monday-tuesday", "2027-02-10", True),
        # EDGAR: Good Friday is open, Columbus and Veterans Day are not
        ("SEC", "2026-04-03", True),
        ("SEC", "2026-10-12", False),
        ("SEC", "2026-11-11", False),
        ("SEC", "2026-07-03", False),
        ("JP", "2026-12-28", True),
        ("JP", "2026-12-29", False),
        ("JP", "2026-12-31", False),
        ("JP", "2028-01-03", False),
        ("JP", "2028-01-04", True),
        ("JP", "2026-11-23", False),
        ("GB-ENG", "2026-12-28", False),
        ("DE", "2027-01-06", True),
        ("DE-BY", "2027-01-06", False),
        ("EU", "2026-05-01", False),
        ("EU", "2026-05-14", True),
        # the week ends on Friday and Saturday in Egypt
        ("EG", "2026-11-20", False),
        ("EG", "2026-11-22", True),
    ],
)
def test_a_day_works_or_is_free(name: str, day: str, works: bool) -> None:
    assert working(SHIPPED, name, day) is works


def test_the_institutions_calendar_says_whose_it_is() -> None:
    assert "European Central Bank" in SHIPPED.named("EU").note


def test_every_place_and_every_calendar_that_a_rule_names_is_known() -> None:
    names = {place(code).calendar for code in place_codes()} | set(SHIPPED.entries)
    for rule in load_rules().values():
        if rule.counting != "date_next_year":
            names |= {rule.calendar, *(reading.calendar for reading in rule.contested)}
    assert all(SHIPPED.named(name).name for name in names)


@pytest.mark.parametrize(
    ("name", "near"),
    [("BR-carnaval", "BR-carnival"), ("DE-BX", "DE-B"), ("ZZ", "such as BR"), ("nonsense", "such as BR")],
)
def test_an_unknown_calendar_is_refused_and_names_what_is_near(name: str, near: str) -> None:
    with pytest.raises(Mend, match=near):
        SHIPPED.named(name)


def test_years_of_which_too_little_is_known_are_counted_without_a_word() -> None:
    """The package warns of India after 2035; fewer holidays make a deadline earlier, never late."""
    assert not working(SHIPPED, "IN", "2036-01-26")
    assert working(SHIPPED, "IN", "2036-01-28")


def test_threads_that_ask_at_once_all_see_a_year_with_all_its_holidays() -> None:
    days = [date(year, 12, 25) for year in range(2000, 2030)]
    calendar = Calendars(SHIPPED.entries).named("BR")
    kept = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        with ThreadPoolExecutor(8) as pool:
            seen = list(pool.map(lambda _: [calendar.holiday(day) for day in days], range(8)))
    finally:
        sys.setswitchinterval(kept)
    assert seen == [["Christmas Day"] * len(days)] * 8


def folder(path: Path, text: str) -> Path:
    """A folder with one calendar file."""
    path.joinpath("calendars.yaml").write_text(text, "utf-8")
    return path


CLOSURE = """\
calendars:
  SEC:
    closures:
      - {on: 2026-12-24, reason: closed by executive order}
"""


def test_an_announced_closure_moves_the_deadline_and_is_named_in_its_explanation(tmp_path: Path) -> None:
    rule = next(rule for rule in load_rules().values() if rule.id == "US-SEC-8K-105")
    told = {"materiality_at": datetime(2026, 12, 23, 15, 0, tzinfo=UTC)}
    more = load_calendars([folder(tmp_path, CLOSURE)])
    found = due(rule, told, calendars=more)
    assert due(rule, told).due_at == datetime(2026, 12, 30, 22, 30, tzinfo=UTC)
    assert found.due_at == datetime(2026, 12, 31, 22, 30, tzinfo=UTC)
    assert "2026-12-24 (closed by executive order)" in found.explanation
    assert working(SHIPPED, "SEC", "2026-12-24")


def test_a_folder_adds_openings_bases_and_calendars_of_its_own(tmp_path: Path) -> None:
    text = """\
calendars:
  BR:
    openings:
      - {on: "2026-11-20", reason: extraordinary session}
      - {on: "2026-11-21", reason: extraordinary session}
  DE-BY:
    every_year: [{day: "12-24", reason: our house is closed}]
  JP:
    every_year: [{day: "12-28", reason: our house is closed}]
  Works-council: {country: DE, subdivision: BY, note: as Bavaria}
"""
    more = load_calendars([folder(tmp_path, text)])
    assert working(more, "BR", "2026-11-20")
    assert working(more, "BR", "2026-11-21")
    assert not working(more, "BR", "2026-09-07")
    assert not working(more, "DE-BY", "2026-12-24")
    assert not working(more, "DE-BY", "2027-01-06")
    assert not working(more, "Works-council", "2027-01-06")
    assert not working(more, "JP", "2026-12-28")
    assert not working(more, "JP", "2026-12-29")
    assert more.named("BR").note == SHIPPED.named("BR").note


def test_every_fault_of_a_folder_is_listed_with_file_line_and_mend(tmp_path: Path) -> None:
    text = """\
calendars:
  SEC:
    closures:
      - {on: 2026-13-24, reason: closed}
      - {on: 2026-12-24}
    clozures: []
  JP:
    every_year: [{day: "13-01", reason: no month}]
"""
    with pytest.raises(FileFaults) as caught:
        load_calendars([folder(tmp_path, text), tmp_path / "missing"])
    faults = [(Path(fault.file).name, fault.line) for fault in caught.value.faults]
    assert faults == [
        ("calendars.yaml", 4),
        ("calendars.yaml", 5),
        ("calendars.yaml", 6),
        ("calendars.yaml", 8),
        ("missing", 1),
    ]
    assert "`reason` is missing - add it" in str(caught.value)


def test_a_base_that_nobody_knows_is_a_fault_of_its_file(tmp_path: Path) -> None:
    text = "calendars:\n  House:\n    country: DE\n    subdivision: XX\n  Other: {}\n"
    with pytest.raises(FileFaults) as caught:
        load_calendars([folder(tmp_path, text)])
    assert [fault.line for fault in caught.value.faults] == [4, 5]


@pytest.mark.parametrize(
    ("entry", "line", "says"),
    [
        ("    country: ZZ\n", 3, "`country`: `ZZ` is no country known here - write its code, such as DE"),
        (
            "    country: DE\n    subdivision: XX\n",
            4,
            "`subdivision`: `XX` is no part of DE known here - one of",
        ),
        ("    subdivision: BY\n", 3, "`subdivision` without `country` - add `country`"),
        (
            "    country: DE\n    categories: [publik]\n",
            4,
            "`publik` is no category of holidays of DE - one of",
        ),
        ("    country: DE\n    every_year: [{day: 02-31, reason: x}]\n", 4, "`02-31` is no date of a year"),
    ],
)
def test_the_key_that_is_wrong_in_a_calendar_is_named(
    tmp_path: Path, entry: str, line: int, says: str
) -> None:
    with pytest.raises(FileFaults) as caught:
        load_calendars([folder(tmp_path, f"calendars:\n  House:\n{entry}")])
    (fault,) = caught.value.faults
    assert fault.line == line
    assert says in str(fault)


def test_a_day_that_only_leap_years_have_may_be_free_every_year(tmp_path: Path) -> None:
    text = "calendars:\n  House: {alone: true, every_year: [{day: 02-29, reason: ours}]}\n"
    assert not working(load_calendars([folder(tmp_path, text)]), "House", "2028-02-29")


def test_a_clock_of_hours_alone_never_imports_the_holidays() -> None:
    """They cost more than all else of a cold start."""
    code = (
        "import sys; from datetime import datetime, UTC; from playbooks.clocks import due;"
        " from playbooks.rulebook import load_rules; from playbooks.places import place;"
        " rule = next(rule for rule in load_rules().values() if rule.id == 'IN-CERTIN-6H');"
        " due(rule, {'aware_at': datetime(2026, 11, 20, tzinfo=UTC)}, place=place('IN'));"
        " sys.exit('holidays' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_the_calendar_of_the_union_closes_on_the_central_banks_days() -> None:
    ours, theirs = shipped_calendars().named("EU"), holidays.financial_holidays("ECB")
    first = date(2018, 1, 1)
    days = [first + timedelta(days=count) for count in range(365 * 18)]
    assert [day for day in days if ours.is_working(day) != theirs.is_working_day(day)] == []

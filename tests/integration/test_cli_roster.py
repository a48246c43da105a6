"""The roster at the console: imported in somebody's name, shown, and people sent away and taken back."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.harness.databases import SqliteFiles
from tests.harness.rosters import shifts
from tests.harness.terminal import Terminal

ROUND = {"from": "00:00", "until": "24:00"}


@pytest.fixture
def terminal(sqlite_files: SqliteFiles, tmp_path: Path) -> Terminal:
    sqlite_files.new(tmp_path)
    terminal = Terminal(tmp_path)
    terminal.enrol("ana", "--role", "commander", "--no-qr")
    terminal.enrol("bo", "--role", "commander", "--role", "it", "--no-qr", *terminal.by("ana"))
    return terminal


def test_a_roster_is_imported_shown_and_changed_by_absences(terminal: Terminal, tmp_path: Path) -> None:
    file = tmp_path / "roster.yaml"
    file.write_text(
        shifts({"role": "commander", **ROUND, "people": ["ana"]}, {"role": "it", **ROUND, "people": ["bo"]})
    )
    for empty in (("now",), ("show",)):
        assert "no roster yet" in terminal.ok("roster", *empty)
    assert "roster 1 is in force" in terminal.ok("roster", "import", str(file), *terminal.by("bo"))
    shown = terminal.ok("roster", "now")
    assert [line.split() for line in shown.splitlines()[1:3]] == [["commander", "ana"], ["it", "bo"]]
    assert "no change in a fortnight" in shown
    gone = ("--from", "2020-01-01", "--until", "2199-01-01T08:00Z", "--stand-in", "bo")
    assert "bo stands in" in terminal.ok("roster", "away", "ana", *gone, *terminal.by("ana"))
    assert "commander  bo" in terminal.ok("roster", "now")
    week = terminal.ok("roster", "show", "--week", "--at", "2026-03-02T12:00Z")
    assert "2026-03-02 12:00Z  2026-03-09 12:00Z  bo" in week
    assert "ana   " in week
    assert "is back" in terminal.ok("roster", "back", "ana", *terminal.by("bo"))
    assert "commander  ana" in terminal.ok("roster", "now")
    gaps = terminal.ok("roster", "gaps")
    assert "privacy" in gaps
    assert "commander" not in gaps


def test_a_fault_names_file_line_and_mend_and_changes_nothing(terminal: Terminal, tmp_path: Path) -> None:
    file = tmp_path / "roster.yaml"
    file.write_text(shifts({"role": "it", **ROUND, "people": ["ana"]}))
    refused = terminal.run("roster", "import", str(file), *terminal.by("bo"))
    assert refused.exit_code == 1
    assert "roster.yaml:" in refused.stderr
    assert "`ana` does not hold the role it" in refused.stderr
    assert "no roster yet" in terminal.ok("roster", "now")
    assert "cannot be read" in terminal.fails(
        "roster", "import", str(tmp_path / "none.yaml"), *terminal.by("ana")
    )


def test_no_incident_has_nothing_to_hand_over(terminal: Terminal) -> None:
    assert "no incident is open" in terminal.ok("roster", "handover")
    assert "no such incident" in terminal.fails("roster", "handover", "INC-2026-0404")

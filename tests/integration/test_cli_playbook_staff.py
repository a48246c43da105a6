"""`playbook check` where there is a store: whoever is enrolled is who can answer and approve."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.harness.databases import SqliteFiles
from tests.harness.terminal import Terminal


@pytest.fixture
def terminal(sqlite_files: SqliteFiles, tmp_path: Path) -> Terminal:
    sqlite_files.new(tmp_path)
    return Terminal(tmp_path)


def test_where_nobody_is_enrolled_yet_roles_are_not_looked_at(terminal: Terminal) -> None:
    assert "Roles were not checked: nobody is enrolled yet" in terminal.ok("playbook", "check")


def test_a_role_that_nobody_holds_and_an_approval_that_nobody_could_give_are_faults(
    terminal: Terminal,
) -> None:
    terminal.enrol("one-1", "--role", "commander", "--role", "it", "--role", "approver", "--no-qr")
    checked = terminal.run("playbook", "check")
    assert checked.exit_code == 1
    assert "nobody holds the role privacy" in checked.stdout
    assert "the only approver is the only it too" in checked.stdout
    told = json.loads(terminal.run("playbook", "check", "--json").stdout)
    assert told["roles"] == "checked"
    assert any(one["faults"] for one in told["playbooks"])

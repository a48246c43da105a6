"""`seventytwo slack check`: what is missing is said, and no secret is."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fakes.slack_workspace import SCOPES, FakeWorkspace
from tests.harness.databases import SqliteFiles
from tests.harness.terminal import Terminal


@pytest.fixture
def slack() -> Iterator[FakeWorkspace]:
    with FakeWorkspace() as workspace:
        yield workspace


@pytest.fixture
def shell(sqlite_files: SqliteFiles, tmp_path: Path, slack: FakeWorkspace) -> Terminal:
    sqlite_files.new(tmp_path)
    terminal = Terminal(tmp_path)
    terminal.enrol("commander-1", "--role", "commander", "--slack-id", "U0COMMANDER", "--no-qr")
    terminal.env |= {
        "SEVENTYTWO_SLACK_TOKEN": slack.token,
        "SEVENTYTWO_SLACK_URL": slack.url,
        "SEVENTYTWO_SLACK_APP_TOKEN": slack.app_token,
        "SEVENTYTWO_CHANNEL": "C0HOUSE",
    }
    return terminal


def test_all_is_as_it_must_be(shell: Terminal, slack: FakeWorkspace) -> None:
    said = shell.ok("slack", "check")
    assert "missing" not in said
    assert slack.token not in said
    assert slack.app_token not in said


@pytest.mark.parametrize("scope", ["commands", "channels:history"])
def test_a_missing_scope_is_named_with_its_use(shell: Terminal, slack: FakeWorkspace, scope: str) -> None:
    slack.scopes = ",".join(one for one in SCOPES.split(",") if one != scope)
    result = shell.run("slack", "check")
    assert result.exit_code == 1
    (line,) = [line for line in result.stdout.splitlines() if line.startswith("missing")]
    assert scope in line
    assert "install the app again" in line


def test_a_bad_token_a_strange_channel_and_no_door_are_told(shell: Terminal, slack: FakeWorkspace) -> None:
    bad = shell.run("slack", "check", SEVENTYTWO_SLACK_TOKEN="xoxb-secret-but-wrong")
    assert bad.exit_code == 1
    assert "invalid_auth" in bad.stdout
    assert "secret-but-wrong" not in bad.output
    slack.members = {"C0OTHER"}
    assert "invite the app" in shell.run("slack", "check").stdout
    assert "channel_not_found" in shell.run("slack", "check", SEVENTYTWO_CHANNEL="#nowhere").stdout
    assert "Socket Mode" in shell.run("slack", "check", SEVENTYTWO_SLACK_APP_TOKEN="xapp-wrong").stdout
    without = shell.run("slack", "check", SEVENTYTWO_SLACK_APP_TOKEN="").stdout
    assert "a way in for buttons and commands" in without


def test_people_without_a_member_id_are_named_and_no_id_is_given_twice(shell: Terminal) -> None:
    shell.enrol("it-1", "--role", "it", "--no-qr", *shell.by("commander-1"))
    said = shell.run("slack", "check")
    assert said.exit_code == 1
    assert "it-1" in said.stdout
    assert "already" in shell.fails("responder", "slack", "it-1", "U0COMMANDER", *shell.by("commander-1"))
    shell.ok("responder", "slack", "it-1", "U0IT", *shell.by("it-1"))
    assert "missing" not in shell.ok("slack", "check")

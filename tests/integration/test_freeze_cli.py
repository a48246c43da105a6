"""`seventytwo slack freeze|thaw|frozen` at the console: by code, under every name of the channel."""

from __future__ import annotations

from pathlib import Path

import pytest

from flows.channel_freeze import is_frozen
from tests.fakes.slack import FakeSlack
from tests.harness.databases import SqliteFiles
from tests.harness.terminal import Terminal


@pytest.fixture
def terminal(sqlite_files: SqliteFiles, tmp_path: Path) -> Terminal:
    sqlite_files.new(tmp_path)
    made = Terminal(tmp_path)
    made.enrol("commander-1", "--role", "commander", "--no-qr")
    made.enrol("it-1", "--role", "it", "--no-qr", *made.by("commander-1"))
    return made


def frozen(terminal: Terminal, channel: str) -> bool:
    store = terminal.store()
    with store.reading() as session:
        found = is_frozen(session, channel)
    store.close()
    return found


def test_a_channel_is_frozen_by_name_and_id_and_thawed_by_two(terminal: Terminal) -> None:
    with FakeSlack() as slack:
        row_id = slack.id_of("#ir")
        terminal.env |= {"SEVENTYTWO_SLACK_TOKEN": slack.token, "SEVENTYTWO_SLACK_URL": slack.url}
        freeze = ("slack", "freeze", "#ir", "--why", "leaked")
        assert "no other way" in terminal.fails(*freeze, "--as", "commander-1", "--code", "000000")
        told = terminal.ok(*freeze, "--no-other", *terminal.by("commander-1"))
        assert "waits until the thaw" in told
        assert frozen(terminal, "#ir")
        assert frozen(terminal, row_id)
        assert "leaked" in terminal.ok("slack", "frozen")
        assert "not to be trusted" in terminal.ok("incident", "list")
    second = ("--second", "it-1", "--second-code", terminal.code("it-1"))
    assert "thawed" in terminal.ok("slack", "thaw", "#ir", *terminal.by("commander-1"), *second)
    assert not frozen(terminal, row_id)
    assert "no channel is frozen" in terminal.ok("slack", "frozen")

"""Rows on the terminal: as wide as it is, and one line each where they are piped."""

from __future__ import annotations

from contextlib import redirect_stdout
from io import StringIO

import pytest

from flows.cli.shown import columns, say_block

WHY = "it was answered two hours after its target, and nobody of the role was on duty at the time"
ROWS = [("late", "triage", WHY), ("missed", "tell-client", "nobody was told")]


class Screen(StringIO):
    """What a person looks at."""

    def isatty(self) -> bool:
        return True


def shown(out: StringIO) -> list[str]:
    with redirect_stdout(out):
        columns(("result", "step", "why"), ROWS, none="")
    return out.getvalue().splitlines()


def test_in_a_terminal_the_last_column_is_wrapped_under_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "60")
    lines = shown(Screen())
    assert max(map(len, lines)) <= 60
    assert lines[2].startswith(" " * 21)
    assert " ".join(line[21:] for line in lines[1:-1]) == WHY
    assert lines[-1] == "missed  tell-client  nobody was told"


def test_piped_each_row_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "60")
    lines = shown(StringIO())
    assert len(lines) == 3
    assert lines[1].endswith(WHY)


def test_where_there_is_no_room_for_the_last_column_nothing_is_wrapped(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("COLUMNS", "30")
    assert len(shown(Screen())) == 3


def test_a_block_is_no_wider_than_the_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "60")
    out = StringIO()
    with redirect_stdout(out):
        say_block("note: ", f"{WHY}. {WHY}", 4)
    assert max(map(len, out.getvalue().splitlines())) <= 60

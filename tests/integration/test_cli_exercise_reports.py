"""`seventytwo exercise score|report|hotwash` as a person at the console uses them."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pyotp
import pytest
from sqlmodel import select

from flows.clock import wall_now
from store.database import Store
from store.tables import Exercise
from tests.harness.databases import fixed_keyring
from tests.harness.exercise_walks import NAME, begin_exercise_walk, end
from tests.harness.terminal import Terminal
from tests.harness.walks import Walk

HOSTILE = "\x1b[31mred\x1b[0m \u202egnp.exe"


@pytest.fixture
def shell(tmp_path: Path) -> tuple[Terminal, Walk]:
    """A shell, its store holding an exercise that has just begun."""
    terminal = Terminal(tmp_path)
    terminal.ok("db", "migrate")
    store = Store.open(terminal.env["SEVENTYTWO_DATABASE_URL"], fixed_keyring())
    walk = begin_exercise_walk(store, tmp_path)
    return terminal, walk


def test_an_exercise_is_scored_reported_and_washed(shell: tuple[Terminal, Walk], tmp_path: Path) -> None:
    terminal, walk = shell
    assert "still runs" in terminal.fails("exercise", "score", NAME)
    assert "still runs" in terminal.fails("exercise", "report", NAME)
    walk.to("triage")
    end(walk)
    shown = terminal.ok("exercise", "score", NAME)
    assert shown.startswith(f"{NAME}: ")
    assert "Tell the client in time" in shown
    assert "not answered" in shown or "missed" in shown
    assert len(terminal.ok("exercise", "score", NAME, "--all")) >= len(shown)
    told = terminal.ok("exercise", "report", NAME, "--out", str(tmp_path / "out")).splitlines()
    assert [line.split()[1:2] for line in told] == [["SHA-256"]] * 3
    assert {path.suffix for path in (tmp_path / "out").iterdir()} == {".html", ".md", ".pdf"}
    assert "A-" in terminal.ok("action", "list")
    assert terminal.ok("exercise", "hotwash", NAME) == "kept: What would you keep?\n"
    assert "MAGENTA" not in shown + "".join(told)


def test_the_list_of_playbooks_says_when_each_was_exercised(shell: tuple[Terminal, Walk]) -> None:
    terminal, walk = shell
    walk.to("triage")
    end(walk)
    today = wall_now().date().isoformat()
    (row,) = (
        line for line in terminal.ok("playbook", "list").splitlines() if line.startswith("data-exfiltration ")
    )
    assert today in row
    assert f"tested      {today}" in terminal.ok("playbook", "show", "data-exfiltration")
    told = json.loads(terminal.ok("playbook", "list", "--json"))
    assert [one.get("last_tested") for one in told if one["id"] == "data-exfiltration"] == [today]
    with walk.house.store.writing() as session:
        exercise = session.exec(select(Exercise)).one()
        exercise.playbook_version = "0.9"
        session.add(exercise)
    assert f"tested      {today}, as version 0.9" in terminal.ok("playbook", "show", "data-exfiltration")


def test_where_there_is_no_store_the_list_of_playbooks_makes_none(tmp_path: Path) -> None:
    terminal = Terminal(tmp_path)
    assert "data-exfiltration" in terminal.ok("playbook", "list")
    assert not list(tmp_path.iterdir())


def test_the_hot_wash_shows_outside_words_as_text(shell: tuple[Terminal, Walk]) -> None:
    terminal, walk = shell
    end(walk)
    said = ("exercise", "hotwash", NAME, "--question", "kept", "--say", HOSTILE, "--as")
    assert "does not fit" in terminal.fails(*said, "counsel-1", "--code", "000000")
    terminal.ok(*said, "it-1", "--code", pyotp.HOTP(walk.secrets["it-1"]).at(int(time.time())))
    shown = terminal.ok("exercise", "hotwash", NAME)
    assert "it-1: red gnp.exe" in shown
    assert "\x1b" not in shown
    assert "\u202e" not in shown


def test_an_exercise_that_does_not_exist_is_said_to(shell: tuple[Terminal, Walk]) -> None:
    terminal, _ = shell
    for command in ("score", "report", "hotwash"):
        assert "no such exercise" in terminal.fails("exercise", command, "EX-2026-0099")

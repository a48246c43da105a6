"""Merging, splitting and windows by command: in a commander's name, with a reason, or not at all."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from sqlmodel import select

from flows.clock import wall_now
from flows.identity import new_secret
from store.tables import Alert, Incident, Responder, Source
from tests.harness.databases import SqliteFiles
from tests.harness.terminal import Terminal

COMMANDERS = ("commander-1", "commander-2", "commander-3")
MATTER = "unclassified-incident"


@pytest.fixture
def terminal(sqlite_files: SqliteFiles, tmp_path: Path) -> Terminal:
    sqlite_files.new(tmp_path)
    terminal = Terminal(tmp_path)
    people = {**dict.fromkeys(COMMANDERS, "commander"), "it-1": "it"}
    terminal.secrets = {handle: new_secret() for handle in people}
    store = terminal.store()
    with store.writing() as session:
        for handle, role in people.items():
            secret = terminal.secrets[handle]
            session.add(
                Responder(handle=handle, name="", roles=[role], secret=secret, enrolled_at=wall_now())
            )
    store.close()
    return terminal


def opened(terminal: Terminal, by: str) -> str:
    told = terminal.ok("incident", "open", "Something", "--playbook", MATTER, *terminal.by(by))
    return told.split()[0]


def state(terminal: Terminal, ref: str) -> str:
    store = terminal.store()
    with store.reading() as session:
        found = session.exec(select(Incident.state).where(Incident.ref == ref)).one()
    store.close()
    return found


def with_alerts(terminal: Terminal, ref: str, number: int) -> list[int]:
    store, wall = terminal.store(), wall_now()
    with store.writing() as session:
        incident = session.exec(select(Incident).where(Incident.ref == ref)).one()
        source = Source(name="siem", kind="generic", auth="hmac", added_at=wall)
        session.add(source)
        session.flush()
        assert source.id is not None
        rows = [
            Alert(
                source_id=source.id, kind="generic", fingerprint=f"f-{at}", status="firing", content="c",
                severity="high", title="\x1b[31mA title", reading={}, payload={}, incident_id=incident.id,
                first_seen_at=wall, last_seen_at=wall,
            )
            for at in range(number)
        ]  # fmt: skip
        session.add_all(rows)
        session.flush()
        ids = [row.id or 0 for row in rows]
    store.close()
    return ids


def test_a_younger_incident_is_merged_by_a_commander_with_a_reason(terminal: Terminal) -> None:
    older, younger = opened(terminal, "commander-1"), opened(terminal, "commander-1")
    words = ("incident", "merge", younger, older, "--why", "One deed.")
    assert "only a commander" in terminal.fails(*words, *terminal.by("it-1"))
    assert state(terminal, younger) == "open"
    assert f"merged into {older}" in terminal.ok(*words, *terminal.by("commander-2"))
    assert (state(terminal, younger), state(terminal, older)) == ("merged", "open")
    assert f"merged into {older}" in terminal.ok("incident", "show", younger)
    assert f"took over {younger}" in terminal.ok("incident", "show", older)
    assert "already" in terminal.fails(*words, *terminal.by("commander-2"))
    unknown = terminal.fails(
        "incident", "merge", "INC-2020-0001", older, "--why", "x", *terminal.by("commander-3")
    )
    assert "no such incident" in unknown


def test_who_sees_some_clients_only_hears_of_no_such_incident(terminal: Terminal) -> None:
    older, younger = opened(terminal, "commander-1"), opened(terminal, "commander-1")
    store = terminal.store()
    with store.writing() as session:
        row = session.exec(select(Responder).where(Responder.handle == "commander-2")).one()
        row.clients = ["somebody"]
        session.add(row)
    store.close()
    words = ("incident", "merge", younger, older, "--why", "One deed.")
    assert "no such incident" in terminal.fails(*words, *terminal.by("commander-2"))
    assert "no such incident" in terminal.fails(
        "incident", "split", older, "--alerts", "1", "--why", "x", *terminal.by("commander-2")
    )


def test_alerts_are_split_off_by_number(terminal: Terminal) -> None:
    ref = opened(terminal, "commander-1")
    kept, moved = with_alerts(terminal, ref, 2)
    words = ("incident", "split", ref, "--why", "Another matter.", "--alerts")
    assert "at least one" in terminal.fails(*words, f"{kept},{moved}", *terminal.by("commander-1"))
    told = terminal.ok(*words, str(moved), *terminal.by("commander-2"))
    assert "is open with 1 of its alerts" in told
    assert "\x1b" not in terminal.ok("incident", "show", told.split()[0])


def test_windows_are_added_listed_and_ended(terminal: Terminal) -> None:
    opened(terminal, "commander-1")
    until = "2126-11-20T18:00Z"
    add = ("alert", "quiet", "add", "--match", 'severity == "low"', "--why", "A move.")
    refused = terminal.fails(*add, "--until", until, *terminal.by("commander-1"))
    assert "30 days at most" in refused
    end = (wall_now() + timedelta(hours=1)).isoformat(timespec="minutes")
    assert "quiet window 1 is in force" in terminal.ok(*add, "--until", end, *terminal.by("commander-2"))
    listed = terminal.ok("alert", "quiet", "list")
    assert "in force" in listed
    assert "A move." in listed
    assert "is over" in terminal.ok("alert", "quiet", "end", "1", *terminal.by("commander-3"))
    assert "over" in terminal.ok("alert", "quiet", "list")
    test = (
        "alert",
        "test",
        "add",
        "--from",
        end,
        "--until",
        end,
        "--match",
        'severity == "low"',
        "--why",
        "x",
    )
    assert "before it begins" in terminal.fails(*test, "--contact", "y", *terminal.by("commander-3"))
    assert "no test window yet" in terminal.ok("alert", "test", "list")

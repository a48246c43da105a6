"""The watch at its edges: copies made by rotation, old logs, noise that hides, names that are no names."""

from __future__ import annotations

import json
import os
from datetime import timedelta

import pytest

from tests.harness.access_watch import BULK, HEAD, LOG, NOW, Watched, row


@pytest.mark.parametrize("rows", [1, 10])
def test_a_file_copied_and_then_cut_off_by_rotation_is_counted_once(watched: Watched, rows: int) -> None:
    path = watched.write(*[row("2026-03-04T10:00:00Z", n=20)] * 3)
    assert watched.found() == []
    path.with_name("a.csv.1").write_bytes(path.read_bytes())  # as logrotate does with `copytruncate`
    watched.write(*[row("2026-03-04T10:10:00Z")] * rows)
    assert watched.found() == []
    assert watched.found() == []
    watched.append(row("2026-03-04T10:11:00Z", n=41 - rows))
    assert [seen.partition(" ")[0] for *_, seen in watched.found()] == ["101"]


def test_more_files_than_are_remembered_at_least_are_each_read_once(
    watched: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("flows.access_watch.reading.MOST_MARKS", 1)
    for n in range(3):
        watched.write(row(f"2026-03-04T10:0{n}:00Z", n=20), name=f"{n}.csv")
    assert [watched.found(), watched.found(), watched.found()] == [[], [], []]


def test_the_first_look_at_an_old_log_finds_what_is_recent(
    watched: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("flows.access_watch.totals.MOST_FOUND", 5)
    old = [row(f"2026-01-0{day}T10:00:00Z", f"agent-{day}0", n=101) for day in range(1, 9)]
    watched.write(*old, row("2026-03-04T10:00:00Z", n=101))
    assert [who for _, who, _ in watched.found()] == [["agent-7"]]


def test_noise_does_not_hold_back_what_is_graver(watched: Watched) -> None:
    grave = "low}, {id: grave, kind: bulk, records: 1000, severity: critical}]"
    watched.rules("settings: {most_alerts: 2}\n" + BULK.replace("high}]", grave))
    watched.write(*[row("2026-03-04T10:00:00Z", f"agent-{n}0", n=101) for n in range(6)])
    watched.run()
    watched.append(row("2026-03-04T10:20:00Z", n=1001))
    assert watched.found()[0][:2] == ("grave", ["agent-7"])


@pytest.mark.parametrize(
    "name",
    [
        "\0",
        "a\0b",
        "\ud800",
        "a" * 250 + "\ud800",
        "'); DROP TABLE typed; --",
        '"',
        "a|b\\",
        "\u202eagent",
        "$all",
    ],
)
def test_any_name_is_only_a_name(watched: Watched, name: str) -> None:
    log = LOG.replace("format: csv", "format: jsonl").replace("*.csv*", "*.jsonl")
    (watched.folder / "logs" / "log.yaml").write_text(log)
    told = {"time": "2026-03-04T10:00:00Z", "user": name, "client": name, "n": 101, "verb": name, "ip": name}
    (watched.folder / "logs" / "a.jsonl").write_text(json.dumps(told) + "\n")
    run = watched.run()
    assert (run.findings[0]["rule"], run.results[0]["result"]) == ("bulk", "opened")


def test_a_half_written_line_of_utf_16_waits(watched: Watched) -> None:
    text = HEAD + row("2026-03-04T10:00:00Z", n=60) + "\n" + row("2026-03-04T10:01:00Z", n=41) + "\n"
    path, data = watched.folder / "logs" / "a.csv", text.encode("utf-16")
    path.write_bytes(data[:-20])
    os.utime(path, (NOW.timestamp(), NOW.timestamp()))
    assert watched.found() == []
    path.write_bytes(data)
    os.utime(path, (NOW.timestamp(), NOW.timestamp()))
    assert [seen for *_, seen in watched.found()] == ["101 records in 2 accesses"]


def test_what_a_killed_run_left_is_swept(watched: Watched) -> None:
    left = watched.folder / "data" / "access-watch-left"
    left.mkdir()
    (left / "spilled").write_bytes(b"x")
    two_days_ago = (NOW - timedelta(days=2)).timestamp()
    os.utime(left, (two_days_ago, two_days_ago))
    watched.write(row("2026-03-04T10:00:00Z"))
    watched.run()
    assert not left.exists()


def test_everybody_shares_the_days_off_of_the_usual_roster(watched: Watched) -> None:
    watched.rules(
        "settings: {usual_roster: day}\n"
        'rosters: [{id: day, zone: UTC, begins: "08:00", ends: "18:00", days_off: [2026-03-04]}]\n'
        "people:\n  - {accounts: [own], roster: day, days_off: [2026-03-03]}\n"
        "  - {accounts: [other], clients: [ours]}\n"
        "rules: [{id: off, kind: after_hours, accesses: 0}, {id: client, kind: not_assigned}]\n"
    )
    days = [row(f"2026-03-0{day}T10:00:00Z", who) for day in (3, 4) for who in ("own", "other", "nobody")]
    watched.write(*days, row("2026-03-03T11:00:00Z", "other", client="theirs"))
    found = sorted((rule, *who) for rule, who, _ in watched.found())
    assert found == [("client", "other"), *[("off", who) for who in ("nobody", "other", "own", "own")]]

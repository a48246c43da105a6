"""Logs read on from their marks: grown, rotated, cut off, late, half written."""

from __future__ import annotations

import gzip
import os
import sqlite3
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest

from flows.access_watch import reading, watching
from flows.forensics.limits import Limits
from store.tables import AccessMark, Incident
from tests.harness.access_watch import HEAD, LOG, NOW, Watched, row


def test_a_stretch_goes_on_over_runs(watched: Watched) -> None:
    watched.write(row("2026-03-04T10:00:00Z", n=60))
    assert watched.found() == []
    watched.append(row("2026-03-04T10:20:00Z", n=41))
    assert watched.found(NOW + timedelta(minutes=15)) == [("bulk", ["agent-7"], "101 records in 2 accesses")]


def test_a_row_that_comes_late_still_counts_in_its_stretch(watched: Watched) -> None:
    watched.write(row("2026-03-04T02:00:00Z", n=60), row("2026-03-04T10:00:00Z", "agent-8"))
    assert watched.found() == []
    watched.append(row("2026-03-04T02:30:00Z", n=41))
    assert [rule for rule, *_ in watched.found()] == ["bulk"]


def test_a_rotated_file_is_known_under_its_new_name(watched: Watched) -> None:
    path = watched.write(row("2026-03-04T10:00:00Z", n=60))
    assert watched.found() == []
    path.rename(path.with_name("a.csv.1"))
    watched.write(row("2026-03-04T10:10:00Z", n=40))
    assert watched.found() == []  # a hundred: the old rows were not read again
    (path.with_name("b.csv.gz")).write_bytes(gzip.compress(path.with_name("a.csv.1").read_bytes()))
    path.with_name("a.csv.1").unlink()
    assert watched.found() == []
    watched.append(row("2026-03-04T10:11:00Z", n=1))
    assert [seen for *_, seen in watched.found()] == ["101 records in 3 accesses"]


def test_a_truncated_file_is_read_again_and_nothing_is_told_twice(watched: Watched) -> None:
    rows = [row("2026-03-04T10:00:00Z", n=101), *[row("2026-03-04T10:00:01Z", "b")] * 100]
    watched.write(*rows)
    assert len(watched.found()) == 1
    watched.write(*rows[:90])
    run = watched.run()
    assert (run.findings, run.reading.rows if run.reading else 0) == ((), 90)
    assert len(watched.rows(Incident)) == 1


def test_a_file_with_other_content_under_an_old_name_is_read_from_its_start(watched: Watched) -> None:
    watched.write(*[row("2026-03-04T09:00:00Z")] * 50)
    watched.run()
    watched.write(row("2026-03-04T10:00:00Z", n=101))
    assert len(watched.found()) == 1


def test_a_line_that_is_still_being_written_waits(watched: Watched) -> None:
    path = watched.write(row("2026-03-04T10:00:00Z", n=60))
    with path.open("a") as file:
        file.write("2026-03-04T10:00:01Z,agent-7,ours,4")
    written = NOW.timestamp()
    os.utime(path, (written, written))
    assert watched.run().reading.rows == 1  # type: ignore[union-attr] # it was read
    with path.open("a") as file:
        file.write("1,view,\n")
    os.utime(path, (written + 1, written + 1))
    assert [seen for *_, seen in watched.found()] == ["101 records in 2 accesses"]


def test_a_last_line_without_end_is_read_once_the_file_is_quiet(watched: Watched) -> None:
    path = watched.write(row("2026-03-04T10:00:00Z", n=60))
    with path.open("a") as file:
        file.write("2026-03-04T10:00:01Z,agent-7,ours,41,view,")
    os.utime(path, (NOW.timestamp() - 60, NOW.timestamp() - 60))
    assert len(watched.found()) == 1


def test_a_table_is_read_on_with_what_came_late(anywhere: Watched, monkeypatch: pytest.MonkeyPatch) -> None:
    file = anywhere.folder / "audit.db"
    with sqlite3.connect(file) as audit:
        audit.execute(
            "CREATE TABLE log (time INTEGER, user TEXT, client TEXT, n INTEGER, verb TEXT, ip TEXT)"
        )
    monkeypatch.setenv("AUDIT_URL", f"sqlite:///{file}")
    source = LOG.replace("format: csv", "format: sql\ntime: epoch").replace(
        'location: "*.csv*"', "connection: AUDIT_URL\ntable: log"
    )
    (anywhere.folder / "logs" / "log.yaml").write_text(source)

    def add(at: str, n: int) -> None:
        with sqlite3.connect(file) as audit:
            second = int(datetime.fromisoformat(at).timestamp())
            audit.execute("INSERT INTO log VALUES (?, 'agent-7', 'ours', ?, 'view', '')", (second, n))

    add("2026-03-04T10:00:00+00:00", 60)
    add("2026-03-04T11:00:00+00:00", 1)
    assert anywhere.found() == []
    assert anywhere.found() == []  # the same rows a second time are no more than they were
    add("2026-03-04T10:30:00+00:00", 41)
    assert [seen for *_, seen in anywhere.found()] == ["101 records in 2 accesses"]
    assert anywhere.found() == []


def test_a_table_that_no_run_reads_whole_is_told(watched: Watched, monkeypatch: pytest.MonkeyPatch) -> None:
    file = watched.folder / "audit.db"
    with sqlite3.connect(file) as audit:
        audit.execute("CREATE TABLE log (time TEXT, user TEXT, client TEXT, n INTEGER, verb TEXT, ip TEXT)")
        row_of = ("2026-03-04T10:00:00Z", "agent-7", "ours", 1, "view", "")
        audit.executemany("INSERT INTO log VALUES (?, ?, ?, ?, ?, ?)", [row_of] * 30)
    monkeypatch.setenv("AUDIT_URL", f"sqlite:///{file}")
    source = LOG.replace("format: csv", "format: sql").replace(
        'location: "*.csv*"', "connection: AUDIT_URL\ntable: log"
    )
    (watched.folder / "logs" / "log.yaml").write_text(source)
    monkeypatch.setattr(reading, "LOOKED_EVERY", 10)
    monkeypatch.setattr(watching, "Limits", partial(Limits, rows=20))
    assert [rule for rule, *_ in watched.found()] == ["log-unread"]


def test_a_row_of_a_clock_that_runs_ahead_moves_no_mark(watched: Watched) -> None:
    watched.write(row("2026-03-04T10:00:00Z", n=60), row("2031-01-01T00:00:00Z"))
    assert watched.found() == [("log-ahead", [], "1 rows that are dated later")]
    watched.append(row("2026-03-04T10:10:00Z", n=41))
    assert [rule for rule, *_ in watched.found()] == ["bulk"]
    (mark,) = [one for one in watched.rows(AccessMark) if one.log == "crm-log"]
    assert mark.read_until == datetime(2026, 3, 4, 10, 10, tzinfo=UTC)


def test_a_file_that_goes_on_where_another_ended_costs_neither_its_mark(watched: Watched) -> None:
    watched.write(row("2026-03-04T10:00:00Z", n=60))
    watched.run()
    watched.write(row("2026-03-04T10:00:00Z", n=60), row("2026-03-04T10:01:00Z", n=40), name="b.csv")
    assert [watched.found() for _ in range(3)] == [[], [], []]
    watched.append(row("2026-03-04T10:02:00Z"), name="b.csv")
    assert len(watched.found()) == 1


def test_files_with_a_wide_head_in_common_are_each_read(watched: Watched) -> None:
    head = HEAD.strip() + "," + ",".join(f"column-{n}" for n in range(900)) + "\n"
    for name in ("a.csv", "b.csv"):
        watched.write(row("2026-03-04T10:00:00Z", f"user-{name}", 101) + "," * 900, name=name, head=head)
    assert sorted(who for _, who, _ in watched.found()) == [["user-a.csv"], ["user-b.csv"]]

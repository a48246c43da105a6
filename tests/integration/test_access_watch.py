"""The watch of access logs over real files and both databases: told once, whatever happens in between."""

from __future__ import annotations

import gzip
import os
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import select

from flows.access_watch import watching
from flows.access_watch.watching import LogRun, watch_logs
from flows.house import House
from flows.settings import Settings
from playbooks.errors import TellHuman
from store.database import Store
from store.tables import AccessMark, Alert, Incident, Source

NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)  # a Wednesday
HEAD = "time,user,client,n,verb,ip\n"
LOG = """id: crm-log
system: crm
format: csv
location: "*.csv*"
columns: {at: time, account: user, client: client, records: n, action: verb, address: ip}
longest_silence: 60d
"""
BULK = "rules: [{id: bulk, kind: bulk, records: 100, severity: high}]\n"


@dataclass
class Watched:
    """A house with one access log and its watch."""

    house: House
    folder: Path

    def rules(self, text: str) -> None:
        (self.folder / "watch" / "watch.yaml").write_text(text)

    def write(self, *rows: str, name: str = "a.csv", head: str = HEAD) -> Path:
        path = self.folder / "logs" / name
        path.write_text(head + "".join(f"{row}\n" for row in rows))
        return path

    def append(self, *rows: str, name: str = "a.csv") -> None:
        with (self.folder / "logs" / name).open("a") as file:
            file.writelines(f"{row}\n" for row in rows)

    def run(self, now: datetime = NOW, *, dry: bool = False) -> LogRun:
        (run,) = [one for one in watch_logs(self.house, now, dry=dry) if one.log == "crm-log"]
        return run

    def found(self, now: datetime = NOW) -> list[tuple[str, list[str], str]]:
        return [(one["rule"], one["accounts"], one["seen"]) for one in self.run(now).findings]

    def rows(self, table: Any) -> Sequence[Any]:
        with self.house.store.reading() as session:
            return session.exec(select(table)).all()


def row(
    at: str, user: str = "agent-7", n: int = 1, client: str = "ours", verb: str = "view", ip: str = ""
) -> str:
    return f"{at},{user},{client},{n},{verb},{ip}"


def watched_on(store: Store, folder: Path) -> Watched:
    for name in ("logs", "watch", "data"):
        (folder / name).mkdir()
    (folder / "logs" / "log.yaml").write_text(LOG)
    env = {
        "SEVENTYTWO_DATA": str(folder / "data"),
        "SEVENTYTWO_ACCESS_LOGS": str(folder / "logs"),
        "SEVENTYTWO_ACCESS_WATCH": str(folder / "watch"),
    }
    watched = Watched(House(Settings.from_env(env), store), folder)
    watched.rules(BULK)
    return watched


@pytest.fixture
def watched(sqlite_store: Store, tmp_path: Path) -> Watched:
    return watched_on(sqlite_store, tmp_path)


@pytest.fixture
def anywhere(store: Store, tmp_path: Path) -> Watched:
    return watched_on(store, tmp_path)


def test_a_bulk_download_opens_one_incident_and_a_second_look_nothing(anywhere: Watched) -> None:
    anywhere.write(row("2026-03-04T10:00:00Z", n=60), row("2026-03-04T10:59:59Z", n=41))
    first = anywhere.run()
    assert [one["result"] for one in first.results] == ["opened"]
    assert first.findings[0]["expected"] == "at most 100 records within 1 h"
    assert first.findings[0]["seen"] == "101 records in 2 accesses"
    assert (first.reading.rows if first.reading else None, first.broken) == (2, 0)
    assert anywhere.run(NOW + timedelta(minutes=15)).findings == ()
    assert (len(anywhere.rows(Incident)), len(anywhere.rows(Alert))) == (1, 1)
    (source,) = anywhere.rows(Source)
    assert (source.name, source.kind) == ("access-watch", "access-watch")


def test_exactly_as_much_as_is_usual_is_usual(watched: Watched) -> None:
    watched.write(row("2026-03-04T10:00:00Z", n=100), row("2026-03-04T11:00:00Z", n=1))
    assert watched.found() == []


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


RULES = """
settings: {{zone: UTC, {settings}}}
rules:
  - {{id: hours, kind: after_hours, accesses: 1}}
  - {{id: clients, kind: not_assigned}}
  - {{id: travel, kind: impossible_travel, kilometres: 500, kilometres_per_hour: 900}}
  - {{id: dormant, kind: dormant, unused_for: 30d}}
  - {{id: power, kind: privileged, actions: [export]}}
  - {{id: left, kind: leaver}}
rosters:
  - {{id: day, zone: Europe/Warsaw, begins: "08:00", ends: "16:00", days_off: [2026-03-03]}}
  - {{id: night, zone: Asia/Manila, days: [mon, tue], begins: "22:00", ends: "06:00"}}
people:
  - {{accounts: [day-1], roster: day, clients: [ours]}}
  - {{accounts: [night-1], roster: night}}
  - {{accounts: [admin-1], roster: day, privileged: admin}}
  - {{accounts: [glass-1], privileged: break_glass}}
  - {{accounts: [left-1], zone: America/New_York, leaves_on: 2026-03-02}}
networks:
  - {{place: Warsaw, networks: [192.0.2.0/25], latitude: 52.2, longitude: 21.0}}
  - {{place: Manila, networks: [192.0.2.128/25], latitude: 14.6, longitude: 121.0}}
"""
ALL_RULES = RULES.format(settings="oldest: 60d")


@pytest.mark.parametrize(
    ("user", "inside", "outside"),
    [
        ("day-1", "2026-03-04T07:00:00Z", "2026-03-04T06:59:59Z"),  # 08:00 in Warsaw, and a second before
        ("day-1", "2026-03-04T14:59:59Z", "2026-03-04T15:00:00Z"),
        ("day-1", "2026-03-30T06:00:00Z", "2026-03-30T05:59:59Z"),  # summer time since the day before
        ("day-1", "2026-03-02T10:00:00Z", "2026-03-03T10:00:00Z"),  # a day off
        ("day-1", "2026-03-06T10:00:00Z", "2026-03-07T10:00:00Z"),  # a Saturday
        ("night-1", "2026-03-03T21:59:59Z", "2026-03-03T22:00:00Z"),  # Tuesday's shift ends on Wednesday
        ("night-1", "2026-03-02T14:00:00Z", "2026-03-02T13:59:59Z"),
        ("night-1", "2026-03-02T15:59:00Z", "2026-03-01T15:00:00Z"),  # Sunday night is nobody's shift
    ],
)
def test_hours_are_those_of_the_persons_own_roster(
    watched: Watched, user: str, inside: str, outside: str
) -> None:
    watched.rules(ALL_RULES)
    watched.write(row(inside, user), row(inside, user), row(outside, user), head=HEAD)
    now = datetime(2026, 4, 1, tzinfo=UTC)
    assert watched.found(now) == []
    watched.append(row(outside, user))
    assert [(rule, who) for rule, who, _ in watched.found(now)] == [("hours", [user])]


def test_two_accesses_after_hours_say_what_was_expected_and_seen(watched: Watched) -> None:
    watched.rules(ALL_RULES)
    watched.write(*[row("2026-03-04T05:00:00Z", "day-1", n=4)] * 2)
    (alert,) = watched.run().findings
    assert (alert["expected"], alert["seen"]) == (
        "at most 1 outside the roster in a day",
        "2 accesses outside the roster, 8 records",
    )
    assert (alert["since"], alert["counts"]["accesses"]) == ("2026-03-03T23:00:00+00:00", 2)


@pytest.mark.parametrize(
    ("rows", "rule", "seen"),
    [
        (
            [row("2026-03-04T10:00:00Z", "DAY-1", client="theirs")],
            "clients",
            "1 access to clients not assigned",
        ),
        ([row("2026-03-04T10:00:00Z", "agent-7", verb="EXPORT")], "power", "1 access that are privileged"),
        ([row("2026-03-04T10:00:00Z", "glass-1")], "power", "1 access that are privileged"),
        ([row("2026-03-04T05:00:00Z", "admin-1", verb="export")], "power", "1 access that are privileged"),
        ([row("2026-03-03T05:00:00Z", "left-1")], "left", "1 access after the last day"),
        ([row("2026-01-31T00:00:00Z"), row("2026-03-02T00:00:01Z")], "dormant", "used again after 30 days"),
        (
            [row("2026-03-04T08:00:00Z", ip="192.0.2.1"), row("2026-03-04T18:00:00Z", ip="192.0.2.200")],
            "travel",
            "9,3",
        ),
    ],
)
def test_each_rule_tells_one_over_its_limit(watched: Watched, rows: list[str], rule: str, seen: str) -> None:
    watched.rules(ALL_RULES)
    watched.write(*rows)
    ((found, _, said),) = watched.found()
    assert found == rule
    assert said.startswith(seen)


@pytest.mark.parametrize(
    "rows",
    [
        [
            row("2026-03-04T10:00:00Z", "day-1", client="ours"),
            row("2026-03-04T10:00:00Z", "day-1", client=""),
        ],
        [row("2026-03-04T10:00:00Z", "agent-7", client="theirs")],  # nobody said whose clients these are
        [row("2026-03-04T10:00:00Z", "admin-1", verb="export")],  # within the admin's hours
        [row("2026-03-03T04:59:59Z", "left-1")],  # the last second of the last day in New York
        [row("2026-01-31T00:00:00Z"), row("2026-03-02T00:00:00Z")],  # exactly thirty days
        [row("2026-03-04T08:00:00Z", ip="192.0.2.1"), row("2026-03-04T19:00:00Z", ip="192.0.2.200")],
        [row("2026-03-04T08:00:00Z", ip="192.0.2.1"), row("2026-03-04T08:00:01Z", ip="203.0.113.9")],
    ],
)
def test_what_is_usual_is_not_told(watched: Watched, rows: list[str]) -> None:
    watched.rules(ALL_RULES)
    watched.write(*rows)
    assert watched.found() == []


def test_bulk_is_counted_by_client_and_by_both(watched: Watched) -> None:
    watched.rules(
        "rules:\n  - {id: both, kind: bulk, by: [account, client], records: 10}\n"
        "  - {id: whole, kind: bulk, by: [client], records: 20, within: 1d, severity: critical}\n"
    )
    watched.write(
        row("2026-03-04T08:00:00Z", "a", 11),
        row("2026-03-04T09:00:00Z", "b", 10),
        row("2026-03-04T09:00:00Z", "a", 10, "x"),
    )
    found = [(one["rule"], one["accounts"], one["clients"]) for one in watched.run().findings]
    assert found == [("whole", ["a", "b"], ["ours"]), ("both", ["a"], ["ours"])]


def test_an_hour_that_clocks_show_twice_is_two_stretches(watched: Watched) -> None:
    watched.rules("settings: {zone: Europe/Warsaw}\n" + BULK)
    watched.write(row("2026-10-25T00:30:00Z", n=60), row("2026-10-25T01:30:00Z", n=60))  # 02:30, 02:30
    now = datetime(2026, 10, 26, tzinfo=UTC)
    assert watched.found(now) == []
    watched.append(row("2026-10-25T00:31:00Z", n=41))
    assert len(watched.found(now)) == 1


def test_moves_and_dormant_accounts_are_seen_across_runs(watched: Watched) -> None:
    watched.rules(ALL_RULES)
    watched.write(row("2026-01-15T08:00:00Z", "old"), row("2026-03-04T08:00:00Z", ip="192.0.2.1"))
    assert watched.found() == []
    watched.append(row("2026-03-04T08:30:00Z", ip="192.0.2.200"), row("2026-03-04T08:30:00Z", "old"))
    assert sorted(rule for rule, *_ in watched.found()) == ["dormant", "travel"]
    assert watched.found() == []


def test_a_finding_is_told_again_once_it_has_doubled(watched: Watched) -> None:
    watched.write(row("2026-03-04T10:00:00Z", n=101))
    assert len(watched.found()) == 1
    watched.append(row("2026-03-04T10:01:00Z", n=100))
    assert watched.found() == []
    watched.append(row("2026-03-04T10:02:00Z", n=1))
    run = watched.run()
    assert [one["result"] for one in run.results] == ["joined"]


def test_what_ended_long_ago_is_counted_and_not_told(watched: Watched) -> None:
    watched.write(row("2026-02-01T10:00:00Z", n=500), row("2026-03-04T10:00:00Z"))
    run = watched.run()
    assert (run.findings, run.older) == ((), 1)


def test_more_findings_than_one_run_raises_wait_for_the_next(watched: Watched) -> None:
    watched.rules("settings: {most_alerts: 2}\n" + BULK)
    watched.write(*[row("2026-03-04T10:00:00Z", f"u{n}", 101) for n in range(5)])
    told = []
    for _ in range(4):
        told += [one["accounts"][0] for one in watched.run().findings]
    assert sorted(told) == ["u0", "u1", "u2", "u3", "u4"]


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


def test_a_crash_before_the_commit_has_done_nothing_and_the_next_run_does_it(
    anywhere: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    anywhere.write(row("2026-03-04T10:00:00Z", n=101))

    def crash(*_: object) -> None:
        raise ConnectionError

    with monkeypatch.context() as patched:
        patched.setattr(watching, "move_mark", crash)  # after the alert, in its transaction
        with pytest.raises(ConnectionError):
            anywhere.run()
    assert [len(anywhere.rows(one)) for one in (Incident, Alert)] == [0, 0]
    assert [one["result"] for one in anywhere.run().results] == ["opened"]


def test_of_two_runs_at_once_one_tells(anywhere: Watched, monkeypatch: pytest.MonkeyPatch) -> None:
    anywhere.write(row("2026-03-04T10:00:00Z", n=101))
    settle, others = watching._settle, list[LogRun]()

    def after_another(*given: Any, **more: Any) -> LogRun:
        if given[1].log == "crm-log" and not others:
            others.append(LogRun("taken"))
            others[0] = anywhere.run(NOW + timedelta(seconds=1))
        return settle(*given, **more)

    monkeypatch.setattr(watching, "_settle", after_another)
    late = anywhere.run()
    assert ([one["result"] for one in others[0].results], late.results) == (["opened"], ())
    assert len(anywhere.rows(Alert)) == 1


def test_a_lost_mark_opens_nothing_twice(watched: Watched) -> None:
    watched.write(row("2026-03-04T10:00:00Z", n=101))
    watched.run()
    with watched.house.store.writing() as session:
        for mark in session.exec(select(AccessMark)):
            session.delete(mark)
    assert [one["result"] for one in watched.run().results] == ["suppressed"]
    assert len(watched.rows(Incident)) == 1


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


def test_a_log_that_cannot_be_read_is_told_and_its_end_too(watched: Watched) -> None:
    (alert,) = watched.run().findings
    assert (alert["rule"], alert["category"]) == ("log-unread", "outage")
    assert watched.found(NOW + timedelta(minutes=15)) == []
    watched.write(row("2026-03-04T10:00:00Z"))
    (ended,) = watched.run(NOW + timedelta(minutes=30)).findings
    assert (ended["status"], ended["identity"]) == ("resolved", alert["identity"])


def test_a_log_that_is_silent_for_longer_than_it_ever_is_is_told(watched: Watched) -> None:
    watched.write(row("2026-03-04T12:00:00Z"))
    silent = timedelta(days=60)
    assert watched.found(NOW + silent) == []
    (alert,) = watched.run(NOW + silent + timedelta(seconds=1)).findings
    assert (alert["rule"], alert["seen"]) == ("log-silent", "none since 2026-03-04 12:00Z")


def test_a_log_of_many_broken_rows_is_told(watched: Watched) -> None:
    watched.write(row("2026-03-04T10:00:00Z"), "nonsense", row("2026-03-04T10:00:00Z", ""))
    (alert,) = watched.run().findings
    assert (alert["rule"], alert["category"], alert["seen"]) == (
        "log-broken", "policy", "2 of 3 new rows could not be read",
    )  # fmt: skip


def test_faults_of_the_files_are_told_and_what_is_sound_is_watched(watched: Watched) -> None:
    (watched.folder / "watch" / "people.yaml").write_text("people: [{accounts: [a], roster: none}]\n")
    watched.write(row("2026-03-04T10:00:00Z", n=101))
    runs = {one.log: one for one in watch_logs(watched.house, NOW)}
    assert "people.yaml:1: no roster `none`" in runs[":files"].findings[0]["seen"]
    assert len(runs["crm-log"].findings) == 1


def test_a_dry_run_writes_nothing(watched: Watched) -> None:
    watched.write(row("2026-03-04T10:00:00Z", n=101))
    assert len(watched.run(dry=True).findings) == 1
    assert [len(watched.rows(one)) for one in (AccessMark, Alert, Incident)] == [0, 0, 0]
    assert len(watched.run().findings) == 1


def test_the_store_keeps_no_account_in_clear_and_nothing_spilled_is_left(watched: Watched) -> None:
    watched.write(row("2026-03-04T10:00:00Z", "somebody-special", 101))
    watched.run()
    database = Path(str(watched.house.store.engine.url.database)).read_bytes()
    assert b"somebody-special" not in database
    assert list((watched.folder / "data").glob("access-watch-*")) == []


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


def test_a_fault_that_nobody_foresaw_says_nothing_of_a_row_and_stops_no_other_log(
    watched: Watched, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    other = watched.folder / "logs" / "other.yaml"
    other.write_text(LOG.replace("crm-log", "other").replace("*.csv*", "*.log"))
    watched.write(row("2026-03-04T10:00:00Z", n=101), name="b.log")
    read = watching._read

    def fail(home: House, source: Any, *given: Any) -> Any:
        if source.id == "crm-log":
            raise ArithmeticError("agent-7")
        return read(home, source, *given)

    monkeypatch.setattr(watching, "_read", fail)
    with pytest.raises(TellHuman, match="crm-log"):
        watch_logs(watched.house, NOW)
    assert len(watched.rows(Incident)) == 1
    assert "ArithmeticError" in caplog.text
    assert "agent-7" not in caplog.text

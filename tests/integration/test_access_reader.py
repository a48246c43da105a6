"""The reader of access logs on real files and databases: every row is accounted for, whatever it holds."""

from __future__ import annotations

import gzip
import json
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from flows.forensics.limits import Limits
from flows.forensics.log_lines import LONGEST_LINE
from flows.forensics.log_sources import LogSource, log_sources
from flows.forensics.log_times import TWICE
from flows.forensics.reader import new_reading, read_log
from flows.forensics.row_reading import Wanted
from flows.forensics.searching import Search
from playbooks.forensics.accesses import Access
from playbooks.forensics.reading import Reading

FROM, UNTIL = datetime(2026, 3, 2, tzinfo=UTC), datetime(2026, 3, 3, tzinfo=UTC)
HEAD = "time,user,customer,id\n"
COLUMNS = "columns: {at: time, account: user, client: customer, record: id}\n"


@dataclass(frozen=True)
class Read:
    """What came of reading a source."""

    accesses: list[Access]
    reading: Reading

    @property
    def records(self) -> list[str]:
        return [access.record for access in self.accesses]

    @property
    def faults(self) -> list[tuple[int, str]]:
        return [(place.line, place.why) for place in self.reading.places]


def read(folder: Path, source: str, *accounts: str, limits: Limits | None = None) -> Read:
    (folder / "source.yaml").write_text(f"id: log\nsystem: crm\n{source}")
    (found,), faults = [*log_sources([folder])[0].values()], log_sources([folder])[1]
    assert not faults, faults
    return of(found, *accounts, limits=limits)


def of(source: LogSource, *accounts: str, limits: Limits | None = None) -> Read:
    wanted = Wanted(FROM, UNTIL, frozenset(accounts) if accounts else None)
    reading = new_reading(source, wanted)
    return Read(list(read_log(source, wanted, reading, limits)), reading)


def csv(folder: Path, rows: str | bytes, more: str = "", *, name: str = "a.csv", head: str = HEAD) -> Read:
    data = rows if isinstance(rows, bytes) else (head + rows).encode()
    (folder / name).write_bytes(data)
    return read(folder, f"format: csv\nlocation: '*{Path(name).suffix}'\n{COLUMNS}{more}")


def row(record: str, at: str = "2026-03-02T10:00:00Z", user: str = "agent-7") -> str:
    return f"{at},{user},RETAIL,{record}\n"


def test_window_and_accounts_are_asked_of_every_row(tmp_path: Path) -> None:
    rows = (
        row("1", "2026-03-01T23:59:59Z") + row("2") + row("3", user="AGENT-8") + row("4", "2026-03-03T00:00Z")
    )
    (tmp_path / "a.csv").write_text(HEAD + rows)
    found = read(tmp_path, f"format: csv\nlocation: a.csv\n{COLUMNS}clients: {{RETAIL: ours}}\n", "agent-8")
    assert [(one.record, one.account, one.client, one.system) for one in found.accesses] == [
        ("3", "AGENT-8", "ours", "crm")
    ]
    reading = found.reading
    assert (reading.rows, reading.in_window, reading.matched, reading.broken) == (4, 2, 1, 0)


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("not a time,agent-7,RETAIL,x\n", "no time that can be read"),
        ("1850-01-01T00:00:00Z,agent-7,RETAIL,x\n", "no time that can be read"),
        ("2026-03-02T10:00:00Z,,RETAIL,x\n", "no account"),
        ("2026-03-02T10:00:00Z,agent-7\n", "fewer columns than its head"),
        ("x" * (LONGEST_LINE + 5) + "\n", "longer than 1,000,000 characters"),
        ('"2026-03-02T10:00:00Z,agent-7,RETAIL,x\n', "a quote that is never closed"),
    ],
)  # fmt: skip
def test_a_broken_line_costs_itself_alone(tmp_path: Path, line: str, why: str) -> None:
    found = csv(tmp_path, row("1") + line + row("2"))
    assert found.records == ["1", "2"]
    assert found.faults == [(3, why)]
    assert (found.reading.rows, found.reading.broken) == (3, 1)


def test_a_line_with_more_columns_than_its_head_is_not_read_under_wrong_names(tmp_path: Path) -> None:
    found = csv(tmp_path, "2026-03-02T10:00:00Z,agent-7,Retail, Inc.,1\n" + row("2").strip() + ",,\n")
    assert found.records == ["2"]
    assert found.faults == [(2, "more columns than its head")]


def test_a_line_cut_off_before_its_last_column_is_not_taken_for_one_without_a_record(tmp_path: Path) -> None:
    found = csv(tmp_path, row("1") + "2026-03-02T10:00:00Z,agent-7,RETAIL")
    assert (found.records, found.faults) == (["1"], [(3, "fewer columns than its head")])


JSON_LINES = (
    "format: jsonl\nlocation: a.jsonl\ncolumns: {at: t, account: u, record: r, records: n, address: ip}\n"
)


def json_lines(folder: Path, *rows: dict[str, object]) -> Read:
    told = ({"t": "2026-03-02T10:00:00Z", "u": "agent-7", **row} for row in rows)
    (folder / "a.jsonl").write_text("\n".join(map(json.dumps, told)))
    return read(folder, JSON_LINES)


@pytest.mark.parametrize("count", [[1], {"a": 1}, 1.5, float("inf"), -1, "many"])
def test_a_count_that_is_none_costs_its_row_and_stops_nothing(tmp_path: Path, count: object) -> None:
    found = json_lines(tmp_path, {"r": "1", "n": count}, {"r": "2", "n": 3.0})
    assert found.records == ["2"]
    assert found.faults == [(1, "a number that cannot be read")]


def test_long_ids_and_ids_that_are_long_numbers_are_told_apart(tmp_path: Path) -> None:
    found = json_lines(
        tmp_path, {"r": 2**62}, {"r": 2**62 + 1}, {"r": "x" * 500 + "1"}, {"r": "x" * 500 + "2"}
    )
    assert len(set(found.records)) == 4
    assert max(map(len, found.records)) <= 200


def test_one_who_is_looked_for_is_found_however_the_log_spells_them(tmp_path: Path) -> None:
    rows: list[dict[str, object]] = [
        {"u": unicodedata.normalize("NFD", "JOSÉ")},
        {"u": "x", "ip": "2001:0DB8:0:0::1"},
        {"u": "x", "ip": "2001:db8::2"},
        {"u": "y", "ip": "::ffff:192.0.2.7"},
    ]
    json_lines(tmp_path, *rows)
    (source,) = log_sources([tmp_path])[0].values()
    seen = (("account", "josé"), ("address", "2001:db8::1"), ("address", "192.0.2.7"))
    wanted = Search(FROM, UNTIL, seen, ()).wanted
    reading = new_reading(source, wanted)
    assert [one.account for one in read_log(source, wanted, reading)] == [rows[0]["u"], "x", "y"]


def test_an_address_of_a_database_that_cannot_be_read_is_told_without_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LOG_DB", "sqlite://user:a@b:cret@host/db")
    found = read(tmp_path, f"format: sql\nconnection: LOG_DB\ntable: t\n{COLUMNS}")
    assert "cret" not in str(found.reading.missing)
    assert len(found.reading.missing) == 1


def test_a_file_of_empty_lines_alone_ends_at_the_bound_of_time(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("\n" * 100_000)
    found = read(tmp_path, f"format: csv\nlocation: a.csv\n{COLUMNS}", limits=Limits(seconds=-1))
    assert "its bound" in found.reading.missing[0]


def test_only_the_first_ten_places_are_told_and_all_are_counted(tmp_path: Path) -> None:
    found = csv(tmp_path, "nothing\n" * 5_000 + row("1"))
    assert (found.reading.broken, len(found.reading.places), found.records) == (5_000, 10, ["1"])


def test_a_quoted_value_may_hold_commas_and_line_breaks(tmp_path: Path) -> None:
    found = csv(
        tmp_path, row('"a,b"') + row('"two\nlines"') + row('"say ""no"""') + row('5" disk') + row("end")
    )
    assert found.records == ["a,b", "two\nlines", 'say "no"', '5" disk', "end"]
    assert found.reading.broken == 0


def test_what_can_be_mended_is_read_and_said(tmp_path: Path) -> None:
    latin = row("1", user="zo\u00eb").encode("cp1252")
    found = csv(
        tmp_path,
        b"\xef\xbb\xbf" + HEAD.encode() + latin + row("2\0").encode() + b"\0\0\n" + row("3").encode(),
    )
    assert [(one.account, one.record) for one in found.accesses] == [
        ("zo\u00eb", "1"), ("agent-7", "2"), ("agent-7", "3"),
    ]  # fmt: skip
    assert sorted(found.reading.mended.values()) == [1, 1, 2]
    assert found.reading.broken == 0


def test_utf_16_and_other_line_ends_are_read(tmp_path: Path) -> None:
    assert csv(tmp_path, (HEAD + row("1") + row("2")).replace("\n", "\r\n").encode("utf-16")).records == [
        "1",
        "2",
    ]


def test_zones_that_are_mixed_are_told_and_each_is_right(tmp_path: Path) -> None:
    times = ("2026-03-02T10:00:00Z", "2026-03-02T12:00:00+02:00", "2026-03-02 11:00:00")
    found = csv(tmp_path, "".join(row(str(n), at) for n, at in enumerate(times)), "zone: Europe/Berlin\n")
    assert {access.at for access in found.accesses} == {datetime(2026, 3, 2, 10, tzinfo=UTC)}
    assert found.reading.is_mixed
    assert (found.reading.naive, dict(found.reading.offsets)) == (1, {"+0000": 1, "+0200": 1})


def test_a_time_that_clocks_show_twice_is_the_earlier_and_said(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(HEAD + row("1", "2025-10-26 02:30:00"))
    (tmp_path / "s.yaml").write_text(
        f"id: log\nsystem: crm\nformat: csv\nlocation: a.csv\nzone: Europe/Berlin\n{COLUMNS}"
    )
    source = log_sources([tmp_path])[0]["log"]
    wanted = Wanted(datetime(2025, 10, 26, tzinfo=UTC), datetime(2025, 10, 27, tzinfo=UTC))
    reading = new_reading(source, wanted)
    (access,) = read_log(source, wanted, reading)
    assert access.at == datetime(2025, 10, 26, 0, 30, tzinfo=UTC)
    assert reading.mended == {TWICE: 1}


@pytest.mark.parametrize(
    ("kind", "at"),
    [
        ("epoch", "1772445600"),
        ("epoch_ms", "1772445600000"),
        ("'%d/%b/%Y:%H:%M:%S %z'", "02/Mar/2026:11:00:00 +0100"),
    ],
)
def test_a_time_may_be_written_otherwise(tmp_path: Path, kind: str, at: str) -> None:
    found = csv(tmp_path, row("1", at), f"time: {kind}\n")
    assert [access.at for access in found.accesses] == [datetime(2026, 3, 2, 10, tzinfo=UTC)]


def test_gaps_and_disorder_are_found(tmp_path: Path) -> None:
    rows = [row(str(hour), f"2026-03-02T{hour:02}:30:00Z") for hour in (5, 4, 6, 7, 20, 21, 22, 23)]
    found = csv(tmp_path, "".join(rows), "longest_silence: 6h\n")
    assert found.reading.gaps == [(FROM + timedelta(hours=8), FROM + timedelta(hours=20))]
    assert found.reading.out_of_order == 1


def test_several_files_and_gzip_are_one_log(tmp_path: Path) -> None:
    (tmp_path / "a-1.log.gz").write_bytes(gzip.compress((HEAD + row("1")).encode()))
    (tmp_path / "a-2.log").write_text(HEAD + row("2"))
    found = read(tmp_path, f"format: csv\nlocation: a-*.log*\n{COLUMNS}")
    assert (found.records, found.reading.files) == (["1", "2"], 2)


@pytest.mark.parametrize(
    "spoil", [lambda data: data[:-30], lambda data: data[:40] + b"\xff" * 40 + data[80:]]
)
def test_a_damaged_archive_is_said_and_its_sound_part_read(tmp_path: Path, spoil: object) -> None:
    whole = gzip.compress((HEAD + "".join(row(str(n)) for n in range(50_000))).encode())
    (tmp_path / "a.gz").write_bytes(spoil(whole))  # type: ignore[operator] # one of the above
    found = read(tmp_path, f"format: csv\nlocation: a.gz\n{COLUMNS}")
    assert found.reading.missing == ["a.gz could not be read to its end: it breaks off or is damaged"]
    assert found.reading.rows == found.reading.in_window + found.reading.broken


def test_json_lines_are_read_and_none_that_is_broken_stops_them(tmp_path: Path) -> None:
    good = {"time": "2026-03-02T10:00:00Z", "user": {"name": "agent-7"}, "id": 17, "n": 3}
    lines = [json.dumps(good), "{", "[1]", '{"time": ' + "[" * 100_000, json.dumps({**good, "n": "many"}),
             json.dumps({**good, "id": {"deep": 1}}), '{"time": 1e999999}']  # fmt: skip
    (tmp_path / "a.jsonl").write_text("\n".join(lines) + "\n")
    columns = "columns: {at: time, account: user.name, record: id, records: n}\n"
    found = read(tmp_path, f"format: jsonl\nlocation: a.jsonl\n{columns}client: ours\n")
    assert [(one.record, one.records, one.client) for one in found.accesses] == [
        ("17", 3, "ours"),
        ("", 3, "ours"),
    ]
    assert [why for _, why in found.faults] == [
        "not a JSON object", "not a JSON object", "not a JSON object",
        "a number that cannot be read", "no time that can be read",
    ]  # fmt: skip


def test_what_is_not_there_is_missing_and_no_error(tmp_path: Path) -> None:
    assert read(tmp_path, f"format: csv\nlocation: none.csv\n{COLUMNS}").reading.missing == [
        "no file lies where the source says"
    ]
    assert csv(tmp_path, "1,2\n", head="time,user\n").reading.missing == [
        "a.csv was not read: it has no column customer, id"
    ]


def test_a_reading_ends_at_its_bound_and_says_so(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(HEAD + "".join(row(str(n)) for n in range(10_000)))
    found = read(tmp_path, f"format: csv\nlocation: a.csv\n{COLUMNS}", limits=Limits(rows=3_000))
    assert found.reading.rows < 10_000
    assert "the rest was not read" in found.reading.missing[0]


@pytest.fixture
def audit_url(backend: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of an empty database of somebody else's."""
    if backend == "sqlite":
        yield f"sqlite:///{tmp_path / 'audit.db'}"
        return
    server = request.getfixturevalue("postgres")
    url = server.new(migrated=False).replace("postgresql://", "postgresql+psycopg://")
    yield url
    server.drop(url)


def fill(url: str, kind: str) -> None:
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(
            text(f'CREATE TABLE access_log (at {kind}, who TEXT, client TEXT, "key" TEXT, n INTEGER)')
        )
        connection.execute(
            text("INSERT INTO access_log VALUES (:at, :who, 'ours', :key, :n)"),
            [
                {"at": "2026-03-02 10:00:00", "who": "agent-7", "key": "r1", "n": 1},
                {"at": "2026-03-02 11:00:00", "who": "agent-8", "key": None, "n": 40},
                {"at": "2026-02-01 11:00:00", "who": "agent-8", "key": "r3", "n": 1},
                {"at": None, "who": "agent-8", "key": "r4", "n": 1},
            ],
        )
    engine.dispose()


@pytest.mark.parametrize("kind", ["TIMESTAMP", "TIMESTAMP WITH TIME ZONE", "TEXT"])
def test_a_table_is_read_and_can_be_read_alone(
    audit_url: str, kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(audit_url, kind)
    monkeypatch.setenv("AUDIT_URL", audit_url)
    found = read(
        tmp_path,
        "format: sql\nconnection: AUDIT_URL\ntable: access_log\n"
        "columns: {at: at, account: who, client: client, record: key, records: n}\n",
    )
    assert [(one.account, one.record, one.records) for one in found.accesses] == [
        ("agent-7", "r1", 1),
        ("agent-8", "", 40),
    ]
    assert found.reading.missing == []


@pytest.mark.parametrize(
    ("table", "column", "missing"),
    [
        ("no_such_table", "who", "there is no such table"),
        ("access_log", "nobody", "the table has no column nobody"),
    ],
)
def test_a_table_that_is_not_as_the_source_says_is_missing(
    audit_url: str, table: str, column: str, missing: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(audit_url, "TEXT")
    monkeypatch.setenv("AUDIT_URL", audit_url)
    source = f"format: sql\nconnection: AUDIT_URL\ntable: {table}\ncolumns: {{at: at, account: {column}}}\n"
    assert read(tmp_path, source).reading.missing == [missing]


@pytest.mark.parametrize("url", ["postgresql+psycopg://someone:hidden-word@127.0.0.1:1/x", "nonsense", ""])
def test_a_database_that_is_away_is_missing_and_its_address_stays_hidden(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AUDIT_URL", url)
    source = "format: sql\nconnection: AUDIT_URL\ntable: t\ncolumns: {at: at, account: who}\n"
    (missing,) = read(tmp_path, source).reading.missing
    assert "read" in missing
    assert "hidden-word" not in missing


@pytest.mark.parametrize(
    ("source", "fault"),
    [
        ("format: csv\nlocation: a\ntable: t\n" + COLUMNS, "csv and jsonl need `location`"),
        (
            "format: sql\nconnection: AUDIT_URL\ntable: 't; DROP TABLE x'\n" + COLUMNS,
            "`table` is not of its form",
        ),
        ("format: csv\nlocation: a\nzone: Mars/Base\n" + COLUMNS, "unknown time zone"),
        ("format: csv\nlocation: a\ntime: soon\n" + COLUMNS, "`time` is iso, epoch"),
        ("format: xml\nlocation: a\n" + COLUMNS, "`format` is none of the words known here"),
        ("format: csv\nlocation: a\ncolumns: {at: t}\n", "`account` is missing"),
    ],
)
def test_a_source_with_a_fault_is_refused_with_its_line(tmp_path: Path, source: str, fault: str) -> None:
    (tmp_path / "s.yaml").write_text(f"id: log\nsystem: crm\n{source}")
    sources, faults = log_sources([tmp_path])
    assert not sources
    assert fault in str(faults[0])
    assert faults[0].line > 0

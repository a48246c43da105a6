"""The fast reader of the watch beside the reference reader: the same accesses, the same broken rows."""

from __future__ import annotations

import gzip
import json
import os
import random
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from flows.access_watch import log_files
from flows.access_watch.book import Book
from flows.access_watch.counting import Counting
from flows.access_watch.line_reading import ALWAYS
from flows.access_watch.reading import read_new
from flows.access_watch.tables import counting_tables
from flows.forensics.limits import Limits
from flows.forensics.log_lines import LONGEST_LINE
from flows.forensics.log_sources import LogSource, log_sources
from flows.forensics.reader import new_reading, read_log
from flows.forensics.row_reading import matched

NOW = datetime(2026, 11, 1, tzinfo=UTC)
COLUMNS = ("time", "user", "customer", "id", "n", "verb", "size", "ip")
HEAD = ",".join(COLUMNS) + "\n"
SOURCE = """id: log
system: crm
columns:
  {at: time, account: user, client: customer, record: id, records: n, action: verb, bytes: size, address: ip}
clients: {RETAIL: ours}
zone: Europe/Warsaw
"""
Row = tuple[int, str, str, int, int]

TIMES = (
    "2026-03-02T10:00:00Z", "2026-03-29T02:30:00", "2026-10-25T02:30:00", "2026-03-02 10:00:00+05:30",
    "2026-03-02T10:00:00.123456-03:00", "2026-02-29T10:00:00Z", "2024-02-29T01:00:00Z",
    "2026-06-31T00:00:00Z", "nonsense", "2026-03-02", "20260302T100000Z", "2026-03-02T24:00:00Z",
    "1999-12-31T23:00:00Z",
    "2099-12-31T23:30:00-05:00", " 2026-03-02T10:00:00Z ", "2026-03-02T10:00:00", '"2026-03-02T10:00:00Z"',
    "2026-03-02T10:00:00+15:00", "1772445600",
)  # fmt: skip
USERS = (
    "agent-1", "AGENT-1", "J\u00f6rg", "Jo\u0308rg", '"agent 2"', '"a,b"', '""', "", "  ", "\u00a0", 'a"b',
    '"open', "x", '"a""b"', "ag\0ent", "x" * 300, "Gro\u00df",
)  # fmt: skip
NUMBERS = ("1", "", "-", "40", " 7 ", "x", "-3", "1.5", "9" * 15, "9" * 16, '"12"', "+4", "\u0663")
MORE = ("", "", "", "", ",extra", ",", ",,", ",,more")


def messy(seed: int, rows: int = 3_000) -> bytes:
    """A log whose every third row has something about it."""
    chance = random.Random(seed)
    return b"".join(_line(chance, number) for number in range(rows))


def _line(chance: random.Random, number: int) -> bytes:
    at = f"2026-03-02T1{number % 10}:00:{number % 60:02}Z"
    plain = f"{at},agent-{number % 7},RETAIL,R-{number},1,view,10,192.0.2.1"
    client = chance.choice(("RETAIL", "BANK", "", '"x,y"', '"two\nlines"'))
    odd = (
        f"{chance.choice(TIMES)},{chance.choice(USERS)},{client},R-1,{chance.choice(NUMBERS)},view,"
        f"{chance.choice(NUMBERS)},192.0.2.1{chance.choice(MORE)}"
    )
    encoding = "utf-8" if chance.random() < 0.98 else "cp1252"
    line = (odd if chance.random() < 0.3 else plain).encode(encoding, "replace")
    if chance.random() < 0.02:
        line = line[: chance.randrange(len(line) + 1)]
    if chance.random() < 0.005:
        line = line[:5] + b"\r" + line[5:]
    return line + chance.choice((b"\n", b"\n", b"\r\n"))


def described(folder: Path, more: str) -> LogSource:
    (folder / "log.yaml").write_text(SOURCE + more)
    sources, faults = log_sources([folder])
    assert not faults, faults
    return sources["log"]


def by_reference(source: LogSource) -> tuple[list[Row], int, int]:
    reading = new_reading(source, ALWAYS)
    rows = [
        (int(one.at.timestamp() // 1), matched(one.account), one.client, one.records, one.bytes)
        for one in read_log(source, ALWAYS, reading)
    ]
    return sorted(rows), reading.rows, reading.broken


def by_the_watch(source: LogSource, data: Path) -> tuple[list[Row], int, int]:
    rows: list[Row] = []

    class Noting(Counting):
        def count(self, *, again: bool) -> int:
            counted = super().count(again=again)
            for t, account, client, records, size in self.tables.execute(
                "SELECT t, account, client, records, bytes FROM chunk"
            ).fetchall():
                names = self.names
                rows.append((t, matched(names.accounts[account]), names.clients[client], records, size))
            return counted

    with counting_tables(data, NOW) as tables:
        counting = Noting(tables, source, Book(), NOW)
        reading = read_new(source, counting, [], None, NOW, Limits()).reading
        return sorted(rows), reading.rows, reading.broken + counting.nobodys


def old(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    os.utime(path, (1, 1))  # nobody writes it any more


@pytest.mark.parametrize("seed", range(6))
def test_both_read_a_messy_log_alike(tmp_path: Path, seed: int) -> None:
    old(tmp_path / "a.csv", HEAD.encode() + messy(seed))
    source = described(tmp_path, "format: csv\nlocation: a.csv\n")
    expected = by_reference(source)
    assert by_the_watch(source, tmp_path / "data") == expected
    accesses, rows, broken = expected
    assert len(accesses) + broken == rows
    assert min(len(accesses), broken) > 500


def test_chunks_cut_anywhere_change_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    old(
        tmp_path / "a.csv",
        HEAD.encode() + messy(7, 400) + ("x" * (LONGEST_LINE + 9) + "\n").encode() + messy(8, 50),
    )
    source = described(tmp_path, "format: csv\nlocation: a.csv\n")
    monkeypatch.setattr(log_files, "CHUNK", 3_001)
    assert by_the_watch(source, tmp_path / "data") == by_reference(source)


@pytest.mark.parametrize(
    "packed",
    [
        gzip.compress,
        lambda content: content.decode().encode("utf-16"),
        lambda content: b"\xef\xbb\xbf" + content,
    ],
)
def test_packings_and_encodings_are_the_same_log(tmp_path: Path, packed: Callable[[bytes], bytes]) -> None:
    rows = "".join(f"2026-03-02T10:00:00Z,J\u00f6rg {n},BANK,R,{n},view,1,\n" for n in range(500))
    old(tmp_path / "a.csv", packed((HEAD + rows).encode()))
    source = described(tmp_path, "format: csv\nlocation: a.csv\n")
    found = by_the_watch(source, tmp_path / "data")
    assert found == by_reference(source)
    assert found[1:] == (500, 0)


@pytest.mark.parametrize(
    ("more", "rows"),
    [
        (
            "time: epoch\n",
            "1772445600,a,B,R,1,v,1,\n1772445600.25,a,B,R,,v,,\n-5,a,B,R,1,v,1,\n1e9,a,B,R,1,v,1,\n",
        ),
        ("time: epoch_ms\n", "1772445600123,a,B,R,1,v,1,\n1772445600,a,B,R,1,v,1,\n"),
        ("time: '%d/%b/%Y:%H:%M:%S %z'\n", "02/Mar/2026:10:00:00 +0100,a,B,R,1,v,1,\nno,a,B,R,1,v,1,\n"),
        ("delimiter: ';'\n", "2026-03-02T10:00:00Z;a;B;R;1;v;1;\n2026-03-02T10:00:00Z;a,b;B;R;1;v;1;\n"),
        ("delimiter: '\t'\n", "2026-03-02T10:00:00Z\ta\tB\tR\t1\tv\t1\t\n"),
        ("client: theirs\n", "2026-03-02T10:00:00Z,a,B,R,1,v,1,\n"),
    ],
)
def test_every_way_to_write_a_log(tmp_path: Path, more: str, rows: str) -> None:
    text = SOURCE
    head = HEAD.replace(",", more.split("'")[1]) if "delimiter" in more else HEAD
    if "client: theirs" in more:
        text = SOURCE.replace("client: customer, ", "").replace("clients: {RETAIL: ours}\n", "")
    old(tmp_path / "a.csv", (head + rows).encode())
    (tmp_path / "log.yaml").write_text(text + "format: csv\nlocation: a.csv\n" + more)
    source = log_sources([tmp_path])[0]["log"]
    found = by_the_watch(source, tmp_path / "data")
    assert found == by_reference(source)
    assert found[0]


def test_a_log_without_a_head_takes_longer_rows(tmp_path: Path) -> None:
    old(tmp_path / "a.csv", b"2026-03-02T10:00:00Z,a,B,R,1,v,1,192.0.2.1,more\n2026-03-02T10:00:00Z,a,B\n")
    source = described(tmp_path, f"format: csv\nlocation: a.csv\nheader: [{', '.join(COLUMNS)}]\n")
    assert by_the_watch(source, tmp_path / "data") == by_reference(source)


def test_json_lines_are_the_references_own(tmp_path: Path) -> None:
    lines = [
        '{"time": "2026-03-02T10:00:00Z", "user": "a", "n": 3}', '{"time": "2026-03-02T10:00:00Z", "n": 3}',
        "[]", "", "{", '{"time": "2026-03-02T10:00:00Z", "user": "\\u0061", "size": 7}', '{"user": NaN}',
    ]  # fmt: skip
    old(tmp_path / "a.jsonl", "\n".join(lines).encode())
    source = described(tmp_path, "format: jsonl\nlocation: a.jsonl\n")
    found = by_the_watch(source, tmp_path / "data")
    assert found == by_reference(source)
    assert found[1:] == (6, 4)


OBJECT = {
    "time": "2026-03-02T10:00:00Z",
    "user": "agent-7",
    "customer": "RETAIL",
    "id": "R",
    "n": 1,
    "verb": "v",
}
ODD: tuple[Any, ...] = (
    *(
        "agent 1",
        "a\u00e9",
        'a"b',
        "a\\b",
        "",
        "  a ",
        "x" * 300,
        "\u00a0",
        "\ud83d\ude00",
        "a\tb",
        "null",
        "12",
    ),
    *(0, 1, -1, 7, 1.5, 2.0, 10**14, 10**16, 10**400, True, False, None, [], [1, "a"], {}, {"user": "inner"}),
    *({"deep": {"er": 1}}, "2026-03-02T10:00:00", "1e3", -0.0),
)


def odd_object(chance: random.Random) -> bytes:
    """A JSON line with something odd in it, or nothing."""
    told = dict(OBJECT)
    if chance.random() < 0.5:
        told[chance.choice([*COLUMNS, "other", "where"])] = chance.choice(ODD)
    if chance.random() < 0.1:
        told.pop(chance.choice(list(told)))
    pairs = [(key, json.dumps(value, ensure_ascii=chance.random() < 0.5)) for key, value in told.items()]
    if chance.random() < 0.005:
        pairs.append(("user", '"another"'))  # twice: the last one counts
    chance.shuffle(pairs)
    colon, comma = chance.choice(((": ", ", "), (":", ","), (" : ", " , ")))
    line = "{" + comma.join(f'"{key}"{colon}{value}' for key, value in pairs) + "}"
    return line.encode("utf-8", "surrogatepass") + chance.choice((b"\n", b"\r\n", b"\n\n", b" \n"))


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("time", ["iso", "epoch"])
def test_both_read_messy_json_alike(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int, time: str
) -> None:
    chance = random.Random(seed)
    monkeypatch.setattr(log_files, "CHUNK", 20_000)  # so that a chunk without a key twice is among them
    lines = b"".join(odd_object(chance) for _ in range(2_000))
    if time == "epoch":
        lines = lines.replace(b'"2026-03-02T10:00:00Z"', b"1772445600.5")
    old(tmp_path / "a.jsonl", lines)
    source = described(tmp_path, f"format: jsonl\nlocation: a.jsonl\ntime: {time}\n")
    expected = by_reference(source)
    assert by_the_watch(source, tmp_path / "data") == expected
    assert min(len(expected[0]), expected[2]) > 100


def test_keys_below_keys_are_read_where_they_lie(tmp_path: Path) -> None:
    lines = [
        '{"time": "2026-03-02T10:00:00Z", "user": {"name": "a"}, "seen": 0.5}',
        '{"time": "2026-03-02T10:00:00Z", "user": "b"}', '{"time": "2026-03-02T10:00:00Z", "user.name": "c"}',
        '{"time": "2026-03-02T10:00:00Z", "user": {"name": 7, "more": [1]}}', '{"user": {"time": "x"}}',
        '{"time": "2026-03-02T10:00:00Z", "user": {"name": true}}',
        '{"name": "d", "time": "2026-03-02T10:00:00Z"}',
    ]  # fmt: skip
    old(tmp_path / "a.jsonl", "".join(f"{line}\n" for line in lines).encode())
    (tmp_path / "log.yaml").write_text(
        "id: log\nsystem: crm\nformat: jsonl\nlocation: a.jsonl\ncolumns: {at: time, account: user.name}\n"
    )
    source = log_sources([tmp_path])[0]["log"]
    found = by_the_watch(source, tmp_path / "data")
    assert found == by_reference(source)
    assert [account for _, account, *_ in found[0]] == ["7", "a", "c", "true"]


def test_a_file_that_is_damaged_or_lacks_a_column_is_told(tmp_path: Path) -> None:
    whole = gzip.compress((HEAD + "2026-03-02T10:00:00Z,a,B,R,1,v,1,\n" * 9_000).encode())
    old(tmp_path / "a.csv", whole[: len(whole) // 2])
    old(tmp_path / "b.csv", b"time,user\n2026-03-02T10:00:00Z,a\n")
    source = described(tmp_path, "format: csv\nlocation: '*.csv'\n")
    with counting_tables(tmp_path / "data", NOW) as tables:
        missing = read_new(
            source, Counting(tables, source, Book(), NOW), [], None, NOW, Limits()
        ).reading.missing
    assert [one.partition(":")[0] for one in missing] == [
        "a.csv could not be read to its end", "b.csv was not read",
    ]  # fmt: skip

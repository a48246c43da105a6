"""The rows of a log counted chunk by chunk into sums of accounts, clients and stretches."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

import duckdb

from flows.access_watch.book import Book
from flows.access_watch.naming import ALL, BEYOND, DAY, NOBODY, Names
from flows.access_watch.plain_json import keys_of
from flows.access_watch.tables import append
from flows.forensics.log_sources import LogSource
from flows.forensics.row_reading import FIELDS
from playbooks.access_watch.rules import Bulk, Travel
from playbooks.forensics.accesses import Access

FOLDED_AT = 1_000_000
"""Sums of stretches that are held before those that are over and far below every limit go."""
_MOST = 1e30
WORTH_KEEPING = 0.05
"""Of a limit: a stretch that is over and below that is forgotten."""

_AT = {
    "iso": """epoch(left(told, 19)::TIMESTAMP)::BIGINT - CASE WHEN told[-6] IN ('+', '-')
        THEN (told[-6] || '1')::BIGINT * (told[-5:-4]::BIGINT * 3600 + told[-2:]::BIGINT * 60) ELSE 0 END""",
    "epoch": "split_part(told, '.', 1)::BIGINT",
    "epoch_ms": "told::BIGINT // 1000",
}
_OUR = {one: "told" if one == "at" else one for one in FIELDS}
_IS_NAIVE = {"iso": "told[-1] <> 'Z' AND told[-6] NOT IN ('+', '-')"}
_CHUNK = """
CREATE OR REPLACE TEMP TABLE chunk AS
SELECT a.id AS account, a.profile, c.id AS client, x.privileged, d.place, records, bytes,
    t - coalesce(n.shift, 0) AS t, coalesce(t - coalesce(n.shift, 0) >= a.left_at, false) AS past
FROM typed JOIN account AS a ON typed.account = a.raw JOIN client AS c ON typed.client = c.raw
    JOIN action AS x ON typed.action = x.raw JOIN address AS d ON typed.address = d.raw
    LEFT JOIN naive AS n ON typed.naive AND typed.t // 3600 = n.hour
WHERE a.id > 0
"""
_DAYS = """
INSERT INTO days SELECT account, client, day, shift, past, privileged, $again, count(*), sum(records),
    sum(bytes), min(t), max(t)
FROM chunk JOIN clock ON chunk.profile = clock.profile AND chunk.t // $slot = clock.slot
GROUP BY account, client, day, shift, past, privileged
"""
_TAKEN = """
INSERT INTO taken SELECT account, client, within, begins, $again, count(*), sum(records), sum(bytes),
    min(t), max(t)
FROM chunk JOIN stretch ON chunk.profile = stretch.profile AND chunk.t // $slot = stretch.slot
GROUP BY account, client, within, begins
"""
_TAKEN_OF_CLIENTS = """
INSERT INTO taken SELECT $all, client, within, begins, $again, count(*), sum(records), sum(bytes),
    min(t), max(t)
FROM chunk JOIN stretch ON stretch.profile = 0 AND chunk.t // $slot = stretch.slot
WHERE client > 0 GROUP BY client, within, begins
"""
_STAYS = """
INSERT INTO moves
WITH placed AS (SELECT account, place, t FROM chunk WHERE place IS NOT NULL),
    ends AS (SELECT account, min(place) AS one, max(place) AS other, min(t) AS t0, max(t) AS t1
        FROM placed GROUP BY account),
    turns AS (SELECT account, place, t, lag(place) OVER by_time AS before, lead(place) OVER by_time AS after
        FROM placed SEMI JOIN (SELECT account FROM ends WHERE one <> other) USING (account)
        WINDOW by_time AS (PARTITION BY account ORDER BY t, place))
SELECT account, one, unnest([t0, t1]) FROM ends WHERE one = other
UNION ALL SELECT account, place, t FROM turns
WHERE before IS DISTINCT FROM place OR after IS DISTINCT FROM place
"""

_WORTH = """
CREATE OR REPLACE TEMP TABLE kept AS
WITH worth AS (SELECT account, CASE WHEN account = $all THEN client ELSE 0 END AS of, s.within, begins
    FROM taken_in_all AS s JOIN few AS f ON s.within = f.within AND f.of_all = (s.account = $all)
    GROUP BY ALL HAVING begins + s.within > $over OR sum(s.records) >= any_value(f.records)
        OR sum(s.bytes) >= any_value(f.bytes))
SELECT t.account, t.client, t.within, t.begins, again, sum(n), sum(t.records), sum(t.bytes), min(t0), max(t1)
FROM taken AS t SEMI JOIN worth AS w ON t.account = w.account AND t.within = w.within
    AND t.begins = w.begins AND (t.account <> $all OR t.client = w.of)
GROUP BY t.account, t.client, t.within, t.begins, again;
"""


class Counting:
    """The sums of one run over one log."""

    def __init__(
        self, tables: duckdb.DuckDBPyConnection, source: LogSource, book: Book, now: datetime
    ) -> None:
        self.tables, self.names = tables, Names(tables, source, book)
        self._source = source
        self.latest = int(now.timestamp()) + DAY
        """What is dated later than tomorrow moves no mark: a clock was wrong."""
        self._late = int(book.settings.late.total_seconds())
        self._bulk = [rule for rule in book.of_log(source.id) if isinstance(rule, Bulk)]
        self._asks_places = any(isinstance(rule, Travel) for rule in book.of_log(source.id))
        self.nobodys = self.beyond = self.ahead = 0
        self.last: int | None = None
        """The newest instant counted, in seconds since 1970."""
        self._fold_at = FOLDED_AT
        self._limits()

    def load_lines(self, lines: bytes, width: int, columns: Mapping[str, int]) -> int:
        """Take in plain lines of CSV and return how many rows that made; `count` counts them.

        `columns` tells at which place of a row each of FIELDS stands. Raises duckdb.Error where a line is not
        plain after all.
        """
        read = self.tables.read_csv(
            io.BytesIO(lines), header=False, auto_detect=False, sep=self._source.delimiter, quotechar='"',
            escapechar='"', columns={f"c{place}": "VARCHAR" for place in range(width)},
        )  # fmt: skip
        texts = ", ".join(
            f"coalesce(c{columns[one]}, '') AS {_OUR[one]}" if one in columns else f"'' AS {_OUR[one]}"
            for one in FIELDS
        )
        return self._load(read.project(texts))

    def load_objects(self, lines: bytes, paths: Sequence[tuple[str, ...]]) -> int:
        """Take in plain JSON lines, `paths` leading to each of FIELDS; as `load_lines`.

        None is taken in where a key stands in a line twice.
        """
        read = self.tables.read_csv(
            io.BytesIO(lines), header=False, auto_detect=False, sep="\1", quotechar="", escapechar="",
            columns={"line": "VARCHAR"},
        )  # fmt: skip
        keys = keys_of(self._source)
        told = ", ".join(f"count(*) FILTER (contains(line, '{key}'))" for key in keys)
        (once,) = read.aggregate(told).fetchall()
        if once != tuple(lines.count(key.encode()) for key in keys):
            return 0  # some line has a key twice, of which parsers take one or the other
        asked = ", ".join(f"'{_json_path(path)}'" for path in paths if path)
        places = {one: number for number, one in enumerate((one for one in paths if one), 1)}
        texts = ", ".join(
            f"coalesce(v[{places[path]}], '') AS {_OUR[one]}" if path else f"'' AS {_OUR[one]}"
            for one, path in zip(FIELDS, paths, strict=True)
        )
        return self._load(read.project(f"json_extract_string(line, [{asked}]) AS v").project(texts))

    def loaded(self, load: Callable[[], int], lines: bytes) -> bool:
        """Whether loading some lines made a row of each."""
        try:
            return load() == lines.count(b"\n")
        except (duckdb.DataError, duckdb.InvalidInputException):
            return False

    def _load(self, texts: duckdb.DuckDBPyRelation) -> int:
        """Put rows of texts into `typed` and return how many they are."""
        kind = self._source.time
        self.tables.execute("DELETE FROM typed")
        texts.project(
            f"{_AT[kind]} AS t, {_IS_NAIVE.get(kind, 'false')} AS naive, account, client, action, address,"
            " coalesce(try_cast(records AS BIGINT), 1) AS records,"
            " coalesce(try_cast(bytes AS BIGINT), 0) AS bytes"
        ).insert_into("typed")
        ((rows,),) = self.tables.execute("SELECT count(*) FROM typed").fetchall()
        return int(rows)

    def add(self, accesses: Sequence[Access], *, again: bool) -> None:
        """Count accesses that the reference reader read."""
        self.tables.execute("DELETE FROM typed")
        append(
            self.tables,
            "INSERT INTO typed SELECT unnest(?::BIGINT[]), false, unnest(?::VARCHAR[]), unnest(?::VARCHAR[]),"
            " unnest(?::VARCHAR[]), unnest(?::VARCHAR[]), unnest(?::BIGINT[]), unnest(?::BIGINT[])",
            [
                [int(one.at.timestamp() // 1) for one in accesses],
                [one.account for one in accesses],
                [one.client for one in accesses],
                [one.action for one in accesses],
                [one.address for one in accesses],
                [one.records for one in accesses],
                [one.bytes for one in accesses],
            ],
        )
        self.count(again=again)

    def count(self, *, again: bool) -> int:
        """Count what was taken in, and return how many rows that was.

        `again` says that an earlier run may have counted those rows.
        """
        tables, names = self.tables, self.names
        names.learn()
        tables.execute(_CHUNK)
        names.learn_clock()
        rows = self._tell_rows()
        slot = {"slot": names.slot, "again": again}
        tables.execute(_DAYS, slot)
        if self._bulk:
            tables.execute(_TAKEN, slot)
        if any(rule.by == ("client",) for rule in self._bulk):
            tables.execute(_TAKEN_OF_CLIENTS, {**slot, "all": ALL})
        if self._asks_places and names.places:
            tables.execute(_STAYS)
        ((held,),) = tables.execute("SELECT count(*) FROM taken").fetchall()
        if held > self._fold_at and self.last is not None:
            self.fold(self.last - self._late)
        return rows

    def fold(self, over: int) -> None:
        """Let go of the stretches that ended before `over` (seconds since 1970) far below every limit."""
        self.tables.execute(_WORTH, {"all": ALL, "over": over})
        self.tables.execute("DELETE FROM taken")
        ((held,),) = self.tables.execute("INSERT INTO taken FROM kept").fetchall()
        self._fold_at = 2 * held + FOLDED_AT

    def _limits(self) -> None:
        """Write down what is far below every limit, for each length of stretch."""
        few: dict[tuple[int, bool], list[float]] = {}
        for rule in self._bulk:
            of = few.setdefault((int(rule.within.total_seconds()), rule.by == ("client",)), [_MOST, _MOST])
            for place, limit in enumerate((rule.records, rule.bytes)):
                of[place] = min(of[place], _MOST if limit is None else limit * WORTH_KEEPING)
        rows = [(*key, *of) for key, of in few.items()]
        append(
            self.tables,
            "INSERT INTO few SELECT unnest(?::INTEGER[]), unnest(?::BOOLEAN[]), unnest(?::DOUBLE[]),"
            " unnest(?::DOUBLE[])",
            list(zip(*rows, strict=True)),
        )

    def _tell_rows(self) -> int:
        ((rows, nobodys, beyond),) = self.tables.execute(
            """SELECT count(*), count(*) FILTER (a.id = $nobody), count(*) FILTER (a.id = $beyond)
               FROM typed JOIN account AS a ON typed.account = a.raw""",
            {"nobody": NOBODY, "beyond": BEYOND},
        ).fetchall()
        ((last, ahead),) = self.tables.execute(
            "SELECT max(t) FILTER (t <= $latest), count(*) FILTER (t > $latest) FROM chunk",
            {"latest": self.latest},
        ).fetchall()
        self.nobodys, self.beyond = self.nobodys + nobodys, self.beyond + beyond
        self.ahead += ahead
        if last is not None:
            self.last = max(last, self.last or last)
        return int(rows)


def _json_path(path: Sequence[str]) -> str:
    """A path of plain keys as DuckDB writes it."""
    return "$" + "".join(f'."{key}"' for key in path)

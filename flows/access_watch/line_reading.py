"""Lines of one file into counts: the plain ones by the fast reader, all others by the reference reader."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any, Protocol

from flows.access_watch.counting import Counting
from flows.access_watch.plain_json import plain_objects
from flows.access_watch.plain_rows import plain_lines
from flows.forensics.csv_rows import CsvRows
from flows.forensics.log_lines import LONGEST_LINE, mended
from flows.forensics.log_sources import LogSource
from flows.forensics.log_times import FIRST, LAST
from flows.forensics.reader import Picker, column_names, json_paths, json_rows, picked
from flows.forensics.row_reading import FIELDS, RowReader, Wanted
from playbooks.forensics.accesses import Access
from playbooks.forensics.reading import Reading

ALWAYS = Wanted(FIRST, LAST)
"""Every row of every account."""
BATCH = 20_000
"""Accesses that the reference reader reads before they are counted."""


class Slowly:
    """Counts rows that the reference reader reads one by one."""

    def __init__(self, source: LogSource, counting: Counting, reading: Reading, *, again: bool) -> None:
        self.counting, self.again = counting, again
        self._rows = RowReader(source, ALWAYS, reading)
        self._read: list[Access] = []

    def take(self, fields: Sequence[Any], file: str, line: int) -> None:
        """Read a row's values, in the order of FIELDS, and count the access that they tell."""
        access = self._rows.access(fields, file, line)
        if access is not None:
            self._read.append(access)
            if len(self._read) >= BATCH:
                self.flush()

    def flush(self) -> None:
        """Count what was read until now."""
        if self._read:
            self.counting.add(self._read, again=self.again)
            self._read.clear()


class Lines(Protocol):
    """The lines of one file from some place on, in whole lines."""

    line: int
    """The number of the next line."""

    def take(self, data: bytes) -> int:
        """Count the rows of some lines; returns how many bytes at their end are kept for the next ones."""
        ...

    def end(self) -> None:
        """Count what only the end of the file makes a row of."""
        ...


class JsonLines:
    """JSON, an object a line."""

    def __init__(self, source: LogSource, slowly: Slowly, reading: Reading, name: str, line: int) -> None:
        self.line, self._slowly, self._reading, self._name = line, slowly, reading, name
        self._paths = json_paths(source)
        self._plain = {is_utf8: plain_objects(source, is_utf8=is_utf8) for is_utf8 in (True, False)}

    def take(self, data: bytes) -> int:
        """Count the rows of some lines; nothing is kept."""
        plain = self._plain[_is_utf8(data)]
        fast, at = list[bytes](), 0
        while at < len(data):
            end = plain.match(data, at).end() if plain is not None else at  # type: ignore[union-attr] # it matches no line at all, too
            if end > at:
                fast.append(data[at:end])
                self.line += data.count(b"\n", at, end)
            else:
                end = data.find(b"\n", at) + 1 or len(data)
                self._one(data[at:end])
            at = end
        if fast:
            self._count(b"".join(fast).replace(b"\r\n", b"\n"))
        self._slowly.flush()
        return 0

    def end(self) -> None:
        """Nothing waits for the end."""

    def _one(self, line: bytes) -> None:
        lines = decoded(line, self._reading, self._name, self.line)
        for number, values in json_rows(self.line, lines, self._paths, self._name, self._reading):
            self._slowly.take(values, self._name, number)
        self.line += 1

    def _count(self, lines: bytes) -> None:
        """Count plain lines; should DuckDB see them otherwise, the reference reads them all."""
        counting = self._slowly.counting
        if counting.loaded(lambda: counting.load_objects(lines, self._paths), lines):
            self._reading.rows += counting.count(again=self._slowly.again)
            return
        before = self.line
        for line in io.BytesIO(lines):
            self._one(line)
        self.line = before


class CsvLines:
    """CSV below its head."""

    def __init__(
        self, source: LogSource, header: Sequence[str], table: CsvRows, pick: Picker, slowly: Slowly,
        reading: Reading, name: str, line: int,
    ) -> None:  # fmt: skip
        self.line, self._slowly, self._reading, self._name = line, slowly, reading, name
        self._table, self._pick, self._width = table, pick, len(header)
        names, columns = column_names(header), source.columns.named
        self._columns = {one: names.index(columns[one]) for one in FIELDS if one in columns}
        self._plain = {is_utf8: plain_lines(source, header, is_utf8=is_utf8) for is_utf8 in (True, False)}
        self._kept = 0
        """Bytes of lines whose quote is still open."""

    def take(self, data: bytes) -> int:
        """Count the rows of some lines; those from a quote on that is still open are kept."""
        plain = self._plain[_is_utf8(data)]
        fast, at = list[bytes](), 0
        while at < len(data):
            if plain is not None and not self._table.is_open:
                end = plain.match(data, at).end()  # type: ignore[union-attr] # it matches no line at all, too
                if end > at:
                    fast.append(data[at:end])
                    self.line += data.count(b"\n", at, end)
                    at = end
                    continue
            end = data.find(b"\n", at) + 1 or len(data)
            self._one(data[at:end])
            at = end
        if fast:
            self._count(b"".join(fast))
        self._slowly.flush()
        return self._kept

    def end(self) -> None:
        """Count what stands behind a quote that was never closed."""
        for number, values in picked(self._table.rest(), self._pick, self._name, self._reading):
            self._slowly.take(values, self._name, number)
        self._slowly.flush()

    def _one(self, line: bytes) -> None:
        lines = decoded(line, self._reading, self._name, self.line)
        rows = self._table.rows(self.line, lines) if lines else iter(())
        for number, values in picked(rows, self._pick, self._name, self._reading):
            self._slowly.take(values, self._name, number)
        self.line += 1
        self._kept = self._kept + len(line) if self._table.is_open else 0

    def _count(self, lines: bytes) -> None:
        """Count plain lines; should DuckDB see them otherwise, the reference reads them all."""
        if b"\r" in lines:
            lines = lines.replace(b"\r\n", b"\n")
        counting = self._slowly.counting
        if counting.loaded(lambda: counting.load_lines(lines, self._width, self._columns), lines):
            self._reading.rows += counting.count(again=self._slowly.again)
            return
        before = self.line
        for line in io.BytesIO(lines):
            self._one(line)
        self.line = before


def decoded(line: bytes, reading: Reading, name: str, number: int) -> list[str]:
    """One line as the reference reads it; none where it is too long, which is counted."""
    text = line.decode("utf-8", "surrogateescape")
    if len(text) < LONGEST_LINE:
        return mended([text], reading)
    reading.rows += 1
    reading.fault(name, number, f"longer than {LONGEST_LINE:,} characters")
    return []


def _is_utf8(data: bytes) -> bool:
    if data.isascii():
        return True
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True

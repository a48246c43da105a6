"""What is new in a log, read and counted: its files from their marks on, its table from an instant on."""

from __future__ import annotations

import io
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from flows.access_watch.counting import Counting
from flows.access_watch.line_reading import ALWAYS, CsvLines, JsonLines, Lines, Slowly, decoded
from flows.access_watch.log_files import (
    HEAD,
    Opened,
    beginning,
    heads_of,
    known_by,
    opened,
    passed_over,
    pieces,
    without_mark,
)
from flows.access_watch.marks import FileMark
from flows.forensics.csv_rows import CsvRows
from flows.forensics.limits import Limits
from flows.forensics.log_sources import LogSource
from flows.forensics.log_table import table_rows
from flows.forensics.reader import column_names, files_of, new_reading, picker
from flows.forensics.row_reading import Wanted
from playbooks.forensics.reading import Reading

MOST_MARKS = 1_000
"""Files that are known again, or twice as many as there are; past it those go that were away for longest."""
QUIET = timedelta(minutes=1)
"""A file that was not written for so long is read to its very end, though its last line does not end."""

LOOKED_EVERY = 10_000
"""Rows of a table between two looks at the limits."""


@dataclass(slots=True)
class NewRows:
    """What one run read of a log."""

    reading: Reading
    marks: list[FileMark]
    is_whole: bool = True
    """Whether everything was read that was there; else the next run goes on."""
    restarted: int = 0
    """Files that were shorter than what had been read of them."""


def read_new(
    source: LogSource, counting: Counting, marks: Sequence[FileMark], since: datetime | None, now: datetime,
    limits: Limits,
) -> NewRows:  # fmt: skip
    """Count what a log holds beyond its marks; a table is read from `since` on, or whole.

    Never raises for what a log holds: what cannot be read is told in the reading.
    """
    reading = new_reading(source, ALWAYS)
    new = NewRows(reading, list(marks))
    if source.format == "sql":
        _read_table(source, counting, new, since, now, limits)
    else:
        _read_files(source, counting, new, now, limits)
    return new


def _read_table(
    source: LogSource, counting: Counting, new: NewRows, since: datetime | None, now: datetime, limits: Limits
) -> None:
    wanted = Wanted(since or ALWAYS.since, now + timedelta(days=1))
    slowly = Slowly(source, counting, new.reading, again=True)
    for number, fields in enumerate(table_rows(source, wanted, new.reading), 1):
        slowly.take(fields, source.table or "", number)
        if number % LOOKED_EVERY == 0 and (why := limits.why_stop(number)):
            new.is_whole = False
            new.reading.missing.append(why)
            break
    slowly.flush()


def _read_files(source: LogSource, counting: Counting, new: NewRows, now: datetime, limits: Limits) -> None:
    files = files_of(source)
    if not files:
        new.reading.missing.append("no file lies where the source says")
    for path in files:
        new.reading.files += 1
        try:
            _OneFile(path, source, counting, new, now).read(limits)
        except (OSError, EOFError, zlib.error) as error:
            why = getattr(error, "strerror", None) or "it breaks off or is damaged"
            new.reading.missing.append(f"{path.name} could not be read to its end: {why}")
        if not new.is_whole:
            return
    new.marks = _kept(new.marks, max(MOST_MARKS, 2 * len(files)))


class _OneFile:
    """The reading of one file from its mark on."""

    def __init__(
        self, path: Path, source: LogSource, counting: Counting, new: NewRows, now: datetime
    ) -> None:
        self._path, self._source, self._counting, self._new, self._now = path, source, counting, new, now
        self._stat = path.stat()
        self._head = b""
        self._mark: FileMark | None = None
        """The mark that this file's next one takes the place of."""

    def read(self, limits: Limits) -> None:
        """Count what is new, and put the file's mark behind it."""
        if (same := self._unchanged()) is not None:
            self._new.marks = [*(one for one in self._new.marks if one is not same), same]
            return
        self._head = beginning(self._path)
        mark = known_by(self._head, self._stat.st_ino, self._new.marks)
        with opened(self._path) as file:
            start = (mark.offset, mark.line) if mark is not None else (without_mark(self._head), 1)
            again = not passed_over(file, start[0])
        if again:
            self._new.restarted += 1
            start = (without_mark(self._head), 1)
        elif mark is not None and mark.inode == self._stat.st_ino:
            self._mark = mark
        self._read_from(start, limits, again=again)

    def _unchanged(self) -> FileMark | None:
        """The mark of this very file, where nothing was written to it since it was read to its end."""
        stat = self._stat
        now = (stat.st_ino, stat.st_size, stat.st_mtime_ns)
        return next((one for one in self._new.marks if (one.inode, one.size, one.modified) == now), None)

    def _read_from(self, start: tuple[int, int], limits: Limits, *, again: bool) -> None:
        source, reading = self._source, self._new.reading
        slowly = Slowly(source, self._counting, reading, again=again)
        with opened(self._path) as file:
            lines: Lines | None
            if source.format == "jsonl":
                lines = JsonLines(source, slowly, reading, self._path.name, start[1])
            else:
                lines, start = self._csv(start, slowly)
            if lines is None:
                return
            passed_over(file, start[0])
            self._take(file, lines, start[0], limits)

    def _take(self, file: Opened, lines: Lines, offset: int, limits: Limits) -> None:
        kept = 0
        for piece in pieces(file.stream):
            if not piece.is_whole and not self._is_quiet(file):
                return
            kept = lines.take(piece.data)
            offset += piece.length
            kept_lines = piece.data.count(b"\n", len(piece.data) - kept) if kept else 0
            self._remember(offset - kept, lines.line - kept_lines)
            if limits.why_stop(self._new.reading.rows):
                self._new.is_whole = False
                return
        if kept and not self._is_quiet(file):
            return
        lines.end()
        self._remember(offset, lines.line, self._stat.st_size)

    def _is_quiet(self, file: Opened) -> bool:
        written = datetime.fromtimestamp(self._stat.st_mtime, UTC)
        return file.is_packed or self._now - written >= QUIET

    def _csv(self, start: tuple[int, int], slowly: Slowly) -> tuple[CsvLines | None, tuple[int, int]]:
        """The lines below the head; none where the head lacks a column or is not written yet."""
        source, reading, name = self._source, self._new.reading, self._path.name
        table = CsvRows(name, source.delimiter, reading)
        header, behind = list(source.header), (without_mark(self._head), 1)
        if not header:
            header, behind = self._header(behind)
        if not header:
            return None, start
        pick = picker(header, source, table)
        if pick is None:
            absent = sorted(set(source.columns.named.values()) - set(column_names(header)))
            reading.missing.append(f"{name} was not read: it has no column {', '.join(absent)}")
            return None, start
        start = max(start, behind)
        return CsvLines(source, header, table, pick, slowly, reading, name, start[1]), start

    def _header(self, start: tuple[int, int]) -> tuple[list[str], tuple[int, int]]:
        """The first row that is not empty, and where the rows below it begin."""
        scratch = new_reading(self._source, ALWAYS)
        table = CsvRows(self._path.name, self._source.delimiter, scratch)
        offset, number = start
        with opened(self._path) as file:
            passed_over(file, offset)
            for piece in pieces(file.stream):
                if not piece.is_whole and not self._is_quiet(file):
                    break
                for line in io.BytesIO(piece.data):
                    text = decoded(line, scratch, self._path.name, number)
                    offset, number = offset + len(line), number + 1
                    rows = table.rows(number, text) if text else iter(())
                    if header := next((row for _, row in rows if any(row)), None):
                        return header, (offset, number)
        return [], start

    def _remember(self, offset: int, line: int, size: int = -1) -> None:
        """Put the file's mark where it was read to; with its size once nothing more is in it.

        The mark of other content that lay here stays: a copy made before the file was cut off is known by it.
        """
        head = self._head[: min(HEAD, offset)]
        stat = self._stat
        mark = FileMark(heads_of(head), stat.st_ino, offset, line, size, stat.st_mtime_ns)
        self._new.marks = [*(one for one in self._new.marks if one is not self._mark), mark]
        self._mark = mark


def _kept(marks: list[FileMark], most: int) -> list[FileMark]:
    """The marks of the files met last, one for each beginning."""
    latest: dict[tuple[tuple[int, str], ...], FileMark] = {}
    for mark in marks:
        before = latest.pop(mark.heads, mark)
        latest[mark.heads] = max(mark, before, key=lambda one: one.offset)
    return list(latest.values())[-most:]

"""The one reader of access logs: CSV, JSON lines and tables, streamed, every row accounted for."""

from __future__ import annotations

import glob
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from operator import itemgetter
from pathlib import Path
from typing import Any

from flows.forensics.csv_rows import CsvRows
from flows.forensics.limits import Limits
from flows.forensics.log_lines import batches
from flows.forensics.log_sources import LogSource
from flows.forensics.log_table import table_rows
from flows.forensics.row_reading import FIELDS, RowReader, Wanted
from playbooks.forensics.accesses import Access
from playbooks.forensics.reading import Reading

CHECKED_EVERY = 2_000
"""Rows between two looks at the limits."""


def new_reading(source: LogSource, wanted: Wanted) -> Reading:
    """An empty reading of a source for a window."""
    return Reading(source.id, source.system, wanted.since, wanted.until, source.longest_silence)


def read_log(
    source: LogSource, wanted: Wanted, reading: Reading, limits: Limits | None = None
) -> Iterator[Access]:
    """Every wanted access of a source, in the order of its rows; `reading` is whole once they are used up.

    Never raises for what a log holds: what cannot be read is counted, and told in the reading.
    """
    limits = limits or Limits()
    rows = RowReader(source, wanted, reading)
    try:
        if source.format == "sql":
            yield from _of_table(source, wanted, reading, rows, limits)
        else:
            yield from _of_files(source, reading, rows, limits)
    finally:
        rows.close()


def files_of(source: LogSource) -> list[Path]:
    """The files of a source, in the order of their names."""
    return sorted(path for path in map(Path, glob.glob(str(source.pattern))) if path.is_file())  # noqa: PTH207 - may be absolute


def _of_files(source: LogSource, reading: Reading, rows: RowReader, limits: Limits) -> Iterator[Access]:
    files = files_of(source)
    if not files:
        reading.missing.append("no file lies where the source says")
    read = _json_rows if source.format == "jsonl" else _csv_rows
    for path in files:
        reading.files += 1
        rows.begin_file()
        for batch in read(path, source, reading):
            for line, fields in batch:
                access = rows.access(fields, path.name, line)
                if access is not None:
                    yield access
            if why := limits.why_stop(reading.rows):
                reading.missing.append(why)
                return


def _of_table(
    source: LogSource, wanted: Wanted, reading: Reading, rows: RowReader, limits: Limits
) -> Iterator[Access]:
    for number, fields in enumerate(table_rows(source, wanted, reading), 1):
        access = rows.access(fields, source.table or "", number)
        if access is not None:
            yield access
        if number % CHECKED_EVERY == 0 and (why := limits.why_stop(number)):
            reading.missing.append(why)
            return


Fields = Sequence[Any]
Rows = Iterator[tuple[int, Fields]]


@dataclass(frozen=True, slots=True)
class Picker:
    """Takes the values of FIELDS from a row of CSV to which one empty value was added."""

    values: Callable[[Fields], Fields]
    last: int
    """The place of the last column that is wanted."""
    width: int | None
    """How many columns the file's own head names; None where it has none."""

    def amiss(self, row: list[str]) -> str:
        """Why the values of a row do not stand under their names; empty where they do."""
        if len(row) <= self.last:
            return "fewer columns than its head"
        if self.width is not None and len(row) > self.width and any(row[self.width :]):
            return "more columns than its head"
        return ""


def _csv_rows(path: Path, source: LogSource, reading: Reading) -> Iterator[Rows]:
    """Batches of rows of a CSV file, each row's values in the order of FIELDS."""
    table = CsvRows(path.name, source.delimiter, reading)
    header = list(source.header)
    pick = None
    for first, lines in batches(path, reading):
        numbered = table.rows(first, lines)
        header = header or next((row for _, row in numbered if any(row)), [])
        if not header:
            yield iter(())  # so that the limits are looked at
            continue
        pick = pick or picker(header, source, table)
        if pick is None:
            absent = sorted(set(source.columns.named.values()) - set(column_names(header)))
            reading.missing.append(f"{path.name} was not read: it has no column {', '.join(absent)}")
            return
        yield picked(numbered, pick, path.name, reading)
    if pick is not None:
        yield picked(table.rest(), pick, path.name, reading)


def column_names(header: Sequence[str]) -> list[str]:
    """The names in a head."""
    return [name.strip() for name in header]


def picker(header: Sequence[str], source: LogSource, table: CsvRows) -> Picker | None:
    """How the values of FIELDS are taken from a row; None if a column lacks."""
    names, columns = column_names(header), source.columns.named
    table.width = len(names)
    if not set(columns.values()) <= set(names):
        return None
    places = [names.index(columns[one]) if one in columns else -1 for one in FIELDS]
    return Picker(itemgetter(*places), max(places), None if source.header else len(names))


def picked(numbered: Iterator[tuple[int, list[str]]], pick: Picker, file: str, reading: Reading) -> Rows:
    """The values of rows in the order of FIELDS; a row with values missing or under wrong names is broken."""
    for number, row in numbered:
        if not row:
            continue  # an empty line
        if why := pick.amiss(row):
            reading.rows += 1
            reading.fault(file, number, why)
            continue
        row.append("")
        yield number, pick.values(row)


def _json_rows(path: Path, source: LogSource, reading: Reading) -> Iterator[Rows]:
    """Batches of rows of JSON lines, each row's values in the order of FIELDS."""
    paths = json_paths(source)
    for first, lines in batches(path, reading):
        yield json_rows(first, lines, paths, path.name, reading)


def json_paths(source: LogSource) -> list[tuple[str, ...]]:
    """The keys that lead to each of FIELDS; none where the log has no such value."""
    columns = source.columns.named
    return [tuple(columns[one].split(".")) if one in columns else () for one in FIELDS]


def json_rows(
    first: int, lines: list[str], paths: Sequence[tuple[str, ...]], file: str, reading: Reading
) -> Rows:
    """The values of JSON lines in the order of FIELDS; a line that is no object is broken."""
    for number, line in enumerate(lines, first):
        if not line.strip():
            continue
        try:
            told = json.loads(line)
        except (ValueError, RecursionError):
            told = None
        if isinstance(told, dict):
            yield number, [_at(told, path) for path in paths]
        else:
            reading.rows += 1
            reading.fault(file, number, "not a JSON object")


def _at(told: dict[str, Any], path: tuple[str, ...]) -> Any:
    """What stands at a path of keys; a key with dots in it counts too."""
    if not path:
        return ""
    value: Any = told
    for key in path:
        if not isinstance(value, dict) or key not in value:
            return told.get(".".join(path), "")
        value = value[key]
    return value

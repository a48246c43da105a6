"""Rows of an access log that is a table: one SELECT of ours, bound parameters, nothing that could write."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from sqlalchemy import (
    Connection,
    DateTime,
    Integer,
    Select,
    column,
    create_engine,
    inspect,
    literal,
    select,
    table,
)
from sqlalchemy.exc import SQLAlchemyError

from flows.forensics.log_sources import LogSource
from flows.forensics.row_reading import FIELDS, Wanted
from playbooks.forensics.reading import Reading
from playbooks.zones import zone

BATCH = 5_000
_MARGIN = timedelta(days=1)
"""The database looks so much further to both sides; the exact window is asked of each row."""


def table_rows(
    source: LogSource, wanted: Wanted, reading: Reading, env: Mapping[str, str] = os.environ
) -> Iterator[Sequence[Any]]:
    """The rows of the window, of every account; what cannot be read is told among what is missing."""
    url = env.get(source.connection or "")
    if not url:
        reading.missing.append(f"{source.connection} is not set: the table was not read")
        return
    try:
        with _connected(url) as connection:
            statement = _statement(connection, source, wanted, reading)
            if statement is not None:
                reading.files += 1
                yield from connection.execute(statement)
    except (
        SQLAlchemyError,
        ImportError,
        ValueError,
    ) as error:  # its text may hold the address, and so a password
        reading.missing.append(f"the table could not be read to its end: {type(error).__name__}")


@contextmanager
def _connected(url: str) -> Iterator[Connection]:
    engine = create_engine(url)
    try:
        if engine.dialect.name == "postgresql":
            engine = engine.execution_options(postgresql_readonly=True)
        with engine.connect() as connection:
            if engine.dialect.name == "sqlite":
                connection.exec_driver_sql("PRAGMA query_only = ON")
            yield connection.execution_options(stream_results=True, yield_per=BATCH)
    finally:
        engine.dispose()


def _statement(
    connection: Connection, source: LogSource, wanted: Wanted, reading: Reading
) -> Select[Any] | None:
    """The SELECT of the source's columns, which must all be there; none where they are not."""
    schema, _, name = (source.table or "").rpartition(".")
    found = inspect(connection)
    if not found.has_table(name, schema=schema or None):
        reading.missing.append("there is no such table")
        return None
    kinds = {one["name"]: one["type"] for one in found.get_columns(name, schema=schema or None)}
    columns = source.columns.named
    if absent := sorted(set(columns.values()) - kinds.keys()):
        reading.missing.append(f"the table has no column {', '.join(absent)}")
        return None
    chosen = [column(columns[one]).label(one) if one in columns else literal("").label(one) for one in FIELDS]
    rows = select(*chosen).select_from(table(name, schema=schema or None))
    bounds = _bounds(kinds[columns["at"]], source, wanted)
    at: Any = column(columns["at"])
    return rows if bounds is None else rows.where(at >= bounds[0], at < bounds[1])


def _bounds(kind: Any, source: LogSource, wanted: Wanted) -> tuple[Any, Any] | None:
    """The window in the column's own terms; none where they are a text, which only we can read."""
    ends = (wanted.since - _MARGIN, wanted.until + _MARGIN)
    if isinstance(kind, Integer) and source.time in ("epoch", "epoch_ms"):
        scale = 1 if source.time == "epoch" else 1_000
        return tuple(int(end.timestamp()) * scale for end in ends)  # type: ignore[return-value] # two ends
    if isinstance(kind, DateTime) and kind.__class__.__module__.startswith("sqlalchemy.dialects.postgresql"):
        if kind.timezone:
            return ends
        return tuple(end.astimezone(zone(source.zone)).replace(tzinfo=None) for end in ends)  # type: ignore[return-value] # as above
    return None

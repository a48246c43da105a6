"""The tables in which one run counts, in a DuckDB of its own that ends with the run."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb

MEMORY = "384MB"
"""What DuckDB may hold; past it, it spills into the folder of the run."""
THREADS = 2
_SPILL = "access-watch-"
_LEFT = timedelta(days=1)

_TABLES = """
CREATE TABLE account (raw VARCHAR, id INTEGER, profile INTEGER, left_at BIGINT);
CREATE TABLE client (raw VARCHAR, id INTEGER);
CREATE TABLE action (raw VARCHAR, privileged BOOLEAN);
CREATE TABLE address (raw VARCHAR, place INTEGER);
CREATE TABLE naive (hour BIGINT, shift BIGINT);
CREATE TABLE clock (profile INTEGER, slot BIGINT, shift INTEGER, day BIGINT);
CREATE TABLE stretch (profile INTEGER, slot BIGINT, within INTEGER, begins BIGINT);
CREATE TABLE taken (account INTEGER, client INTEGER, within INTEGER, begins BIGINT, again BOOLEAN,
    n BIGINT, records HUGEINT, bytes HUGEINT, t0 BIGINT, t1 BIGINT);
CREATE TABLE days (account INTEGER, client INTEGER, day BIGINT, shift INTEGER, past BOOLEAN,
    privileged BOOLEAN, again BOOLEAN, n BIGINT, records HUGEINT, bytes HUGEINT, t0 BIGINT, t1 BIGINT);
CREATE TABLE few (within INTEGER, of_all BOOLEAN, records DOUBLE, bytes DOUBLE);
CREATE TABLE seen (account INTEGER, t BIGINT);
CREATE TABLE moves (account INTEGER, place INTEGER, t BIGINT);
CREATE TABLE typed (t BIGINT, naive BOOLEAN, account VARCHAR, client VARCHAR, action VARCHAR,
    address VARCHAR, records BIGINT, bytes BIGINT);
CREATE VIEW taken_in_all AS
    SELECT account, client, within, begins,
        greatest(coalesce(sum(n) FILTER (NOT again), 0), coalesce(sum(n) FILTER (again), 0)) AS n,
        greatest(coalesce(sum(records) FILTER (NOT again), 0), coalesce(sum(records) FILTER (again), 0))
            AS records,
        greatest(coalesce(sum(bytes) FILTER (NOT again), 0), coalesce(sum(bytes) FILTER (again), 0))
            AS bytes,
        min(t0) AS t0, max(t1) AS t1
    FROM taken GROUP BY account, client, within, begins;
CREATE VIEW days_in_all AS
    SELECT account, client, day, shift, past, privileged,
        greatest(coalesce(sum(n) FILTER (NOT again), 0), coalesce(sum(n) FILTER (again), 0)) AS n,
        greatest(coalesce(sum(records) FILTER (NOT again), 0), coalesce(sum(records) FILTER (again), 0))
            AS records,
        greatest(coalesce(sum(bytes) FILTER (NOT again), 0), coalesce(sum(bytes) FILTER (again), 0))
            AS bytes,
        min(t0) AS t0, max(t1) AS t1
    FROM days GROUP BY account, client, day, shift, past, privileged;
"""


@contextmanager
def counting_tables(data: Path, now: datetime) -> Iterator[duckdb.DuckDBPyConnection]:
    """Empty tables in memory; what does not fit goes to a folder that only we read and that is removed.

    The folder of a run that was killed goes with the first run a day later.
    """
    data.mkdir(parents=True, exist_ok=True)
    for left in data.glob(f"{_SPILL}*"):
        if left.stat().st_mtime < (now - _LEFT).timestamp():
            shutil.rmtree(left, ignore_errors=True)
    with tempfile.TemporaryDirectory(prefix=_SPILL, dir=data) as spill:  # made with 0700
        config: dict[str, str | bool | int | float | list[str]] = {
            "memory_limit": MEMORY,
            "threads": THREADS,
            "temp_directory": spill,
            "temp_file_encryption": True,
            "preserve_insertion_order": False,
            "enable_external_access": True,  # bytes in memory count as such
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
        }
        tables = duckdb.connect(":memory:", config=config)
        try:
            tables.execute(_TABLES)
            yield tables
        finally:
            tables.close()


def append(tables: duckdb.DuckDBPyConnection, statement: str, columns: Sequence[Sequence[Any]]) -> None:
    """Run an INSERT whose parameters are the columns of its rows; nothing where there is no row."""
    if columns and columns[0]:
        tables.execute(statement, [list(column) for column in columns])

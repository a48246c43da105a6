"""How each database is opened, so that a transaction is one on both."""

from __future__ import annotations

import os
import sqlite3
import time
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError

from playbooks.errors import SetupFault
from store.swift import raised

BEGINS = "seventytwo_begins"  # execution option: READING, WRITING (takes the write lock) or MIGRATING
_MAY_WRITE = "seventytwo_may_write"  # in the connection's info
LOCK_WAIT = 30  # seconds a transaction waits for another's lock before it gives up
_GLANCE = 0.0005  # seconds
_TAKE = "BEGIN IMMEDIATE"


def make_engine(url: str) -> Engine:
    """The engine of a `sqlite:///file` or `postgresql://` address; raises SetupFault."""
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):  # a port that is no number; the address may hold a password
        mend = "mend SEVENTYTWO_DATABASE_URL"
        raise SetupFault("not the address of a database", mend=mend) from None
    match parsed.get_backend_name():
        case "sqlite":
            return _sqlite(parsed)
        case "postgresql":
            return _postgresql(parsed)
        case other:
            mend = "give sqlite:///file or postgresql://user@host/name"
            raise SetupFault("no such kind of database", which=other, mend=mend)


def _postgresql(url: URL) -> Engine:
    options = f"-c lock_timeout={LOCK_WAIT}s -c timezone=UTC"
    return create_engine(
        url.set(drivername="postgresql+psycopg"),
        pool_size=8,
        max_overflow=24,
        pool_timeout=60,
        pool_pre_ping=True,
        hide_parameters=True,  # an error's text reaches logs, personal data must not
        connect_args={"options": options, "connect_timeout": 10},
    )


def _sqlite(url: URL) -> Engine:
    if not url.database or url.database == ":memory:":
        raise SetupFault("the store needs a file", which=str(url), mend="give sqlite:///path/to/file")
    _make_private(Path(url.database))
    engine = create_engine(
        url.set(drivername="sqlite+pysqlite"),
        pool_size=8,
        max_overflow=24,
        pool_timeout=60,
        hide_parameters=True,  # as above
    )
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "begin", _begin)
    return engine


def _make_private(path: Path) -> None:
    """Create the file with mode 0600, which its WAL inherits, or take others' rights from it."""
    try:
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
        if path.stat().st_mode & 0o077:
            path.chmod(0o600)
    except OSError as error:
        mend = "give a folder that exists and can be written"
        raise SetupFault("the database file cannot be opened", which=str(path), mend=mend) from error


def _set(connection: Any, pragma: str) -> None:
    """Set a pragma, again while another process opens the file: SQLite does not wait where a mode changes."""
    for _ in range(100):
        try:
            connection.execute(f"PRAGMA {pragma}").close()
        except sqlite3.OperationalError as error:
            if "locked" not in str(error):
                raise
            time.sleep(0.05)
        else:
            return
    connection.execute(f"PRAGMA {pragma}").close()


def _prepare(connection: Any, _record: Any) -> None:
    """Take the transactions away from the driver, which begins them too late and too weakly."""
    connection.isolation_level = None
    for pragma in (
        f"busy_timeout={LOCK_WAIT * 1000}",
        "journal_mode=WAL",
        "synchronous=NORMAL",
        "foreign_keys=ON",
        "secure_delete=FAST",
    ):
        _set(connection, pragma)


def _begin(connection: Connection) -> None:
    match connection.get_execution_options().get(BEGINS, "WRITING"):
        case "READING":
            _allow_writing(connection, False)
            connection.exec_driver_sql("BEGIN DEFERRED")
        case "MIGRATING":  # a batch drops and renames tables that others refer to
            connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        case _:
            _allow_writing(connection, True)
            _take_lock(connection)


def _take_lock(connection: Connection) -> None:
    """Begin to write, looking for the lock every half millisecond.

    SQLite's own waiting sleeps up to 100 ms at a time, while the lock is often free again after one or two.
    """
    cursor = connection.connection.cursor()
    cursor.execute("PRAGMA busy_timeout=0")
    try:
        until = time.monotonic() + LOCK_WAIT
        with raised(connection, _TAKE):
            while not _is_taken(cursor, last=time.monotonic() > until):
                time.sleep(_GLANCE)
    finally:
        cursor.execute(f"PRAGMA busy_timeout={LOCK_WAIT * 1000}")


def _is_taken(cursor: Any, *, last: bool) -> bool:
    """Whether the lock is ours now; raises the driver's error at the last look."""
    try:
        cursor.execute(_TAKE)
    except sqlite3.OperationalError as error:
        if last or getattr(error, "sqlite_errorcode", 0) & 0xFF != sqlite3.SQLITE_BUSY:
            raise
        return False
    return True


def _allow_writing(connection: Connection, allowed: bool) -> None:
    """Let the connection write or not; it keeps what it was told, so that it is told only of a change."""
    if connection.info.get(_MAY_WRITE, True) is not allowed:
        connection.exec_driver_sql(f"PRAGMA query_only={'OFF' if allowed else 'ON'}")
        connection.info[_MAY_WRITE] = allowed

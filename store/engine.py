"""How each database is opened, so that a transaction is one on both."""

from __future__ import annotations

import os
import sqlite3
import time
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Dialect, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, DisconnectionError
from sqlalchemy.pool import ConnectionPoolEntry

from playbooks.errors import SetupFault
from store.swift import raised
from store.types import plain

BEGINS = "seventytwo_begins"  # execution option: READING, WRITING, AT_ONCE (takes no held lock) or MIGRATING
_KEPT = "seventytwo_kept"  # in the connection's info: the pragmas that a mode set
LOCK_WAIT = 30  # seconds a transaction waits for another's lock before it gives up
BRIEFLY = 0.1  # seconds
_USED_AT = "seventytwo_used_at"  # in a pool entry's info: when it was last used, by the monotonic clock
_SILENCE = 10  # seconds that a server may take to be connected to, or to acknowledge what it was sent
_BRIEF_SILENCE = 2  # seconds, the fewest that the driver takes: the event loop stands still meanwhile
_RESTED = 1.0  # seconds
_GLANCE = 0.0005  # seconds
_TAKE = "BEGIN IMMEDIATE"


def make_engine(url: str) -> Engine:
    """The engine of a `sqlite:///file` or `postgresql://` address; raises SetupFault."""
    return _made(url, LOCK_WAIT)


def make_hasty(url: str, engine: Engine) -> Engine:
    """An engine beside that one which takes no held lock of SQLite's, and waits briefly for PostgreSQL's."""
    if engine.dialect.name == "sqlite":
        return engine.execution_options(**{BEGINS: "AT_ONCE"})
    return _made(url, BRIEFLY)


def _made(url: str, lock_wait: float) -> Engine:
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):  # a port that is no number; the address may hold a password
        mend = "mend SEVENTYTWO_DATABASE_URL"
        raise SetupFault("not the address of a database", mend=mend) from None
    match parsed.get_backend_name():
        case "sqlite":
            return _sqlite(parsed)
        case "postgresql":
            return _postgresql(parsed, lock_wait)
        case other:
            mend = "give sqlite:///file or postgresql://user@host/name"
            raise SetupFault("no such kind of database", which=other, mend=mend)


def _postgresql(url: URL, lock_wait: float) -> Engine:
    options = f"-c lock_timeout={round(lock_wait * 1000)} -c timezone=UTC"
    silence = _SILENCE if lock_wait > BRIEFLY else _BRIEF_SILENCE
    engine = create_engine(
        url.set(drivername="postgresql+psycopg"),
        pool_size=8,
        max_overflow=24,
        pool_timeout=60,
        json_serializer=plain,
        hide_parameters=True,  # an error's text reaches logs, personal data must not
        connect_args={"options": options, "connect_timeout": silence, "tcp_user_timeout": silence * 1000},
    )
    event.listen(engine, "checkin", _mark_used)
    event.listen(engine, "checkout", partial(_look_whether_it_lives, engine.dialect))
    return engine


def _mark_used(_connection: Any, record: ConnectionPoolEntry) -> None:
    record.info[_USED_AT] = time.monotonic()


def _look_whether_it_lives(
    dialect: Dialect, connection: Any, record: ConnectionPoolEntry, _proxy: Any
) -> None:
    """Ask the server, through a connection that rested; one that was just used is spared the round."""
    if time.monotonic() - record.info.get(_USED_AT, 0.0) < _RESTED:
        return
    try:
        dialect.do_ping(connection)
    except dialect.loaded_dbapi.Error as error:
        raise DisconnectionError from error


def _sqlite(url: URL) -> Engine:
    if not url.database or url.database == ":memory:":
        raise SetupFault("the store needs a file", which=str(url), mend="give sqlite:///path/to/file")
    _make_private(Path(url.database))
    engine = create_engine(
        url.set(drivername="sqlite+pysqlite"),
        pool_size=8,
        max_overflow=24,
        pool_timeout=60,
        json_serializer=plain,
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
            _keep(connection, query_only="ON", busy_timeout=LOCK_WAIT * 1000)
            connection.exec_driver_sql("BEGIN DEFERRED")
        case "MIGRATING":  # a batch drops and renames tables that others refer to
            _keep(connection, query_only="OFF", busy_timeout=LOCK_WAIT * 1000)
            connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        case "AT_ONCE":
            _take_lock(connection, within=0)
        case _:
            _take_lock(connection, within=LOCK_WAIT)


def _take_lock(connection: Connection, within: float) -> None:
    """Begin to write, looking for the lock every half millisecond for so many seconds.

    SQLite's own waiting sleeps up to 100 ms at a time, while the lock is often free again after one or two.
    """
    _keep(connection, query_only="OFF", busy_timeout=0)
    cursor = connection.connection.cursor()
    until = time.monotonic() + within
    with raised(connection, _TAKE):
        while not _is_taken(cursor, last=time.monotonic() >= until):
            time.sleep(_GLANCE)


def _is_taken(cursor: Any, *, last: bool) -> bool:
    """Whether the lock is ours now; raises the driver's error at the last look."""
    try:
        cursor.execute(_TAKE)
    except sqlite3.OperationalError as error:
        if last or getattr(error, "sqlite_errorcode", 0) & 0xFF != sqlite3.SQLITE_BUSY:
            raise
        return False
    return True


def _keep(connection: Connection, **pragmas: object) -> None:
    """Set these pragmas where the connection does not keep them already."""
    kept = connection.info.setdefault(_KEPT, {})
    for name, value in pragmas.items():
        if kept.get(name) != value:
            connection.exec_driver_sql(f"PRAGMA {name}={value}").close()
            kept[name] = value

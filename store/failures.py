"""Which failures of a database pass by themselves."""

from __future__ import annotations

import sqlite3

import psycopg
from sqlalchemy.exc import DBAPIError, OperationalError

_SQLITE_PASSING = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}
_SQLITE_PRIMARY = 0xFF  # the low byte of an extended result code
# lock_not_available, deadlock_detected, serialization_failure, too_many_connections, cannot_connect_now
_POSTGRES_PASSING = {"55P03", "40P01", "40001", "53300", "57P03"}


def is_passing(error: DBAPIError) -> bool:
    """Whether the same call may succeed later: a lock held too long, or a server that is away."""
    cause = error.orig
    if isinstance(cause, sqlite3.Error):
        return (getattr(cause, "sqlite_errorcode", 0) & _SQLITE_PRIMARY) in _SQLITE_PASSING
    if isinstance(cause, psycopg.Error):
        lost = isinstance(error, OperationalError) and cause.sqlstate is None
        return lost or error.connection_invalidated or cause.sqlstate in _POSTGRES_PASSING
    return False

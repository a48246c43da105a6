"""Statements of the busiest path, handed to the driver itself: what SQLAlchemy adds costs more than they do.

Values are bound and read by the columns' own types, so that sealed and UTC columns stay what they are, and
errors are SQLAlchemy's.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from itertools import count
from typing import Any

from psycopg import RawCursor
from sqlalchemy import Column, Connection, Dialect
from sqlalchemy.exc import DBAPIError
from sqlmodel import SQLModel

from store.types import UtcDateTime

Row = Sequence[Any]
AT_ONCE = 500
"""Values that one statement is asked among: no database counts its parameters without end."""
ROWS = 64
"""Rows that one statement takes."""
_Processors = tuple[tuple[int, Callable[[Any], Any]], ...]
"""What a row's values go through, each with its place; most go as they are."""


class Swift:
    """One statement, its parameters written as `?`; `given` and `told` are the columns of both ways.

    `on_postgresql` is added to it there. `a_row` is what stands in it for one row of values, where it takes
    several.
    """

    def __init__(
        self,
        sql: str,
        given: Sequence[Column[Any]],
        told: Sequence[Column[Any]] = (),
        *,
        on_postgresql: str = "",
        a_row: str = "",
    ) -> None:
        self._sql, self._given, self._told, self._more = sql, tuple(given), tuple(told), on_postgresql
        self._a_row = a_row
        self._made: _Made | None = None
        self._wide: dict[int, Swift] = {}
        self._for_so_many: dict[int, str] = {}

    def many(self, connection: Connection, rows: Sequence[Row]) -> None:
        """Run it once for each row of values."""
        if not rows:
            return
        made = self._for(connection.dialect)
        bound = [_through(made.bind, row) for row in rows]
        with raised(connection, made.sql):
            cursor = made.cursor(connection)
            if not self._a_row or made.is_sqlite:
                cursor.executemany(made.sql, bound)
                return
            for some in (bound[at : at + ROWS] for at in range(0, len(bound), ROWS)):
                cursor.execute(self._for_rows(made.sql, len(some)), [value for row in some for value in row])

    def rows(self, connection: Connection, values: Row) -> list[tuple[Any, ...]]:
        """Run it with these values, and return its rows."""
        made = self._for(connection.dialect)
        with raised(connection, made.sql):
            cursor = made.cursor(connection)
            cursor.execute(made.sql, _through(made.bind, values))
            return [_through(made.read, row) for row in cursor.fetchall()]

    def among(self, connection: Connection, values: Row, those: Sequence[Any]) -> list[tuple[Any, ...]]:
        """Run it with these values, and with `those` in place of its `??`, which stands last."""
        if len(those) > AT_ONCE:
            some = (those[at : at + AT_ONCE] for at in range(0, len(those), AT_ONCE))
            return [row for one in some for row in self.among(connection, values, one)]
        if not those:
            return []
        wide = self._wide.get(len(those))
        if wide is None:
            sql = self._sql.replace("??", ", ".join("?" * len(those)))
            given = (*self._given[:-1], *[self._given[-1]] * len(those))
            wide = self._wide[len(those)] = Swift(sql, given, self._told, on_postgresql=self._more)
        return wide.rows(connection, (*values, *those))

    def _for(self, dialect: Dialect) -> _Made:
        if self._made is None or self._made.dialect is not dialect:
            is_sqlite = dialect.name == "sqlite"
            self._made = _Made(
                dialect,
                is_sqlite,
                self._sql if is_sqlite else _numbered(f"{self._sql} {self._more}"),
                _placed(_binding(one, dialect) for one in self._given),
                _placed(_reading(one, dialect) for one in self._told),
            )
        return self._made

    def _for_rows(self, sql: str, many: int) -> str:
        """The statement for so many rows at once: each statement is a round of its own at PostgreSQL."""
        if many == 1:
            return sql
        if many not in self._for_so_many:
            self._for_so_many[many] = _numbered(self._sql + f", {self._a_row}" * (many - 1))
        return self._for_so_many[many]


@dataclass(frozen=True, slots=True)
class _Made:
    """A statement as one database takes it."""

    dialect: Dialect
    is_sqlite: bool
    sql: str
    bind: _Processors
    read: _Processors

    def cursor(self, connection: Connection) -> Any:
        """A cursor of the driver; psycopg's raw one, for the usual one reads each statement anew."""
        driver: Any = connection.connection.driver_connection
        return driver.cursor() if self.is_sqlite else RawCursor(driver)


def _numbered(sql: str) -> str:
    """The statement with `$1`, `$2` for its marks."""
    numbers = count(1)
    return re.sub(r"\?", lambda _: f"${next(numbers)}", sql)


def columns_of(table: type[SQLModel], *names: str) -> tuple[Column[Any], ...]:
    """The columns of those names."""
    columns = table.metadata.tables[str(table.__tablename__)].columns
    return tuple(columns[name] for name in names)


def insert(table: type[SQLModel], names: Sequence[str]) -> Swift:
    """The insert of rows that name these columns."""
    listed, marks = ", ".join(f'"{name}"' for name in names), ", ".join("?" * len(names))
    sql = f'INSERT INTO "{table.__tablename__}" ({listed}) VALUES ({marks})'  # noqa: S608 - names of our own
    return Swift(sql, columns_of(table, *names), a_row=f"({marks})")


def _placed(processors: Iterable[Callable[[Any], Any] | None]) -> _Processors:
    return tuple((at, process) for at, process in enumerate(processors) if process is not None)


def _binding(column: Column[Any], dialect: Dialect) -> Callable[[Any], Any] | None:
    if isinstance(column.type, UtcDateTime):
        return _instant_of(dialect)
    return column.type.dialect_impl(dialect).bind_processor(dialect)


def _reading(column: Column[Any], dialect: Dialect) -> Callable[[Any], Any] | None:
    return column.type.dialect_impl(dialect).result_processor(dialect, None)


@lru_cache(8)
def _instant_of(dialect: Dialect) -> Callable[[Any], Any] | None:
    """How an instant is bound; the same few stand in many columns and rows, and are written once."""
    process = UtcDateTime().dialect_impl(dialect).bind_processor(dialect)
    return lru_cache(64)(process) if process is not None else None


def _through(processors: _Processors, row: Row) -> tuple[Any, ...]:
    values = list(row)
    for at, process in processors:
        values[at] = process(values[at])
    return tuple(values)


@contextmanager
def together(connection: Connection) -> Iterator[None]:
    """Let the statements of the block wait for no answer but those they ask for, where the driver can."""
    if connection.dialect.name == "sqlite":
        yield
        return
    driver: Any = connection.connection.driver_connection
    with raised(connection, "several statements"), driver.pipeline():
        yield


@contextmanager
def raised(connection: Connection, sql: str) -> Iterator[None]:
    """Raise the driver's errors as SQLAlchemy does, without the values."""
    errors = connection.dialect.loaded_dbapi.Error
    try:
        yield
    except errors as error:
        raise DBAPIError.instance(
            sql, None, error, errors, hide_parameters=True, dialect=connection.dialect
        ) from error

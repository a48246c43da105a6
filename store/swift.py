"""Statements of the busiest path, handed to the driver itself: what SQLAlchemy adds costs more than they do.

Values are bound and read by the columns' own types, so that sealed and UTC columns stay what they are, and
errors are SQLAlchemy's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

from sqlalchemy import Column, Connection, Dialect
from sqlalchemy.exc import DBAPIError
from sqlmodel import SQLModel

from store.types import UtcDateTime

Row = Sequence[Any]
AT_ONCE = 500
"""Values that one statement is asked among: no database counts its parameters without end."""
_Processors = tuple[Callable[[Any], Any] | None, ...]


class Swift:
    """One statement, its parameters written as `?`; `given` and `told` are the columns of both ways.

    `on_postgresql` is added to it there.
    """

    def __init__(
        self,
        sql: str,
        given: Sequence[Column[Any]],
        told: Sequence[Column[Any]] = (),
        *,
        on_postgresql: str = "",
    ) -> None:
        self._sql, self._given, self._told, self._more = sql, tuple(given), tuple(told), on_postgresql
        self._made: tuple[Dialect, str, _Processors, _Processors] | None = None
        self._wide: dict[int, Swift] = {}

    def many(self, connection: Connection, rows: Sequence[Row]) -> None:
        """Run it once for each row of values."""
        if not rows:
            return
        sql, bind, _ = self._for(connection.dialect)
        with raised(connection, sql):
            connection.connection.cursor().executemany(sql, [_through(bind, row) for row in rows])

    def rows(self, connection: Connection, values: Row) -> list[tuple[Any, ...]]:
        """Run it with these values, and return its rows."""
        sql, bind, read = self._for(connection.dialect)
        with raised(connection, sql):
            cursor = connection.connection.cursor()
            cursor.execute(sql, _through(bind, values))
            return [_through(read, row) for row in cursor.fetchall()]

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

    def _for(self, dialect: Dialect) -> tuple[str, _Processors, _Processors]:
        if self._made is None or self._made[0] is not dialect:
            is_sqlite = dialect.name == "sqlite"
            sql = self._sql if is_sqlite else f"{self._sql} {self._more}".replace("?", "%s")
            bind = tuple(_binding(one, dialect) for one in self._given)
            read = tuple(one.type.dialect_impl(dialect).result_processor(dialect, None) for one in self._told)
            self._made = dialect, sql, bind, read
        return self._made[1:]


def columns_of(table: type[SQLModel], *names: str) -> tuple[Column[Any], ...]:
    """The columns of those names."""
    columns = table.metadata.tables[str(table.__tablename__)].columns
    return tuple(columns[name] for name in names)


def insert(table: type[SQLModel], names: Sequence[str]) -> Swift:
    """The insert of rows that name these columns."""
    listed, marks = ", ".join(f'"{name}"' for name in names), ", ".join("?" * len(names))
    sql = f'INSERT INTO "{table.__tablename__}" ({listed}) VALUES ({marks})'  # noqa: S608 - names of our own
    return Swift(sql, columns_of(table, *names))


def _binding(column: Column[Any], dialect: Dialect) -> Callable[[Any], Any] | None:
    """How a value is bound; the same few instants stand in many columns, and are written once."""
    process = column.type.dialect_impl(dialect).bind_processor(dialect)
    return lru_cache(64)(process) if process is not None and isinstance(column.type, UtcDateTime) else process


def _through(processors: _Processors, row: Row) -> tuple[Any, ...]:
    return tuple(
        value if process is None else process(value) for process, value in zip(processors, row, strict=True)
    )


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

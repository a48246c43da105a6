"""Writing rows that nobody needs as objects: one statement for all of a kind, built once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from sqlalchemy import Insert, insert
from sqlmodel import Session, SQLModel


def add_rows(session: Session, table: type[SQLModel], rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows of one table, each naming the same columns, behind whatever the session has not written."""
    if rows:
        session.flush()
        session.connection().execute(_insert(table), rows)


@cache
def _insert(table: type[SQLModel]) -> Insert:
    return insert(table)

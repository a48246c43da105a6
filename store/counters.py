"""Numbers that only rise, each in a row that is also a lock until its transaction ends."""

from __future__ import annotations

from sqlmodel import Session

from store.swift import Swift, columns_of
from store.tables import Counter


def next_number(session: Session, name: str, count: int = 1) -> int:
    """The next number of this name, from 1, without gaps, or the last of the next `count`.

    Others who want one wait for our commit.
    """
    ((number,),) = _NEXT.rows(session.connection(), (name, count))
    return int(number)


def next_ref(session: Session, year: int) -> str:
    """The next incident reference of a year, such as INC-2026-0001."""
    return f"INC-{year}-{next_number(session, f'incident:{year}'):04d}"


_NEXT = Swift(
    "INSERT INTO counter (name, value) VALUES (?, ?)"
    " ON CONFLICT (name) DO UPDATE SET value = counter.value + excluded.value RETURNING value",
    columns_of(Counter, "name", "value"),
    columns_of(Counter, "value"),
)

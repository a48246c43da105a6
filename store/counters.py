"""Numbers that only rise, each in a row that is also a lock until its transaction ends."""

from __future__ import annotations

from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col

from store.tables import Counter


def next_number(session: Session, name: str) -> int:
    """The next number of this name, from 1, without gaps; others who want one wait for our commit."""
    dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    statement = (
        dialect.insert(Counter)
        .values(name=name, value=1)
        .on_conflict_do_update(index_elements=["name"], set_={"value": col(Counter.value) + 1})
        .returning(col(Counter.value))
    )
    return int(session.execute(statement).scalar_one())


def next_ref(session: Session, year: int) -> str:
    """The next incident reference of a year, such as INC-2026-0001."""
    return f"INC-{year}-{next_number(session, f'incident:{year}'):04d}"

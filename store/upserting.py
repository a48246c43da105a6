"""Inserts that give way to a row already there, as text that both databases read.

SQLAlchemy keeps text compiled; its own `on_conflict` inserts it compiles anew with every execution, which
costs more than the insert itself.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import bindparam, text
from sqlalchemy.sql.selectable import TextualSelect
from sqlmodel import SQLModel


def upsert(
    model: type[SQLModel],
    names: Sequence[str],
    *,
    key: Sequence[str],
    otherwise: str,
    returning: Sequence[str],
) -> TextualSelect:
    """Insert the columns `names`; where `key` is taken do `otherwise`, in which `excluded` is the new row."""
    table = model.metadata.tables[str(model.__tablename__)]
    into = ", ".join(f'"{name}"' for name in names)
    values = ", ".join(f":{name}" for name in names)
    statement = text(
        f'INSERT INTO "{table.name}" ({into}) VALUES ({values})'  # noqa: S608 - names of our own, no values
        f" ON CONFLICT ({', '.join(key)}) DO {otherwise} RETURNING {', '.join(returning)}"
    )
    typed = statement.bindparams(*(bindparam(name, type_=table.columns[name].type) for name in names))
    return typed.columns(*(table.columns[name] for name in returning))

"""Column kinds of the store: aware UTC instants, sealed values, JSON."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import JSON, Column, DateTime, LargeBinary
from sqlalchemy.types import TypeDecorator
from sqlmodel import Field


class UtcDateTime(TypeDecorator[datetime]):
    """An aware instant, kept in UTC; a naive one is refused."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Any) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a naive instant cannot be stored")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Any) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def instant(*, nullable: bool = False, index: bool = False) -> Any:
    """A column holding an aware UTC instant."""
    default: Any = None if nullable else ...
    return Field(default, sa_column=Column(UtcDateTime(), nullable=nullable, index=index))


def json_value() -> Any:
    """A column of plain JSON without personal data, empty unless given."""
    return Field(default_factory=dict, sa_column=Column(JSON(), nullable=False))


def sealed_text(label: str, *, nullable: bool = False) -> Any:
    """An encrypted text column; `label` (table.column) is bound into the ciphertext."""
    return Field(None if nullable else ..., sa_column=Column(LargeBinary(), nullable=nullable))


def sealed_json(label: str, *, nullable: bool = False) -> Any:
    """An encrypted JSON column; `label` (table.column) is bound into the ciphertext."""
    return Field(None if nullable else ..., sa_column=Column(LargeBinary(), nullable=nullable))

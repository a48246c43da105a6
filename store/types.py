"""Column kinds of the store: aware UTC instants, sealed values, JSON."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import orjson
from sqlalchemy import JSON, Column, DateTime, Dialect, LargeBinary
from sqlalchemy.types import TypeDecorator
from sqlmodel import Field, SQLModel

from playbooks.errors import InstantFault
from store.seal import keyring_in_use

# Every constraint has a name, so that a migration can find it again on either database.
SQLModel.metadata.naming_convention = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


def compact(value: Any) -> bytes:
    """The one JSON of a value as bytes, sorted and without spaces, for what is sealed or digested.

    orjson writes it where that is safe: numbers beyond 64 bits and lone surrogates it refuses, and for NaN,
    which must not be stored, it would write null.
    """
    try:
        text = orjson.dumps(value, option=_STRICT)
    except orjson.JSONEncodeError:
        return canonical(value).encode()
    return canonical(value).encode() if b"null" in text else text


def plain(value: Any) -> str:
    """A value as the JSON of a column that is not sealed, its keys in their order."""
    try:
        text = orjson.dumps(value, option=_STRICT & ~orjson.OPT_SORT_KEYS)
    except orjson.JSONEncodeError:
        return json.dumps(value)
    return json.dumps(value) if b"null" in text else text.decode()  # as above


def canonical(value: Any) -> str:
    """The one JSON text of a value: sorted, without spaces, ASCII; refuses NaN and unknown types."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False)


_STRICT = (
    orjson.OPT_SORT_KEYS
    | orjson.OPT_PASSTHROUGH_SUBCLASS
    | orjson.OPT_PASSTHROUGH_DATACLASS
    | orjson.OPT_PASSTHROUGH_DATETIME
)


class UtcDateTime(TypeDecorator[datetime]):
    """An aware instant, kept in UTC; a naive one is refused."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002, D102 - SQLAlchemy's signature and meaning
        if value is None:
            return None
        if value.tzinfo is None:
            raise InstantFault("a naive instant cannot be stored", which=value.isoformat())
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002, D102 - as above
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class SealedText(TypeDecorator[str]):
    """Text encrypted at rest and bound to its label (table.column)."""

    impl = LargeBinary
    cache_ok = True

    def __init__(self, label: str) -> None:
        super().__init__()
        self.label = label

    def process_bind_param(self, value: str | None, dialect: Dialect) -> bytes | None:  # noqa: ARG002, D102 - as above
        if value is None:
            return None
        return keyring_in_use().seal(self.label, value.encode("utf-8", "surrogatepass"))

    def process_result_value(self, value: bytes | None, dialect: Dialect) -> str | None:  # noqa: ARG002, D102 - as above
        if value is None:
            return None
        return keyring_in_use().unseal(self.label, value).decode("utf-8", "surrogatepass")


class SealedJson(TypeDecorator[Any]):
    """A JSON value encrypted at rest and bound to its label (table.column); assign anew to change it."""

    impl = LargeBinary
    cache_ok = True

    def __init__(self, label: str) -> None:
        super().__init__()
        self.label = label

    def process_bind_param(self, value: Any, dialect: Dialect) -> bytes | None:  # noqa: ARG002, D102 - as above
        return None if value is None else keyring_in_use().seal(self.label, compact(value))

    def process_result_value(self, value: bytes | None, dialect: Dialect) -> Any:  # noqa: ARG002, D102 - as above
        return None if value is None else json.loads(keyring_in_use().unseal(self.label, value))


def instant(*, nullable: bool = False, index: bool = False) -> Any:
    """A column holding an aware UTC instant."""
    default: Any = None if nullable else ...
    return Field(default, sa_column=Column(UtcDateTime(), nullable=nullable, index=index))


def json_value(kind: type[dict[Any, Any] | list[Any]] = dict) -> Any:
    """A column of plain JSON without personal data, an empty `kind` unless given."""
    return Field(default_factory=kind, sa_column=Column(JSON(), nullable=False))


def sealed_text(label: str, *, nullable: bool = False, default: Any = ...) -> Any:
    """An encrypted text column, in no row's repr; `label` (table.column) is bound into the ciphertext."""
    given = None if nullable and default is ... else default
    return Field(given, repr=False, sa_column=Column(SealedText(label), nullable=nullable))


def sealed_json(label: str, *, nullable: bool = False) -> Any:
    """An encrypted JSON column, in no row's repr; `label` (table.column) is bound into the ciphertext."""
    return Field(
        None if nullable else ..., repr=False, sa_column=Column(SealedJson(label), nullable=nullable)
    )

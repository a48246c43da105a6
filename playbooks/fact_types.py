"""The kinds of values a fact can hold; no value is ever guessed: what is not known is UNKNOWN."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import Enum
from typing import Any, Final, Literal, NoReturn, Self, TypeAlias

from pydantic import BaseModel, ConfigDict, field_validator, model_validator

FactType: TypeAlias = Literal["yes_no", "choice", "choices", "range", "integer", "instant", "text", "clients"]


class Unknown(Enum):
    """The third truth value: asked or not, nobody can say yet."""

    UNKNOWN = "unknown"

    def __bool__(self) -> NoReturn:
        """Refuse to pass for true or false: whoever asks must treat the unknown case by name."""
        raise TypeError("UNKNOWN is neither true nor false: compare with `is`")

    def __repr__(self) -> str:
        return "UNKNOWN"


UNKNOWN: Final = Unknown.UNKNOWN


class Frozen(BaseModel):
    """A model that is never changed and takes no key it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Range(Frozen):
    """A count of which only the bounds are known, both inclusive; no `high` means at least `low`."""

    low: int
    high: int | None = None

    @model_validator(mode="after")
    def _runs_upwards(self) -> Self:
        if self.low < 0 or (self.high is not None and self.high < self.low):
            raise ValueError("a range runs from a low count, not below zero, to a higher one")
        return self

    def __str__(self) -> str:
        if self.high is None:
            return f"{self.low}+"
        return str(self.low) if self.low == self.high else f"{self.low}-{self.high}"


FactValue: TypeAlias = bool | str | frozenset[str] | Range | int | datetime | Unknown
Facts: TypeAlias = Mapping[str, FactValue]


class Choice(Frozen):
    """One value a choice may take, and the words a responder sees for it."""

    value: str
    label: str


class FactSpec(Frozen):
    """What one fact is called, what it may hold and how it is asked for."""

    name: str
    type: FactType
    label: str
    help: str = ""
    choices: tuple[Choice, ...] = ()
    maximum: int = 1_000_000_000_000
    may_lie_ahead: bool = False

    @field_validator("choices", mode="before")
    @classmethod
    def _from_mapping(cls, given: Any) -> Any:
        return choices_from_mapping(given)

    @property
    def values(self) -> tuple[str, ...]:
        """The values of its choices, in the order they are shown."""
        return tuple(choice.value for choice in self.choices)


def choices_from_mapping(given: Any) -> Any:
    """Read choices written as `value: label`, as YAML has them; leave every other shape to validation."""
    if isinstance(given, Mapping):
        return [{"value": value, "label": label} for value, label in given.items()]
    return given

"""Kleene's three-valued logic: what is unknown stays unknown unless the answer no longer depends on it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal, TypeAlias, assert_never

from playbooks.fact_types import UNKNOWN, Range, Unknown

Truth: TypeAlias = bool | Unknown
Comparison: TypeAlias = Literal["<", "<=", ">", ">=", "==", "!="]

MIRRORED: Final[dict[Comparison, Comparison]] = {
    "<": ">",
    "<=": ">=",
    ">": "<",
    ">=": "<=",
    "==": "==",
    "!=": "!=",
}


def negated(truth: Truth) -> Truth:
    """Return the opposite; unknown stays unknown."""
    return UNKNOWN if truth is UNKNOWN else not truth


def all_true(truths: Iterable[Truth]) -> Truth:
    """Return False if any is false, else unknown if any is unknown, else True."""
    found: Truth = True
    for truth in truths:
        if truth is False:
            return False
        if truth is UNKNOWN:
            found = UNKNOWN
    return found


def any_true(truths: Iterable[Truth]) -> Truth:
    """Return True if any is true, else unknown if any is unknown, else False."""
    return negated(all_true(negated(truth) for truth in truths))


@dataclass(frozen=True, slots=True)
class Interval:
    """What is known of a quantity: it lies from `low` to `high`, both possible; `high` may be open."""

    low: Any
    high: Any

    @classmethod
    def of(cls, value: Range | int | datetime) -> Interval:
        """Return a range's bounds, or the point that a count or an instant is."""
        return cls(value.low, value.high) if isinstance(value, Range) else cls(value, value)

    def compare(self, how: Comparison, point: int | datetime) -> Truth:
        """Compare with a point of the same kind; unknown while both answers are possible."""
        match how:
            case "<":
                return self._below(point)
            case ">=":
                return negated(self._below(point))
            case ">":
                return self._above(point)
            case "<=":
                return negated(self._above(point))
            case "==":
                return self._equals(point)
            case "!=":
                return negated(self._equals(point))
            case _:
                assert_never(how)

    def _below(self, point: Any) -> Truth:
        if self.low >= point:
            return False
        return True if self.high is not None and self.high < point else UNKNOWN

    def _above(self, point: Any) -> Truth:
        if self.high is not None and self.high <= point:
            return False
        return True if self.low > point else UNKNOWN

    def _equals(self, point: Any) -> Truth:
        if self.low == point == self.high:
            return True
        outside = any_true((self._below(point), self._above(point)))
        return False if outside is True else UNKNOWN

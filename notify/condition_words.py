"""A condition in words: what must be so, for those who never saw the language it is written in."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final, assert_never

from playbooks.condition_nodes import (
    All,
    Any,
    Compared,
    Contains,
    FactName,
    IsOneOf,
    Node,
    Not,
    OverCases,
    Stated,
)
from playbooks.conditions import compile_condition
from playbooks.facts import DICTIONARY

_SIGNS: Final = {"<": "below", "<=": "at most", ">": "above", ">=": "at least", "==": "exactly", "!=": "not"}
_ORDER: Final = {
    "<": "before",
    "<=": "not after",
    ">": "after",
    ">=": "not before",
    "==": "at",
    "!=": "not at",
}
_ANY_TIME: Final = datetime(2001, 1, 1, tzinfo=UTC)
"""An instant not before some day so long ago asks only whether it is known."""


def condition_words(text: str) -> str:
    """Return what a condition asks for, in words; raises ConditionFault for one that is none."""
    return _words(compile_condition(text).root, deep=False)


def _words(node: Node, *, deep: bool) -> str:
    match node:
        case Stated():
            return _name(node.fact)
        case IsOneOf():
            return f"{_name(node.fact)} is {_listed(node.fact, node.values)}"
        case Contains():
            return f"{_name(node.fact)} include {_value(node.value)}"
        case Compared():
            return _compared(node)
        case Not():
            return _negated(node.part)
        case All() | Any():
            joint = " and " if isinstance(node, All) else " or "
            said = joint.join(_words(part, deep=True) for part in node.parts)
            return f"({said})" if deep and isinstance(node, Any) else said
        case OverCases():
            return f"{'for every client' if node.every else 'for any client'}: {_words(node.part, deep=True)}"
        case _:
            assert_never(node)


def _negated(part: Node) -> str:
    match part:
        case Stated():
            return f"not {_name(part.fact)}"
        case IsOneOf():
            return f"{_name(part.fact)} is not {_listed(part.fact, part.values)}"
        case Contains():
            return f"{_name(part.fact)} do not include {_value(part.value)}"
        case _:
            return f"not ({_words(part, deep=False)})"


def _compared(node: Compared) -> str:
    name = _name(node.fact)
    if isinstance(node.other, FactName):
        return f"{name} {_ORDER[node.how]} {_name(node.other)}"
    if isinstance(node.other, datetime):
        if node.how in (">", ">=") and node.other < _ANY_TIME:
            return f"{name} is known"
        return f"{name} {_ORDER[node.how]} {node.other.astimezone(UTC):%Y-%m-%d %H:%MZ}"
    return f"{name} {_SIGNS[node.how]} {node.other:,}"


def _listed(fact: FactName, values: frozenset[str]) -> str:
    return " or ".join(_value(one) for one in DICTIONARY[fact.name].values if one in values)


def _name(fact: FactName) -> str:
    return _value(fact.name)


def _value(name: str) -> str:
    return name.replace("_", " ")

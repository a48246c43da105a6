"""A condition's tree written in our own language again, in one way only."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import assert_never

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


def in_our_words(node: Node) -> str:
    """Return the text that reads as this condition; it stands without parentheses around the whole."""
    return (
        _written(node).removeprefix("(").removesuffix(")") if isinstance(node, All | Any) else _written(node)
    )


def point_in_our_words(point: int | datetime) -> str:
    """Return a count or an instant as a condition writes it."""
    if isinstance(point, datetime):
        return f'"{point.astimezone(UTC).isoformat().replace("+00:00", "Z")}"'
    return str(point)


def _written(node: Node) -> str:
    match node:
        case Stated():
            return _name(node.fact)
        case IsOneOf():
            return _one_of(node, negated=False)
        case Contains():
            return f'"{node.value}" in {_name(node.fact)}'
        case Compared():
            other = node.other
            right = _name(other) if isinstance(other, FactName) else point_in_our_words(other)
            return f"{_name(node.fact)} {node.how} {right}"
        case Not(part=IsOneOf() as one):
            return _one_of(one, negated=True)
        case Not():
            return f"not ({in_our_words(node.part)})"
        case All():
            return "(" + " and ".join(_written(part) for part in node.parts) + ")"
        case Any():
            return "(" + " or ".join(_written(part) for part in node.parts) + ")"
        case OverCases():
            return f"{'all' if node.every else 'any'}({in_our_words(node.part)})"
        case _:
            assert_never(node)


def _one_of(node: IsOneOf, *, negated: bool) -> str:
    values = [f'"{value}"' for value in sorted(node.values)]
    if len(values) == 1:
        return f"{_name(node.fact)} {'!=' if negated else '=='} {values[0]}"
    return f"{_name(node.fact)} {'not in' if negated else 'in'} [{', '.join(values)}]"


def _name(fact: FactName) -> str:
    return f"case.{fact.name}" if fact.of_each_case else fact.name

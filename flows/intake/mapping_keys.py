"""Which keys a body must have for an expression to be true of it: a glance that spares most evaluations."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

Way = frozenset[str] | None
"""Keys that the body's object must all have; None where the body must be a list."""

_ANYTHING: tuple[Way, ...] = (frozenset(),)
_NULL_IN_FALSE_OUT = frozenset(("starts_with", "ends_with", "contains", "parse_json", "lower"))
_OF_THEIR_FIRST = frozenset(
    ("subexpression", "index_expression", "projection", "filter_projection", "value_projection", "flatten")
)


def glance(tree: Mapping[str, Any]) -> Callable[[Any], bool]:
    """Whether an expression may be true of a body, by the body's own keys; never false where it is true."""
    ways = _ways(tree)
    of_objects = tuple(way for way in ways if way is not None)
    takes_lists = any(not way for way in ways)

    def may_be(body: Any) -> bool:
        if isinstance(body, dict):
            return any(way <= body.keys() for way in of_objects)
        return takes_lists

    return may_be


def _ways(node: Mapping[str, Any]) -> tuple[Way, ...]:
    """The ways in which a node can find anything but null, false or nothing."""
    kind, children = node["type"], node["children"]
    if kind == "field":
        return (frozenset((node["value"],)),)
    if kind == "index_expression" and children[0]["type"] == "identity":
        return (None,)
    if kind in _OF_THEIR_FIRST:
        return _ways(children[0])
    if kind == "or_expression":
        return _ways(children[0]) + _ways(children[1])
    if kind == "and_expression":
        return tuple(_both(one, other) for one in _ways(children[0]) for other in _ways(children[1]))
    if kind == "function_expression" and node["value"] in _NULL_IN_FALSE_OUT:
        return _ways(children[0])
    if kind == "comparator" and node["value"] == "eq" and _is_something(children[1]):
        return _ways(children[0])
    return _ANYTHING


def _both(one: Way, other: Way) -> Way:
    """Both ways at once: a list has no keys, so that one is enough to tell."""
    return None if one is None or other is None else one | other


def _is_something(node: Mapping[str, Any]) -> bool:
    return node["type"] == "literal" and node["value"] is not None

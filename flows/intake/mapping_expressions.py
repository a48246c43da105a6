"""JMESPath over payloads, within bounds: an expression can read a payload, and can never run away with it.

https://jmespath.org/specification.html
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

import jmespath
from jmespath import exceptions, functions, visitor

from playbooks.errors import Mend

LONGEST_EXPRESSION = 500
"""Characters of one expression."""
DEEPEST_EXPRESSION = 40
STEPS = 200_000
"""Nodes visited, elements copied and characters joined, for all expressions over one body."""
_LONGEST_TEXT = 200_000
_READ_FAULTS = (exceptions.JMESPathError, TypeError, ValueError, ArithmeticError, RecursionError)
_SCALARS = (str, int, float, bool, type(None))


class Unreadable(Exception):
    """An expression that this payload gives nothing to work on, in words; the adapter makes it a fault."""


@lru_cache(maxsize=4_096)
def compiled(expression: str) -> Mapping[str, Any]:
    """The expression's tree; raises Mend saying where it is no JMESPath within bounds."""
    if len(expression) > LONGEST_EXPRESSION:
        raise Mend(f"longer than {LONGEST_EXPRESSION} characters", which=expression[:40], mend="shorten it")
    try:
        tree: Mapping[str, Any] = jmespath.compile(expression).parsed
    except exceptions.EmptyExpressionError as empty:
        raise Mend("an expression is empty", mend="write one, or remove the key") from empty
    except (exceptions.JMESPathError, ValueError, RecursionError, PendingDeprecationWarning) as fault:
        raise Mend(
            "not a JMESPath expression", which=expression[:80], mend=_mend(fault, expression)
        ) from fault
    _check(tree, expression)
    return tree


@lru_cache(maxsize=4_096)
def plain_keys(expression: str) -> tuple[str, ...]:
    """The keys of an expression that is no more than `a.b.c`, which is most of them; else none."""
    tree = compiled(expression)
    nodes = tree["children"] if tree["type"] == "subexpression" else [tree]
    if any(node["type"] != "field" for node in nodes):
        return ()
    return tuple(node["value"] for node in nodes)


def _mend(fault: BaseException, expression: str) -> str:
    at = getattr(fault, "lex_position", None)
    if isinstance(at, int) and 0 <= at < len(expression):
        return f"look at column {at + 1}, at {expression[at : at + 20]!r}"
    return "see jmespath.org: 'text' between single quotes, a.b for a key in a key"


def _check(tree: Mapping[str, Any], expression: str) -> None:
    """Refuse unknown functions and trees that are too deep, level by level."""
    level: list[Any] = [tree]
    for _ in range(DEEPEST_EXPRESSION):
        for node in level:
            if node["type"] == "function_expression":
                _check_call(node["value"], len(node["children"]))
        level = [child for node in level for child in node["children"] if isinstance(child, dict)]
        if not level:
            return
    raise Mend("an expression nested too deep", which=expression[:40], mend="write it flatter")


def _check_call(name: str, given: int) -> None:
    spec = _Safe.FUNCTION_TABLE.get(name)
    if spec is None:
        known = ", ".join(sorted(_Safe.FUNCTION_TABLE))
        raise Mend("no such function", which=f"{name}()", mend=f"one of: {known}")
    wanted, takes_more = len(spec["signature"]), bool(spec["signature"][-1].get("variadic"))
    if given < wanted or (given > wanted and not takes_more):
        raise Mend("a function with the wrong number of arguments", which=f"{name}()", mend=f"give {wanted}")


class Reader(visitor.TreeInterpreter):
    """Evaluates expressions over one body; all of them share its steps."""

    def __init__(self, steps: int = STEPS) -> None:
        super().__init__(visitor.Options(custom_functions=_Safe(self)))
        self.left = steps

    def value(self, tree: Mapping[str, Any], body: Any) -> Any:
        """What an expression finds in `body`; raises Unreadable where it cannot be evaluated."""
        try:
            return self.visit(tree, body)
        except _READ_FAULTS as fault:
            raise Unreadable(_said(fault)) from None  # a fault of jmespath holds, and tells, the payload

    def visit(self, node: Any, *args: Any, **kwargs: Any) -> Any:
        """Visit one node, and count it."""
        self.spend(1)
        return super().visit(node, *args, **kwargs)

    def spend(self, steps: int) -> None:
        """Count steps; raises Unreadable when they are used up."""
        self.left -= steps
        if self.left < 0:
            raise Unreadable("the payload is too large for the expressions of its mapping")

    def visit_flatten(self, node: Any, value: Any) -> Any:
        """Flatten one level, each element counted before it is copied."""
        base = self.visit(node["children"][0], value)
        if not isinstance(base, list):
            return None
        self.spend(sum(len(one) if isinstance(one, list) else 1 for one in base))
        return [inner for one in base for inner in (one if isinstance(one, list) else (one,))]

    def visit_slice(self, node: Any, value: Any) -> Any:
        """Take a slice, each element counted."""
        self.spend(len(value) if isinstance(value, list) else 0)
        return super().visit_slice(node, value)

    def visit_comparator(self, node: Any, value: Any) -> Any:
        """Compare texts and numbers; of lists and objects only empty ones, for others may hide a bomb."""
        left, right = self.visit(node["children"][0], value), self.visit(node["children"][1], value)
        if not isinstance(left, _SCALARS) and not isinstance(right, _SCALARS) and left and right:
            raise Unreadable("lists and objects cannot be compared")
        operator = node["value"]
        if operator in ("eq", "ne") or _can_be_ordered(left, right):
            return self.COMPARATOR_FUNC[operator](left, right)
        return None


def _can_be_ordered(left: Any, right: Any) -> bool:
    if isinstance(left, bool) or isinstance(right, bool):
        return False
    return any(isinstance(left, kind) and isinstance(right, kind) for kind in (str, (int, float)))


def _said(fault: BaseException) -> str:
    if isinstance(fault, exceptions.JMESPathTypeError):
        return f"{fault.function_name}() cannot take what stands there: {fault.actual_type}"
    return "a number beyond any range" if isinstance(fault, ArithmeticError) else "it cannot be computed"


class _Safe(functions.Functions):
    """JMESPath's functions, each of which spends what it looks at and makes; and four of ours."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    def call_function(self, function_name: str, resolved_args: Iterable[Any]) -> Any:
        """Call one, and count what goes in and what comes out."""
        resolved_args = list(resolved_args)
        self._reader.spend(sum(_size(one) for one in resolved_args))
        made = super().call_function(function_name, resolved_args)
        self._reader.spend(_size(made))
        return made

    @functions.signature({"types": ["string"]}, {"types": ["array-string"]})
    def _func_join(self, glue: str, texts: list[str]) -> str:
        self._reader.spend(sum(len(one) + len(glue) for one in texts))
        return glue.join(texts)

    @functions.signature({"types": ["array", "string"]}, {"types": ["string", "number", "boolean", "null"]})
    def _func_contains(self, subject: Any, search: Any) -> bool:
        return (
            isinstance(search, str) and search in subject if isinstance(subject, str) else search in subject
        )

    @functions.signature({"types": ["string", "number", "boolean", "null"]})
    def _func_to_string(self, value: Any) -> str:
        return value if isinstance(value, str) else json.dumps(value)

    @functions.signature({"types": ["string", "null"]})
    def _func_parse_json(self, text: str | None) -> Any:
        """What a text says as JSON; null where it is none."""
        if text is None or len(text) > _LONGEST_TEXT:
            return None
        try:
            found = json.loads(text, parse_constant=lambda _: None)
        except (ValueError, RecursionError):
            return None
        return found if not isinstance(found, float) or math.isfinite(found) else None

    @functions.signature({"types": ["string", "null"]}, {"types": ["string"]})
    def _func_split(self, text: str | None, at: str) -> list[str]:
        """The parts of a text, without the space around them."""
        if not text or not at:
            return [text] if text else []
        return [part.strip() for part in text.split(at) if part.strip()]

    @functions.signature({"types": ["string", "null"]})
    def _func_lower(self, text: str | None) -> str | None:
        return None if text is None else text.lower()

    @functions.signature({"types": ["string"]}, {"types": ["string", "number", "array", "null"]})
    def _func_prefix(self, with_: str, given: Any) -> list[str]:
        """Each text or number with something in front, as in `prefix('aws:', account)`."""
        parts = given if isinstance(given, list) else [given]
        self._reader.spend(len(parts) * len(with_))
        return [f"{with_}{one}" for one in parts if isinstance(one, str | int) and one != ""]


def _size(value: Any) -> int:
    return len(value) if isinstance(value, str | list | dict) else 1

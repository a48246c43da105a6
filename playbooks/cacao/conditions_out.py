"""Our conditions as CACAO writes them: comparisons of variables, in the manner of STIX patterns.

    our_role == "processor" and personal_data
    __our_role__:value = 'processor' AND __personal_data__:value = true

A set of choices is a text with a comma before and after each value. A look over all cases has no like there:
it becomes a variable of its own, whose description is the condition itself.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Final, assert_never

from playbooks.cacao.conditions_ours import in_our_words, point_in_our_words
from playbooks.cacao.vocabulary import fact_variable, variable_of
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
from playbooks.facts import fact_spec
from playbooks.truth import Comparison

OVER_CASES: Final = "True while this holds over the incident's cases: "
_OPPOSITE: Final[dict[Comparison, Comparison]] = {
    "<": ">=",
    "<=": ">",
    ">": "<=",
    ">=": "<",
    "==": "!=",
    "!=": "==",
}


def condition_text(text: str, *, negated: bool = False) -> str:
    """Return a condition of ours, or its opposite, in CACAO's form."""
    pattern = _pattern(compile_condition(text).root, negated)
    return pattern[1:-1] if pattern.startswith("(") else pattern


def condition_variables(text: str) -> dict[str, dict[str, object]]:
    """Return the definition of every variable that a condition's CACAO form reads."""
    return dict(_variables(compile_condition(text).root))


def over_cases_variable(text: str) -> tuple[str, dict[str, object]]:
    """Return the variable that stands for a look over all cases: its name is made of what it asks."""
    name = variable_of(f"cases_{hashlib.sha256(text.encode()).hexdigest()[:12]}")
    return name, {"type": "bool", "description": OVER_CASES + text, "constant": False, "external": True}


def _pattern(node: Node, negated: bool) -> str:
    """A part of a condition; a negation moves inwards, for STIX negates comparisons only."""
    match node:
        case Stated():
            return f"{_value(node.fact)} = {'false' if negated else 'true'}"
        case IsOneOf():
            return _one_of(node, negated)
        case Contains():
            return f"{_value(node.fact)} {'NOT ' if negated else ''}LIKE '%,{node.value},%'"
        case Compared():
            how = (_OPPOSITE[node.how] if negated else node.how).replace("==", "=")
            return f"{_value(node.fact)} {how} {_point(node)}"
        case Not():
            return _pattern(node.part, not negated)
        case All() | Any():
            word = " AND " if isinstance(node, All) != negated else " OR "
            return "(" + word.join(_pattern(part, negated) for part in node.parts) + ")"
        case OverCases():
            name, _ = over_cases_variable(in_our_words(node))
            return f"{name}:value = {'false' if negated else 'true'}"
        case _:
            assert_never(node)


def _one_of(node: IsOneOf, negated: bool) -> str:
    values = [f"'{value}'" for value in sorted(node.values)]
    if len(values) == 1:
        return f"{_value(node.fact)} {'!=' if negated else '='} {values[0]}"
    return f"{_value(node.fact)} {'NOT ' if negated else ''}IN ({', '.join(values)})"


def _point(node: Compared) -> str:
    if isinstance(node.other, FactName):
        return _value(node.other)
    return point_in_our_words(node.other).replace('"', "'")


def _value(fact: FactName) -> str:
    return f"{variable_of(fact.name)}:value"


def _variables(node: Node) -> Iterator[tuple[str, dict[str, object]]]:
    match node:
        case OverCases():
            yield over_cases_variable(in_our_words(node))
        case Not():
            yield from _variables(node.part)
        case All() | Any():
            for part in node.parts:
                yield from _variables(part)
        case Compared(other=FactName() as other):
            yield from (_fact_variable(node.fact), _fact_variable(other))
        case Stated() | IsOneOf() | Contains() | Compared():
            yield _fact_variable(node.fact)
        case _:
            assert_never(node)


def _fact_variable(fact: FactName) -> tuple[str, dict[str, object]]:
    return variable_of(fact.name), fact_variable(fact_spec(fact.name))

"""CACAO's conditions read as ours, as far as they speak of facts we know by their definitions.

A variable counts as a fact only when it is defined exactly as we define it: a foreign `__risk__` is a word of
its own. Whatever else stands there is not guessed at, and the caller is told None.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any as Anything
from typing import Final

from playbooks.cacao.conditions_ours import in_our_words
from playbooks.cacao.conditions_out import OVER_CASES, over_cases_variable
from playbooks.cacao.vocabulary import fact_of
from playbooks.condition_nodes import All, Any, Node, Not
from playbooks.condition_reader import LONGEST, read_condition
from playbooks.conditions import condition_faults

_TOKEN: Final = re.compile(
    r"\s*(?:(?P<variable>__[A-Za-z_][A-Za-z0-9_-]{0,199}__):value|(?P<text>'[^'\x22\\]*')"
    r"|(?P<number>-?\d{1,15})|(?P<word>AND|OR|NOT|IN|LIKE|true|false)\b|(?P<sign><=|>=|!=|=|<|>|\(|\)|,))",
    re.ASCII,
)
_DEEPEST: Final = 10
_MEMBER: Final = re.compile(r"'%,([a-zA-Z0-9_-]+),%'", re.ASCII)


class _UnreadableError(Exception):
    """A condition outside the form that we write."""


def condition_of(text: str, variables: Mapping[str, Anything]) -> str | None:
    """Return a CACAO condition in our language; None when it is not one we can be sure of."""
    try:
        reader = _Reader(_tokens(text), variables)
        node = reader.either(0)
        reader.ended()
    except _UnreadableError:
        return None
    ours = in_our_words(node)
    return None if condition_faults(ours) else ours


def _tokens(text: str) -> list[tuple[str, str]]:
    if len(text) > 4 * LONGEST:
        raise _UnreadableError
    found, at = [], 0
    while text[at:].strip():
        token = _TOKEN.match(text, at)
        if token is None:
            raise _UnreadableError
        found.append((str(token.lastgroup), str(token[str(token.lastgroup)])))
        at = token.end()
    return found


@dataclass
class _Reader:
    tokens: list[tuple[str, str]]
    variables: Mapping[str, Anything]
    at: int = 0

    def either(self, depth: int) -> Node:
        parts = [self.both(depth)]
        while self.took("OR"):
            parts.append(self.both(depth))
        return parts[0] if len(parts) == 1 else Any(tuple(parts))

    def both(self, depth: int) -> Node:
        parts = [self.one(depth)]
        while self.took("AND"):
            parts.append(self.one(depth))
        return parts[0] if len(parts) == 1 else All(tuple(parts))

    def one(self, depth: int) -> Node:
        if depth > _DEEPEST:
            raise _UnreadableError
        if self.took("("):
            found = self.either(depth + 1)
            self.expect(")")
            return found
        variable = self.next("variable")
        not_ = self.took("NOT")
        found = self.compared(variable)
        return Not(found) if not_ else found

    def compared(self, variable: str) -> Node:
        asked = self.over_cases(variable)
        if asked is not None:
            self.expect("=")
            return asked if self.yes() else Not(asked)
        name = self.fact(variable)
        if self.took("IN"):
            return _read(f"{name} in [{', '.join(self.listed())}]")
        if self.took("LIKE"):
            member = _MEMBER.fullmatch(self.next("text"))
            if member is None:
                raise _UnreadableError
            return _read(f'"{member[1]}" in {name}')
        how = self.next("sign").replace("=", "==") if self.peek() in ("=", "!=") else self.next("sign")
        return self.point(name, how.replace("!==", "!="))

    def point(self, name: str, how: str) -> Node:
        if self.peek() in ("true", "false") and how in ("==", "!="):
            return _read(name if self.yes() == (how == "==") else f"not {name}")
        kind, value = self.tokens[self.at] if self.at < len(self.tokens) else ("", "")
        self.at += 1
        right = {"text": value.replace("'", '"'), "number": value}.get(kind)
        if kind == "variable":
            right = self.fact(value)
        if right is None or how not in ("==", "!=", "<", "<=", ">", ">="):
            raise _UnreadableError
        return _read(f"{name} {how} {right}")

    def over_cases(self, variable: str) -> Node | None:
        definition = self.variables.get(variable)
        words = definition.get("description") if isinstance(definition, dict) else None
        if not isinstance(words, str) or not words.startswith(OVER_CASES):
            return None
        text = words.removeprefix(OVER_CASES)
        return _read(text) if over_cases_variable(text) == (variable, definition) else None

    def fact(self, variable: str) -> str:
        spec = fact_of(variable, self.variables.get(variable))
        if spec is None:
            raise _UnreadableError
        return spec.name

    def listed(self) -> list[str]:
        self.expect("(")
        values = [self.next("text")]
        while self.took(","):
            values.append(self.next("text"))
        self.expect(")")
        return [value.replace("'", '"') for value in values]

    def yes(self) -> bool:
        word = self.next("word")
        if word not in ("true", "false"):
            raise _UnreadableError
        return word == "true"

    def peek(self) -> str:
        return self.tokens[self.at][1] if self.at < len(self.tokens) else ""

    def took(self, token: str) -> bool:
        found = self.peek() == token and self.tokens[self.at][0] != "text"
        self.at += found
        return found

    def expect(self, token: str) -> None:
        if not self.took(token):
            raise _UnreadableError

    def next(self, kind: str) -> str:
        if self.at >= len(self.tokens) or self.tokens[self.at][0] != kind:
            raise _UnreadableError
        self.at += 1
        return self.tokens[self.at - 1][1]

    def ended(self) -> None:
        if self.at != len(self.tokens):
            raise _UnreadableError


def _read(text: str) -> Node:
    """Let our own reader judge the part: it knows every fact and its values."""
    node, faults = read_condition(text)
    if faults:
        raise _UnreadableError
    return node

"""From text to a condition: a whitelist over Python's grammar. Every fault has its column; nothing runs."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Final

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
    names_in,
)
from playbooks.condition_terms import FACTS, Term, Terms
from playbooks.errors import ConditionFault, FactFault
from playbooks.fact_parsing import parse_value
from playbooks.fact_types import FactSpec
from playbooks.truth import MIRRORED, Comparison

LONGEST = 1_000
_DEEPEST = 12
_NOTHING: Final = Any(())  # stands where a fault was noted; the condition is refused anyway
_COMPARISONS: Final[dict[type[ast.cmpop], Comparison]] = {
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
    ast.Eq: "==",
    ast.NotEq: "!=",
}
_LONGEST_TEXT = 200
_LANGUAGE = "use {}s, and, or, not, comparisons, in"
_TEXT = f'a text between quotes, of {_LONGEST_TEXT} characters at most: "backup"'
_WANTED = {"instant": 'an instant: "2026-03-01T14:05Z"', "line": _TEXT, "lines": _TEXT}
_CASES = ", any(case....), all(case....)"


def read_condition(text: str, terms: Terms = FACTS) -> tuple[Node, tuple[ConditionFault, ...]]:
    """Return the condition's tree, with every fault found on the way; it counts only when there is none."""
    reader = _Reader(text, terms)
    tree = reader.parse()
    node = _NOTHING if tree is None else reader.node(tree, depth=0)
    return node, tuple(reader.faults)


@dataclass
class _Reader:
    text: str
    terms: Terms
    faults: list[ConditionFault] = field(default_factory=list)
    in_quantifier: bool = False

    @property
    def language(self) -> str:
        return _LANGUAGE.format(self.terms.called) + (_CASES if self.terms.has_cases else "")

    @property
    def parsed(self) -> str:
        """The text on one line, its backslashes doubled where each stands for itself."""
        return self.text.replace("\n", " ").strip().replace("\\", "\\\\")

    def parse(self) -> ast.expr | None:
        text = self.text.replace("\n", " ")
        if not text.strip():
            return self.refused("the condition is empty", "leave `when` out for what is always wanted")
        if len(text) > LONGEST:
            return self.refused(f"the condition is longer than {LONGEST:,} characters", "split it")
        if not text.isprintable() or ("\\" in text and not self.terms.is_backslash_text):
            return self.refused("backslashes and control characters mean nothing here", "remove them")
        try:
            return ast.parse(self.parsed, mode="eval").body
        except SyntaxError as fault:
            at = f", column {fault.offset}" if fault.offset else ""
            return self.refused(f"not an expression{at}: {fault.msg}", self.language)
        except (ValueError, RecursionError, MemoryError):
            return self.refused("nested too deeply", "write it flatter")

    def refused(self, what: str, mend: str) -> ast.expr | None:
        self.faults.append(ConditionFault(what, which=self.text[:80], mend=mend))
        return None

    def fault(self, at: ast.AST, what: str, mend: str) -> Node:
        before = self.parsed.encode()[: getattr(at, "col_offset", 0)].decode().replace("\\\\", "\\")
        self.refused(f"column {len(before) + 1}: {what}", mend)
        return _NOTHING

    def node(self, tree: ast.expr, depth: int) -> Node:
        if depth > _DEEPEST:
            return self.fault(tree, f"nested deeper than {_DEEPEST} levels", "write it flatter")
        match tree:
            case ast.BoolOp(op=ast.And()):
                return All(tuple(self.node(part, depth + 1) for part in tree.values))
            case ast.BoolOp():
                return Any(tuple(self.node(part, depth + 1) for part in tree.values))
            case ast.UnaryOp(op=ast.Not()):
                return Not(self.node(tree.operand, depth + 1))
            case ast.Compare(ops=[op], comparators=[right]):
                return self.comparison(tree, tree.left, op, right)
            case ast.Compare():
                return self.fault(tree, "two comparisons in a row", "join them with `and`")
            case ast.Call():
                return self.over_cases(tree, depth)
            case ast.Name() | ast.Attribute():
                return self.stated(tree)
            case _:
                return self.fault(tree, f"`{self.source(tree)}` is not part of the language", self.language)

    def source(self, tree: ast.AST) -> str:
        return (ast.get_source_segment(self.parsed, tree) or "")[:60].replace("\\\\", "\\")

    def over_cases(self, call: ast.Call, depth: int) -> Node:
        match call:
            case _ if not self.terms.has_cases:
                return self.fault(call, f"`{self.source(call)}` calls something", "there are no calls")
            case ast.Call(func=ast.Name(id="any" | "all" as which), args=[part], keywords=[]):
                if self.in_quantifier:
                    return self.fault(
                        call, f"`{which}` inside any or all", "one look over the cases is enough"
                    )
                self.in_quantifier = True
                before = len(self.faults)
                found = self.node(part, depth + 1)
                self.in_quantifier = False
                if len(self.faults) == before and not any(name.of_each_case for name in names_in(found)):
                    return self.fault(call, f"`{which}` without case.…", f"write {which}(case.fact …)")
                return OverCases(which == "all", found)
            case _:
                return self.fault(
                    call, f"`{self.source(call)}` calls something", "only any() and all() exist"
                )

    def stated(self, tree: ast.expr) -> Node:
        named = self.fact(tree)
        if named is None:
            return _NOTHING
        name, spec = named
        if spec.type != "yes_no":
            return self.fault(
                tree, f"`{name.name}` is not a yes-no {self.terms.called}", "compare it with a value"
            )
        return Stated(name)

    def fact(self, tree: ast.expr) -> tuple[FactName, Term] | None:
        called = self.terms.called
        match tree:
            case ast.Name():
                name = FactName(tree.id)
            case ast.Attribute(value=ast.Name(id="case")) if self.in_quantifier:
                name = FactName(tree.attr, of_each_case=True)
            case ast.Attribute(value=ast.Name(id="case")):
                self.fault(
                    tree, "`case.` outside any() or all()", f"write `{tree.attr}` for the case at hand"
                )
                return None
            case _:
                self.fault(
                    tree, f"`{self.source(tree)}` is not a {called}", f"compare a {called} with a value"
                )
                return None
        if name.name in self.terms.known:
            return name, self.terms.known[name.name]
        near = get_close_matches(name.name, self.terms.known, n=1)
        mend = f"did you mean `{near[0]}`?" if near else self.terms.listed_in
        self.fault(tree, f"`{name.name}` is not a {called}", mend)
        return None

    def comparison(self, whole: ast.expr, left: ast.expr, op: ast.cmpop, right: ast.expr) -> Node:
        if isinstance(op, ast.In | ast.NotIn):
            found = self.membership(whole, left, right)
            return Not(found) if isinstance(op, ast.NotIn) else found
        how = _COMPARISONS.get(type(op))
        if how is None:
            return self.fault(whole, "`is` compares identities", "write == or !=")
        if isinstance(left, ast.Constant) and not isinstance(right, ast.Constant):
            left, how, right = right, MIRRORED[how], left
        named = self.fact(left)
        return _NOTHING if named is None else self.compared(whole, named, how, right)

    def compared(
        self, whole: ast.expr, named: tuple[FactName, Term], how: Comparison, right: ast.expr
    ) -> Node:
        name, spec = named
        if spec.type in ("choice", "line") and how in ("==", "!="):
            value = self.constant(spec, right)
            one = IsOneOf(name, frozenset({value})) if isinstance(value, str) else _NOTHING
            return Not(one) if how == "!=" else one
        if spec.type == "instant" and isinstance(right, ast.Name | ast.Attribute):
            return self.two_instants(name, how, right)
        if spec.type in ("range", "integer", "instant"):
            point = self.constant(spec, right)
            return _NOTHING if point is None else Compared(name, how, point)  # type: ignore[arg-type]  # by spec.type
        mends = {
            "yes_no": f"write `{name.name}` or `not {name.name}`",
            "choice": "a choice is equal or not",
            "choices": f'write "value" in {name.name}',
            "line": "a text is equal or not, or holds another",
            "lines": f'write "text" in {name.name}',
        }
        mend = mends.get(spec.type, "text cannot be compared")
        return self.fault(whole, f"`{name.name}` cannot be compared with {how}", mend)

    def two_instants(self, name: FactName, how: Comparison, right: ast.expr) -> Node:
        other = self.fact(right)
        if other is None:
            return _NOTHING
        if other[1].type != "instant":
            return self.fault(right, f"`{other[0].name}` is not an instant", "compare two instants")
        return Compared(name, how, other[0])

    def membership(self, whole: ast.expr, left: ast.expr, right: ast.expr) -> Node:
        if isinstance(left, ast.Constant):
            named = self.fact(right)
            if named is None:
                return _NOTHING
            name, spec = named
            if spec.type not in ("choices", "line", "lines"):
                return self.fault(whole, f"`{name.name}` does not hold several values", "use == or !=")
            value = self.constant(spec, left)
            return Contains(name, value) if isinstance(value, str) else _NOTHING
        named = self.fact(left)
        if named is None:
            return _NOTHING
        if not isinstance(right, ast.List | ast.Tuple | ast.Set) or named[1].type not in ("choice", "line"):
            return self.fault(
                whole, "`in` takes a choice and a list, or a value and a set of choices", self.language
            )
        values = [self.constant(named[1], part) for part in right.elts]
        return IsOneOf(named[0], frozenset(value for value in values if isinstance(value, str)))

    def constant(self, spec: Term, tree: ast.expr) -> object:
        """Return a constant as a value of this fact, None once its fault is noted."""
        given = tree.value if isinstance(tree, ast.Constant) else None
        exact = isinstance(given, int) and not isinstance(given, bool)
        try:
            match spec.type:
                case "choice" | "choices" if isinstance(given, str) and given in spec.values:
                    return given
                case "line" | "lines" if isinstance(given, str) and 0 < len(given.strip()) <= _LONGEST_TEXT:
                    return given.strip().casefold()
                case "range" | "integer" if exact:
                    return parse_value(FactSpec(name=spec.name, type="integer", label=spec.label), given)
                case "instant" if isinstance(given, str) and given != "unknown":
                    return parse_value(FactSpec(name=spec.name, type="instant", label=spec.label), given)
        except FactFault as fault:
            self.fault(tree, fault.what, fault.mend)
            return None
        wanted = ", ".join(spec.values) or _WANTED.get(spec.type, "a whole number")
        self.fault(tree, f"`{self.source(tree)}` is no value of `{spec.name}`", f"use one of: {wanted}")
        return None

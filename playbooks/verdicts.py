"""Whether a rule obliges us, as far as the facts say, with the trace of why or why not."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from functools import lru_cache

from playbooks.conditions import Condition, compile_condition
from playbooks.facts import UNKNOWN, FactView
from playbooks.law import Rule
from playbooks.timebase import aware


class Holds(StrEnum):
    """The three answers of a condition over facts of which some are unknown."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a rule applies, and the facts that decided it in the order the rule names them."""

    holds: Holds
    why: tuple[str, ...]


def judge(rule: Rule, view: FactView, case: str | None) -> Verdict:
    """Whether the rule's condition holds for the incident (case None) or one case, and why or why not."""
    facts = view.for_case(case)
    trace = [f"{name} is {_shown(facts.get(name, UNKNOWN))}" for name in _names(rule.when)]
    answer = _condition(rule.when).evaluate(view, case)
    if answer is True:
        return Verdict(Holds.YES, (*trace, f"so it applies: {rule.when}"))
    if answer is False:
        return Verdict(Holds.NO, (*trace, f"so it does not apply: {rule.when}"))
    return Verdict(Holds.UNKNOWN, (*trace, f"so it is presumed until known: {rule.when}"))


def anchor_of(rule: Rule, view: FactView, case: str | None) -> datetime | None:
    """The instant that starts the rule's clock, or None while nobody has stated it."""
    value = view.for_case(case).get(rule.starts, UNKNOWN)
    return aware(value, rule.starts) if isinstance(value, datetime) else None


def law_day(rule: Rule, view: FactView, case: str | None, now: datetime) -> date:
    """The day whose law decides: that of the clock's start, or today while it has none."""
    return (anchor_of(rule, view, case) or aware(now, "now")).date()


@lru_cache(maxsize=1024)
def _condition(text: str) -> Condition:
    return compile_condition(text)


@lru_cache(maxsize=1024)
def _names(text: str) -> tuple[str, ...]:
    found = (node.id for node in ast.walk(ast.parse(text, mode="eval")) if isinstance(node, ast.Name))
    return tuple(dict.fromkeys(found))


def _shown(value: object) -> str:
    if value is UNKNOWN:
        return "unknown"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, (frozenset, set, tuple, list)):
        return ", ".join(sorted(str(item) for item in value)) or "none"
    return str(value)

"""Whether a rule obliges us, as far as the facts say, with the trace of why or why not."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from playbooks.conditions import Condition, compile_condition
from playbooks.facts import UNKNOWN, FactView
from playbooks.law import Rule
from playbooks.timebase import aware
from playbooks.truth import Truth


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a rule applies, and the facts that decided it in the order the rule names them."""

    holds: Truth
    why: tuple[str, ...]


def judge(rule: Rule, view: FactView, case: str | None) -> Verdict:
    """Whether the rule's condition holds for the incident (case None) or one case, and why or why not."""
    condition, facts = compile_condition(rule.when), view.for_case(case)
    trace = [f"{name} is {_shown(facts.get(name, UNKNOWN))}" for name in _names(condition)]
    answer = condition.evaluate(view, case)
    if answer is True:
        return Verdict(True, (*trace, f"so it applies: {rule.when}"))
    if answer is False:
        return Verdict(False, (*trace, f"so it does not apply: {rule.when}"))
    return Verdict(UNKNOWN, (*trace, f"so it is presumed until known: {rule.when}"))


def anchor_of(rule: Rule, view: FactView, case: str | None) -> datetime | None:
    """The instant that starts the rule's clock, or None while nobody has stated it."""
    value = view.for_case(case).get(rule.starts, UNKNOWN)
    return aware(value, rule.starts) if isinstance(value, datetime) else None


def law_day(rule: Rule, view: FactView, case: str | None, now: datetime) -> date:
    """The day whose law decides: that of the clock's start, or today while it has none."""
    return (anchor_of(rule, view, case) or aware(now, "now")).date()


def _names(condition: Condition) -> list[str]:
    return sorted(condition.names, key=condition.text.index)


def _shown(value: object) -> str:
    if value is UNKNOWN:
        return "unknown"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, (frozenset, set, tuple, list)):
        return ", ".join(sorted(str(item) for item in value)) or "none"
    return str(value)

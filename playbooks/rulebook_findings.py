"""What a careful reader should know before relying on a rule: no fault, but not settled either. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Literal, TypeAlias

from playbooks.law import Rule

Standing: TypeAlias = Literal["in_force", "not_in_force", "repealed", "proposed"]


def standing_on(rule: Rule, day: date) -> Standing:
    """Whether this version is law on that day, and if not, whether it is to come, gone or only proposed."""
    if rule.holds_on(day):
        return "in_force"
    if rule.status == "proposed":
        return "proposed"
    is_gone = rule.in_force_until is not None and rule.in_force_until <= day
    return "repealed" if is_gone else "not_in_force"


def findings(rule: Rule, today: date) -> tuple[str, ...]:
    """Everything about a rule that a named reviewer should settle, worst first."""
    return tuple(_findings(rule, today))


def _findings(rule: Rule, today: date) -> Iterator[str]:
    if rule.stub:
        yield "stub: confirm it before relying on it"
    now = standing_on(rule, today)
    if now != rule.status:
        yield f"says {rule.status}, but is {now} on {today}"
    read, _, sure = rule.evidence.partition("-")
    if read == "M":
        yield "from memory only"
    if sure == "L":
        yield "low confidence"
    if rule.citation.checked_on is None:
        yield "citation never checked"
    if rule.reviewer is None:
        yield "no reviewer"

"""Which playbook an alert opens and how severe it counts, with the reason. No default accuses anybody."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, TypeAlias, get_args

from playbooks.alerts.matching import Folded, Test, categories_of, compile_match
from playbooks.alerts.rule_models import PlaybookRule, SeverityChange, SeverityRule
from playbooks.alerts.view import Category, Severity

UNCLASSIFIED: Final = "unclassified-incident"
"""The general playbook, where no rule says anything better."""

_RANK: Final[dict[Severity, int]] = {one: -at for at, one in enumerate(get_args(Severity))}


@dataclass(frozen=True, slots=True)
class Choice:
    """What an alert opens, how severe it counts, and why."""

    playbook: str
    severity: Severity
    why: str


@dataclass(frozen=True, slots=True)
class Chooser:
    """A rule of playbook or severity made ready to run; `playbook` is empty where it chooses none."""

    id: str
    holds: Test
    playbook: str
    change: SeverityChange | None
    why: str
    categories: frozenset[str]
    """Of alerts for which it can hold at all."""

    @classmethod
    def of(cls, rule: PlaybookRule | SeverityRule) -> Chooser:
        """A rule as its file holds it, made ready."""
        playbook = rule.playbook if isinstance(rule, PlaybookRule) else ""
        why = f"rule {rule.id}: {rule.why}"
        holds = compile_match(rule.when).holds
        return cls(rule.id, holds, playbook, rule.severity, why, categories_of(rule.when))


ByCategory: TypeAlias = Mapping[str, tuple[Chooser, ...]]


def by_category(choosers: Iterable[Chooser]) -> ByCategory:
    """The rules that can hold for an alert of each category, in order, so that few are asked."""
    known = tuple(choosers)
    return {
        category: tuple(one for one in known if category in one.categories) for category in get_args(Category)
    }


def chosen(
    choosers: ByCategory, raisers: ByCategory, alert: Folded, severity: Severity, of_source: str
) -> Choice:
    """The source's own playbook, else that of the first rule that holds, else the general one."""
    asked = () if of_source else choosers.get(alert.category, ())
    rule = next((one for one in asked if one.holds(alert)), None)
    playbook = of_source or (rule.playbook if rule else UNCLASSIFIED)
    why = "chosen for this source" if of_source else (rule.why if rule else "no rule matches")
    counted, because = _severity(rule, raisers.get(alert.category, ()), alert, severity)
    return Choice(playbook, counted, "; ".join((why, *because)))


def _severity(
    rule: Chooser | None, raisers: Iterable[Chooser], alert: Folded, severity: Severity
) -> tuple[Severity, list[str]]:
    """The tool's severity moved by the chosen rule, then by severity rules until one says what it `is`."""
    because: list[str] = []
    changes = [] if rule is None else [rule]
    for one in (*changes, *(raiser for raiser in raisers if raiser.holds(alert))):
        change = one.change
        if change is None:
            continue
        moved = _moved(severity, change)
        if moved != severity:
            because.append(f"severity {moved}" if one is rule else f"severity {moved} by {one.why}")
            severity = moved
        if change.is_ is not None:
            break
    return severity, because


def _moved(severity: Severity, change: SeverityChange) -> Severity:
    if change.is_ is not None:
        return change.is_
    least = change.at_least
    return severity if least is None or _RANK[severity] >= _RANK[least] else least

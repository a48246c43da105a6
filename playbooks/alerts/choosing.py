"""Which playbook an alert opens and how severe it counts, with the reason. No default accuses anybody."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, get_args

from playbooks.alerts.matching import Folded, Test, compile_match
from playbooks.alerts.rule_models import PlaybookRule, SeverityChange, SeverityRule
from playbooks.alerts.view import Severity

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

    @classmethod
    def of(cls, rule: PlaybookRule | SeverityRule) -> Chooser:
        """A rule as its file holds it, made ready."""
        playbook = rule.playbook if isinstance(rule, PlaybookRule) else ""
        why = f"{rule.why} (rule {rule.id})"
        return cls(rule.id, compile_match(rule.when).holds, playbook, rule.severity, why)


def chosen(
    choosers: Iterable[Chooser], raisers: Iterable[Chooser], alert: Folded, severity: Severity, of_source: str
) -> Choice:
    """The source's own playbook, else that of the first rule that holds, else the general one."""
    rule = None if of_source else next((one for one in choosers if one.holds(alert)), None)
    playbook = of_source or (rule.playbook if rule else UNCLASSIFIED)
    why = "chosen for this source" if of_source else (rule.why if rule else "no rule matches")
    counted, because = _severity(rule, raisers, alert, severity)
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
            because.append(f"severity {moved}" if one is rule else f"severity {moved}: {one.why}")
            severity = moved
        if change.is_ is not None:
            break
    return severity, because


def _moved(severity: Severity, change: SeverityChange) -> Severity:
    if change.is_ is not None:
        return change.is_
    least = change.at_least
    return severity if least is None or _RANK[severity] >= _RANK[least] else least

"""What a rule for alerts does, in a few words, for lists and pages."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, assert_never

from notify.plan_card import period_words
from playbooks.alerts.rule_models import (
    CorrelationRule,
    PlaybookRule,
    Rule,
    Section,
    SeverityChange,
    SeverityRule,
)

HEADS: Final[Mapping[Section, str]] = MappingProxyType(
    {"correlation": "holds together", "playbooks": "opens", "severity": "severity"}
)
"""What the rules of each list do, as the head of a column."""


def what_it_does(rule: Rule) -> str:
    """What a rule does once its condition holds: `same account, 4h`, `ransomware, at least high`."""
    match rule:
        case CorrelationRule():
            return _grouping(rule)
        case PlaybookRule():
            return f"{rule.playbook}, {_severity(rule.severity)}" if rule.severity else rule.playbook
        case SeverityRule():
            return _severity(rule.severity)
        case _:
            assert_never(rule)


def _grouping(rule: CorrelationRule) -> str:
    parts = [f"same {' and '.join(rule.by)}", period_words(rule.window)]
    if rule.threshold > 1:
        parts.append(f"from {rule.threshold:,} alerts")
    if rule.then == "candidate":
        parts.append("a candidate")
    return ", ".join(parts)


def _severity(change: SeverityChange) -> str:
    return f"is {change.is_}" if change.is_ else f"at least {change.at_least}"

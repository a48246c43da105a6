"""Which alerts belong together: the keys that an alert has by each correlation rule.

An alert joins an incident when any of its keys belongs to that incident, open, and the last alert of that key
is no older than the key's window. `threshold` and `then` count only for an alert that joins nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import islice, product
from typing import Final

from playbooks.alerts.attributes import FIELD_OF
from playbooks.alerts.matching import Folded, Test, compile_match
from playbooks.alerts.rule_models import CorrelationRule, Then

KEYS_OF_A_RULE: Final = 20
KEYS_OF_AN_ALERT: Final = 50


@dataclass(frozen=True, slots=True)
class GroupKey:
    """What one rule holds alerts together by: its values in the order of `by`, without case and margins."""

    rule: str
    values: tuple[str, ...]
    window: timedelta
    """How long after the group's last alert another one still belongs to it."""
    by_machine: bool = field(default=False, compare=False)
    """Whether a machine's name is part of it, which machines of another client may bear too."""


@dataclass(frozen=True, slots=True)
class Grouping:
    """All keys of an alert, and what becomes of it when none of them belongs to an open incident."""

    keys: tuple[GroupKey, ...] = ()
    then: Then = "open"
    threshold: int = 1
    """Alerts of `threshold_key` before it opens anything; fewer are held."""
    threshold_key: GroupKey | None = None
    """The first key of the rule that set `then` and `threshold`; none where no rule did."""
    why: str = ""


@dataclass(frozen=True, slots=True)
class Excluded:
    """Values that say nothing of what belongs together, ready to be compared."""

    exact: frozenset[str]
    beginnings: tuple[str, ...]
    endings: tuple[str, ...]

    @classmethod
    def of(cls, values: Iterable[str]) -> Excluded:
        """The values of a rule's `except`, where `*` at the beginning or end stands for anything."""
        texts = [value.strip().casefold() for value in values]
        return cls(
            frozenset(text for text in texts if "*" not in text),
            tuple(text[:-1] for text in texts if text.endswith("*")),
            tuple(text[1:] for text in texts if text.startswith("*")),
        )

    def __contains__(self, value: str) -> bool:
        return value in self.exact or value.startswith(self.beginnings) or value.endswith(self.endings)


@dataclass(frozen=True, slots=True)
class Correlator:
    """A correlation rule made ready to run."""

    id: str
    fields: tuple[str, ...]
    holds: Test | None
    excluded: Excluded
    window: timedelta
    threshold: int
    then: Then
    why: str

    @classmethod
    def of(cls, rule: CorrelationRule) -> Correlator:
        """A rule as its file holds it, made ready."""
        holds = compile_match(rule.when).holds if rule.when else None
        fields = tuple(FIELD_OF[one] for one in rule.by)
        excluded = Excluded.of(rule.except_)
        return cls(rule.id, fields, holds, excluded, rule.window, rule.threshold, rule.then, rule.why)

    def keys(self, alert: Folded) -> list[GroupKey]:
        """The alert's keys by this rule, in order; none where a field has no value that counts."""
        if self.holds is not None and not self.holds(alert):
            return []
        columns: list[list[str]] = []
        for name in self.fields:
            held = getattr(alert, name)
            excluded = self.excluded
            texts = [one for one in ((held,) if isinstance(held, str) else held) if one not in excluded]
            if not texts or not texts[0]:
                return []
            columns.append(sorted(texts))
        by_machine = "hosts" in self.fields
        if len(columns) == 1:
            return [
                GroupKey(self.id, (text,), self.window, by_machine) for text in columns[0][:KEYS_OF_A_RULE]
            ]
        rows = islice(product(*columns), KEYS_OF_A_RULE)
        return [GroupKey(self.id, row, self.window, by_machine) for row in rows]


def grouped(correlators: tuple[Correlator, ...], alert: Folded) -> Grouping:
    """All keys of an alert; the first rule that asks for more than one alert or for a human decides."""
    keys: list[GroupKey] = []
    decisive: tuple[Correlator, GroupKey] | None = None
    for one in correlators:
        found = one.keys(alert)[: KEYS_OF_AN_ALERT - len(keys)]
        if found:
            keys += found
            if decisive is None and (one.threshold > 1 or one.then == "candidate"):
                decisive = one, found[0]
    kept = tuple(keys)
    if decisive is None:
        return Grouping(kept)
    rule, key = decisive
    return Grouping(kept, rule.then, rule.threshold, key, rule.why)

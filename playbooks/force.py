"""Which version of a rule is law: that of the day on which its clock starts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date

from playbooks.law import Rule


def in_force(rules: Iterable[Rule], day_of: Callable[[Rule], date]) -> tuple[Rule, ...]:
    """Of each rule the version that holds on its day, that of its clock's start; by id."""
    books = versions_by_id(rules)
    found = {name: version_in_force(books[name], day_of) for name in sorted(books)}
    return tuple(rule for rule in found.values() if rule is not None)


def versions_by_id(rules: Iterable[Rule]) -> dict[str, list[Rule]]:
    """The versions of each rule, the youngest first."""
    found: dict[str, list[Rule]] = {}
    for rule in sorted(rules, key=_age, reverse=True):
        found.setdefault(rule.id, []).append(rule)
    return found


def version_in_force(versions: Sequence[Rule], day_of: Callable[[Rule], date]) -> Rule | None:
    """The youngest of a rule's versions that holds on its own day; None where none is law.

    Versions may start at different events. Where each one's event lies in the other's time, the law of the
    earliest of these days decides, so that no breach falls between two texts.
    """
    days = [day_of(rule) for rule in versions]
    own = (rule for rule, day in zip(versions, days, strict=True) if rule.holds_on(day))
    found = next(own, None)
    if found is None and len(versions) > 1:
        found = next((rule for rule in versions if rule.holds_on(min(days))), None)
    return found


def _age(rule: Rule) -> tuple[date, str]:
    return rule.in_force_from or date.min, rule.version

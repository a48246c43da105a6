"""What differs between two versions of a rule, or between two rulebooks: field by field. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from playbooks.law import Rule

_SKIPPED = frozenset({"id"})


@dataclass(frozen=True, slots=True)
class FieldChange:
    """A field that says something else, as JSON holds it; None where it says nothing."""

    field: str
    before: Any
    after: Any


@dataclass(frozen=True, slots=True)
class RuleChange:
    """A rule that came, went, or says something else."""

    rule: str
    change: Literal["added", "removed", "changed"]
    fields: tuple[FieldChange, ...] = ()


def field_changes(before: Rule, after: Rule) -> tuple[FieldChange, ...]:
    """Every field in which two versions differ, in the order in which rules are written."""
    old, new = (rule.model_dump(mode="json") for rule in (before, after))
    return tuple(
        FieldChange(name, old[name], new[name])
        for name in old
        if name not in _SKIPPED and old[name] != new[name]
    )


def book_changes(before: Mapping[str, Rule], after: Mapping[str, Rule]) -> tuple[RuleChange, ...]:
    """What came, went and changed between two rulebooks, by `id@version`."""
    return tuple(_book_changes(before, after))


def _book_changes(before: Mapping[str, Rule], after: Mapping[str, Rule]) -> Iterator[RuleChange]:
    for key in sorted(before.keys() | after.keys()):
        if key not in before:
            yield RuleChange(key, "added")
        elif key not in after:
            yield RuleChange(key, "removed")
        elif fields := field_changes(before[key], after[key]):
            yield RuleChange(key, "changed", fields)

"""The one small language for plans, rules and correlation: typed facts, three-valued, nothing executed.

personal_data and our_role == "processor"
"health" in data_categories or people_affected >= 500
any(case.our_role == "controller" and case.risk in ["likely", "high"])
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache

from playbooks.condition_nodes import Ground, Node, evaluated, names_in
from playbooks.condition_reader import read_condition
from playbooks.errors import ConditionFault
from playbooks.facts import UNKNOWN, FactView
from playbooks.truth import Truth

__all__ = ["UNKNOWN", "Condition", "Truth", "compile_condition", "condition_faults"]


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition that was checked against the dictionary of facts; equal when its text is."""

    text: str
    root: Node = field(compare=False, repr=False)
    names_in_order: tuple[str, ...] = field(compare=False, repr=False)
    looks_at_all_cases: bool = field(compare=False, repr=False)

    def evaluate(self, view: FactView, case: str | None = None) -> Truth:
        """Return True, False, or UNKNOWN while the facts allow both; plain names mean the case at hand."""
        return evaluated(self.root, Ground(view, case))

    @property
    def names(self) -> frozenset[str]:
        """The facts it reads."""
        return frozenset(self.names_in_order)

    def unknown_facts(self, view: FactView, case: str | None = None) -> tuple[str, ...]:
        """Return the facts it reads that nobody has stated: for the case at hand or, by `case.`, for any."""
        grounds = tuple(Ground(view, case).each_case())
        missing = {name.name for name in names_in(self.root) for at in grounds if at.value(name) is UNKNOWN}
        return tuple(sorted(missing))


def condition_faults(text: str) -> tuple[ConditionFault, ...]:
    """Return everything wrong with a condition: names, columns and mends; nothing when it is sound."""
    return read_condition(text)[1]


@lru_cache(maxsize=4096)
def compile_condition(text: str) -> Condition:
    """Return the condition this text says; ConditionFault lists everything wrong with it."""
    root, faults = read_condition(text)
    if faults:
        raise joined(faults)
    named = tuple(names_in(root))
    in_order = tuple(sorted({name.name for name in named}, key=text.index))
    return Condition(text, root, in_order, any(name.of_each_case for name in named))


def joined(faults: tuple[ConditionFault, ...]) -> ConditionFault:
    """Return all faults of one condition as one."""
    if len(faults) == 1:
        return faults[0]
    what = "; ".join(fault.what for fault in faults)
    mend = "; ".join(dict.fromkeys(fault.mend for fault in faults))
    return ConditionFault(what, which=faults[0].which, mend=mend)

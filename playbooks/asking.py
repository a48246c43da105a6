"""Which facts the law still wants: those that decide a rule nobody can decide yet. Nothing else is asked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime

from playbooks.conditions import compile_condition
from playbooks.facts import UNKNOWN, FactView
from playbooks.law import Rule
from playbooks.verdicts import Bench, Met


def needed_facts(
    rules: Iterable[Rule],
    view: FactView,
    cases: Sequence[str],
    now: datetime,
    *,
    met: Met | None = None,
    footprint: frozenset[str] | None = None,
) -> tuple[str, ...]:
    """The facts that undecided duties still want, the one that most of them want first.

    A fact is wanted when it is unknown and a rule that may oblige an incident or a case cannot be decided;
    what a rule wants that waits for another act is asked once that act is done (`met`).
    """
    wanted: Counter[str] = Counter()
    bench = Bench([rule for rule in rules if rule.has_clock], view, now, met or {}, footprint=footprint)
    for case in (None, *cases):
        only = ("incident" if cases else None) if case is None else "case"
        for one in bench.put(case, only=only):
            waits = one.rule.depends_on and not bench.events(one.rule, case)
            if one.verdict.holds is UNKNOWN and not waits:
                wanted.update(compile_condition(one.rule.when).unknown_facts(view, case))
    return tuple(sorted(wanted, key=lambda name: (-wanted[name], name)))

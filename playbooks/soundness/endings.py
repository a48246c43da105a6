"""Does every way through a playbook end, and is every step reached? Walked where affordable, else shown."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from playbooks.conditions import compile_condition
from playbooks.models import Playbook, Step
from playbooks.order import all_before, prerequisites
from playbooks.soundness.findings import Finding, fault, warning
from playbooks.soundness.groups import Group, conditions_of, groups_of, surely_asked
from playbooks.soundness.walking import Walked, walk
from playbooks.soundness.worlds import MOST_WORK, casts_of, cost_of

MOST_EDGES = 10_000
"""How many times one step may wait for another before nothing is walked any more."""


@dataclass(frozen=True, slots=True)
class Endings:
    """What was found, how many ways were walked, and for which facts structure alone had to do."""

    findings: tuple[Finding, ...]
    ways: int
    by_structure: tuple[str, ...]


def endings_of(plan: Playbook) -> Endings:
    """Look at every way through a playbook."""
    if sum(len(of) for of in prerequisites(plan).values()) > MOST_EDGES:
        return Endings(tuple(_unshown(plan, _read_by(plan))), 0, tuple(sorted(_read_by(plan))))
    findings: list[Finding] = []
    by_structure: list[str] = []
    ways, work = 0, MOST_WORK
    for group in groups_of(plan):
        walked = _walked(group) if work > 0 else None
        if walked is None:
            by_structure += (name for name in group.facts if name not in by_structure)
            findings += _unshown(plan, frozenset(group.facts))
            continue
        ways += walked.ways
        work -= walked.ways * cost_of(group.slice)
        findings += _of_walks(plan, group, walked)
    return Endings(tuple(findings), ways, tuple(by_structure))


@lru_cache(maxsize=256)
def _walked(group: Group) -> Walked | None:
    """Walk every way through a group; None where they are too many. Playbooks share groups of steps."""
    casts = casts_of(group)
    return None if casts is None else walk(group.slice, casts)


def _of_walks(plan: Playbook, group: Group, walked: Walked) -> Iterator[Finding]:
    for step_id, facts in walked.stuck.items():
        yield _waits_for_ever(plan.step(step_id), facts)
    waits = prerequisites(group.slice)
    for step in group.slice.steps:
        if step.id not in walked.opened and walked.stuck.keys().isdisjoint(
            {step.id, *all_before(waits, step.id)}
        ):
            what = (
                f"`{step.id}` is never reached: what its condition needs is asked only where it cannot be so"
            )
            yield fault(step.id, "when", what, "mend the condition, or ask for the fact elsewhere")


def _waits_for_ever(step: Step, facts: frozenset[str]) -> Finding:
    named = ", ".join(f"`{name}`" for name in sorted(facts)) or "what never comes"
    what = f"`{step.id}` may wait for ever for {named}: nobody has to answer it on some way there"
    return fault(
        step.id, "when", what, "make it a required field of a step always asked, or say `if_unknown: open`"
    )


def _read_by(plan: Playbook) -> frozenset[str]:
    return frozenset(name for step in plan.steps for one in conditions_of(step) for name in one.names)


def _unshown(plan: Playbook, facts: frozenset[str]) -> Iterator[Finding]:
    """Find steps that wait on a fact which no step surely asks for: enough to show that all others end.

    Nothing waits in a circle, and an open step ends; so only a condition that stays unknown holds a plan up.
    """
    waits = prerequisites(plan)
    before = {step.id: all_before(waits, step.id) for step in plan.steps}
    for step in plan.steps:
        if step.when is None or plan.if_unknown(step.id) == "open":
            continue
        others = [one for one in plan.steps if one.id != step.id and step.id not in before[one.id]]
        sure = frozenset(name for one in others for name in surely_asked(one))
        if unsure := (compile_condition(step.when).names & facts) - sure:
            named = ", ".join(f"`{name}`" for name in sorted(unsure))
            what = f"it cannot be shown that `{step.id}` ends: no step that is always asked requires {named}"
            yield warning(step.id, "when", what, "ask for it in a step without a condition")

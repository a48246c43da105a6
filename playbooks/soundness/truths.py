"""What each condition can come to: one that is never true, or never false, says something else than meant."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import product
from math import prod
from typing import Final, TypeAlias

from playbooks.condition_nodes import All, FactName, names_in
from playbooks.conditions import Condition, Truth, compile_condition
from playbooks.facts import FactValue, FactView
from playbooks.models import Playbook, Step
from playbooks.soundness.findings import Finding, fault, warning
from playbooks.soundness.values import representatives

MOST_LOOKS: Final = 150_000
"""How often the conditions of one playbook are evaluated at most; what is left over is said, not guessed."""
Outcomes: TypeAlias = frozenset[Truth]


@dataclass
class Looks:
    """How many looks are left for this playbook."""

    left: int = field(default=MOST_LOOKS)

    def take(self, count: int) -> bool:
        """Tell whether so many looks may be taken, and take them."""
        if count > self.left:
            return False
        self.left -= count
        return True


def condition_findings(plan: Playbook) -> Iterator[Finding]:
    """Find conditions that cannot be true or cannot be false, alone or behind what their step waits for."""
    looks = Looks()
    for step in plan.steps:
        for key, text in _conditions_of(step):
            outcomes = outcomes_of(compile_condition(text), looks)
            if outcomes is None:
                yield _not_looked_at(step, key)
            elif True not in outcomes:
                yield _never(step, key, text)
            elif False not in outcomes:
                yield _always(step, key, text)
        yield from _only_when_passed_by(plan, step, looks)


def outcomes_of(condition: Condition, looks: Looks) -> Outcomes | None:
    """Return all that a condition comes to over known facts; None where that is too much to look at."""
    values = representatives([condition])
    names = tuple(dict.fromkeys(names_in(condition.root)))
    each = [values[name.name] for name in names]
    if not looks.take(prod(len(of) for of in each)):
        return None
    return frozenset(condition.evaluate(_view(names, row)) for row in product(*each))


def _view(names: tuple[FactName, ...], row: tuple[FactValue, ...]) -> FactView:
    """Plain names are the incident's facts here, those with `case.` the facts of its one case."""
    given: Mapping[bool, dict[str, FactValue]] = {False: {}, True: {}}
    for name, value in zip(names, row, strict=True):
        given[name.of_each_case][name.name] = value
    return FactView(given[False], {"case": given[True]} if given[True] else {})


def _conditions_of(step: Step) -> Iterator[tuple[str, str]]:
    if step.when is not None:
        yield "when", step.when
    if step.repeat is not None:
        yield "repeat", step.repeat.until


def _only_when_passed_by(plan: Playbook, step: Step, looks: Looks) -> Iterator[Finding]:
    """Find a step that is asked for only when what it names in `after` is not."""
    for other in (plan.step(name) for name in step.after):
        if step.when is None or other.when is None or step.join == "any" or step.when == other.when:
            continue
        outcomes = outcomes_of(_both(compile_condition(step.when), compile_condition(other.when)), looks)
        if outcomes is not None and True not in outcomes:
            what = f"waits for `{other.id}`, which is never asked for together with it"
            yield warning(step.id, "after", what, "take it out of `after`, or mend one of the conditions")


def _both(one: Condition, other: Condition) -> Condition:
    """The condition that both hold."""
    names = tuple(dict.fromkeys((*one.names_in_order, *other.names_in_order)))
    of_cases = one.looks_at_all_cases or other.looks_at_all_cases
    return Condition(f"({one.text}) and ({other.text})", All((one.root, other.root)), names, of_cases)


def _never(step: Step, key: str, text: str) -> Finding:
    if key == "repeat":
        what = f"its repeating never ends by itself: `{text}` is never true"
        return warning(step.id, key, what, "name a condition that can turn true")
    return fault(step.id, key, f"`{step.id}` is never reached: `{text}` is never true", "mend the condition")


def _always(step: Step, key: str, text: str) -> Finding:
    if key == "repeat":
        what = f"it never repeats: `{text}` is never false"
        return warning(step.id, key, what, "name a condition that can be false")
    return fault(step.id, key, f"`{text}` is never false", "leave `when` out, or mend the condition")


def _not_looked_at(step: Step, key: str) -> Finding:
    what = f"the condition of `{step.id}` reads too many facts to look at every case of it"
    return warning(step.id, key, what, "split the step")

"""Every way through a playbook: does each come to its end, and is each step reached on one of them?

The plan is driven by `decide_moves` itself. The facts take every representative value and stay unknown too,
for no case, for one, and for every two cases that the conditions judge differently. A fact is known once a
step that asks for it is done. In which order steps end makes no difference (a law of the plan, tested as
such), so all that are open end at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TypeAlias

from playbooks.conditions import compile_condition
from playbooks.facts import FactValue, FactView
from playbooks.models import Playbook, Step
from playbooks.order import prerequisites
from playbooks.plan import Open, Reopen, StepKey, StepState, apply_moves, decide_moves, open_work
from playbooks.soundness.worlds import Cast

Asked: TypeAlias = set[tuple[str, str | None]]
"""Facts that a step which is done wanted answered, each with its case or None for the incident."""


@dataclass
class Walked:
    """What the walks through one group have shown."""

    ways: int = 0
    opened: set[str] = field(default_factory=set)
    stuck: dict[str, frozenset[str]] = field(default_factory=dict)
    """Steps that some way never ends, each with the facts that nobody had to answer on it."""


@dataclass
class Walk:
    """One way through a plan: what is so, what of it is known by now, and how far the steps are."""

    plan: Playbook
    cast: Cast
    offers_taken: bool
    states: dict[StepKey, StepState] = field(default_factory=dict)
    incident: dict[str, FactValue] = field(default_factory=dict)
    cases: dict[str, dict[str, FactValue]] = field(default_factory=dict)
    asked: Asked = field(default_factory=set)
    opened: set[str] = field(default_factory=set)

    def to_the_end(self) -> None:
        """End whatever opens until nothing does; offers are taken or left."""
        self.cases = {case: {} for case in self.cast.cases}
        while True:
            moves = decide_moves(self.plan, self.states, self.view)
            self.opened |= {move.key.step_id for move in moves if isinstance(move, Open | Reopen)}
            self.states = apply_moves(self.states, moves)
            ending = [key for key, state in self.states.items() if state == "open" and self._ends(key)]
            if not ending:
                return
            for key in ending:
                self.states[key] = "done"
                self._learn(self.plan.step(key.step_id), key.case)

    @property
    def view(self) -> FactView:
        """What is known by now."""
        return FactView(self.incident, self.cases)

    def stuck(self) -> Iterator[tuple[str, frozenset[str]]]:
        """Yield each step that waits and that no answer still owed will release, with what it waits to know.

        A step that waits because somebody answered `unknown` is not stuck: whoever learns it states it.
        """
        left = {work.key.step_id: work.key.case for work in open_work(self.plan, self.states, self.view)}
        waits = prerequisites(self.plan)
        roots = [self.plan.step(name) for name in left if left.keys().isdisjoint(waits[name])]
        for step in roots:
            case = left[step.id]
            unknown = (
                compile_condition(step.when).unknown_facts(self.view, case) if step.when is not None else ()
            )
            if not any((name, at) in self.asked for name in unknown for at in (None, case)):
                yield step.id, frozenset(unknown)

    def _ends(self, key: StepKey) -> bool:
        return self.offers_taken or not self.plan.step(key.step_id).optional

    def _learn(self, step: Step, case: str | None) -> None:
        for asked in step.fields:
            name = asked.fact
            if name is None or name not in self.cast.incident:
                continue
            if asked.required:
                self.asked.add((name, case))
            if case is None:
                self.incident[name] = self.cast.incident[name]
            for one in self.cast.cases if case is None else (case,):
                self.cases[one][name] = self.cast.cases[one][name]


def walk(plan: Playbook, casts: Iterable[Cast]) -> Walked:
    """Walk a plan once for each cast, and once more with the offers taken where it has any."""
    walked = Walked()
    offers = (False, True) if any(step.optional for step in plan.steps) else (False,)
    for cast in casts:
        for taken in offers:
            way = Walk(plan, cast, taken)
            way.to_the_end()
            walked.ways += 1
            walked.opened |= way.opened
            for step_id, facts in way.stuck():
                walked.stuck[step_id] = walked.stuck.get(step_id, frozenset()) | facts
    return walked

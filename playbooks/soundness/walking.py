"""Every way through a playbook: does each come to its end, and is each step reached on one of them?

The plan is driven by `decide_moves` itself. The facts take every representative value and stay unknown too,
for no case, for one, and for every two cases that the conditions judge differently. A fact is known once a
step that asks for it is done. Steps that are surely asked for end at once: their order makes no difference
(a law of the plan, tested as such). One that stands open only while its condition is unknown ends after them,
and alone if it tells anything: what the others tell may take it back before, and its facts are never stated.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TypeAlias

from playbooks.conditions import compile_condition
from playbooks.facts import UNKNOWN, FactValue, FactView
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
        """End whatever opens until nothing does, what may be taken back last; offers are taken or left."""
        self.cases = {case: {} for case in self.cast.cases}
        while True:
            moves = decide_moves(self.plan, self.states, self.view)
            self.opened |= {move.key.step_id for move in moves if isinstance(move, Open | Reopen)}
            self.states = apply_moves(self.states, moves)
            ending = [key for key, state in self.states.items() if state == "open" and self._ends(key)]
            if not ending:
                return
            for key in self._next(ending):
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
        left = open_work(self.plan, self.states, self.view)
        names = {work.key.step_id for work in left}
        for key in (work.key for work in left):
            step = self.plan.step(key.step_id)
            if self._is_held(step, names):
                continue
            owed, unknown = self._unknown(step, key.case)
            if not owed:
                yield step.id, unknown

    def _is_held(self, step: Step, left: set[str]) -> bool:
        """Tell whether a step waits for others, whose own waiting is told."""
        named = set(prerequisites(self.plan)[step.id])
        done = {key.step_id for key, state in self.states.items() if state == "done"} - left
        return bool(self._waits(step) & left) and not (step.join == "any" and named & done)

    def _waits(self, step: Step) -> set[str]:
        """What a step waits for; without a case, a step per case passes on what it waits for itself."""
        named = prerequisites(self.plan)
        found: set[str] = set()
        reached = list(named[step.id])
        while reached:
            other = reached.pop()
            if other not in found:
                found.add(other)
                passes_on = self.plan.step(other).per == "case" and not self.cases
                reached.extend(named[other] if passes_on else ())
        return found

    def _next(self, ending: list[StepKey]) -> list[StepKey]:
        """Those that end now: the sure ones, else those that tell nothing new, else one alone."""
        sure = [key for key in ending if self._is_sure(key)]
        return sure or [key for key in ending if not self._tells(key)] or ending[:1]

    def _tells(self, key: StepKey) -> bool:
        """Tell whether the step's answer states a fact anew, or makes somebody owe it."""
        known = self.incident if key.case is None else self.cases[key.case]
        return any(
            one.fact is not None
            and one.fact in self.cast.incident
            and (one.fact not in known or (one.required and (one.fact, key.case) not in self.asked))
            for one in self.plan.step(key.step_id).fields
        )

    def _is_sure(self, key: StepKey) -> bool:
        """Tell whether an open step is asked for whatever else becomes known by then."""
        when = self.plan.step(key.step_id).when
        return when is None or compile_condition(when).evaluate(self.view, key.case) is True

    def _unknown(self, step: Step, case: str | None) -> tuple[bool, frozenset[str]]:
        """Return whether somebody still owes an answer that decides the step, and what is unknown of it."""
        if step.when is None:
            return False, frozenset()
        condition = compile_condition(step.when)
        unknown = condition.unknown_facts(self.view, case)
        places = {None, case, *(self.cases if condition.looks_at_all_cases else ())}
        owed = any((name, at) in self.asked for name in unknown for at in places)
        vague = (
            not unknown and condition.evaluate(self.view, case) is UNKNOWN
        )  # such as a span, or "and more"
        return owed or vague, frozenset(unknown)

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

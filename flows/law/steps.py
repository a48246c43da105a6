"""What the plan asks already, and the rounds of steps that the law wants beside it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from flows.deciding import Decision
from flows.gathering import Known, step_of
from flows.law.stages import rule_of
from playbooks.conditions import compile_condition
from playbooks.duties import State
from playbooks.facts import UNKNOWN
from playbooks.models import Playbook, Step
from store.tables import Obligation, StepRow

LIVE = ("open", "approving")
BY_HAND = "added-"
"""How the ids of steps begin that the commander adds: none of the plan's or of the law's does."""


@dataclass(frozen=True, slots=True)
class LawStep:
    """A round of a step to be opened; `step` is what it asks where the plan has no such step."""

    case_ref: str
    step_id: str
    round: int
    why: str
    step: Step | None


@dataclass(frozen=True, slots=True)
class Standing:
    """How far an incident has come: its plan, what is known, and the latest round of every step."""

    decision: Decision
    plan: Playbook
    known: Known
    latest: Mapping[tuple[str, str], StepRow]

    @property
    def is_triaged(self) -> bool:
        """Whether every step of triage has ended, so that what is still unknown is not merely unasked."""
        triage = (step for step in self.plan.steps if self.plan.phase_of(step.id) == "triage")
        ids = [step.id for step in triage if not step.optional]
        rows = [row for row in self.latest.values() if row.step_id in ids]
        return {row.step_id for row in rows} == set(ids) and not any(row.state in LIVE for row in rows)

    def will_ask(self, step: Step, case_ref: str) -> bool:
        """Whether the plan asks this step, has asked it, or will once its turn comes."""
        if (step.per == "case") != bool(case_ref):
            return False
        row = self.latest.get((step.id, case_ref))
        if row is not None:
            return row.state not in ("skipped", "withdrawn") and self._holds(step, case_ref) is not False
        holds = self._holds(step, case_ref)
        return holds is True or (holds is UNKNOWN and self.plan.if_unknown(step.id) == "open")

    def next_round(self, step_id: str, case_ref: str) -> int:
        """The number of the round that would come next."""
        row = self.latest.get((step_id, case_ref))
        return row.round + 1 if row else 1

    def undecided(self, duty: Obligation) -> tuple[str, ...]:
        """The unknown facts on which it hangs whether a duty is owed."""
        rule = rule_of(self.decision.house, duty)
        if rule is None or duty.state != State.PRESUMED:
            return ()
        return compile_condition(rule.when).unknown_facts(self.known.view, duty.case_ref or None)

    def being_asked(self) -> set[str]:
        """The facts that a question of the plan or of the law asks now, or will; none that may stay open."""
        refs = ("", *(case.ref for case in self.known.cases))
        must = [step for step in self.plan.steps if not step.optional]
        asked = (step for step in must for ref in refs if self._is_ahead(step, ref))
        beside = (
            step_of(self.decision.incident, row)
            for row in self.latest.values()
            if row.added and row.state in LIVE
        )
        return {field.fact for step in (*asked, *beside) for field in step.fields if field.fact}

    def is_due(self, group: Sequence[Obligation], asked: AbstractSet[str]) -> bool:
        """Whether to ask somebody to act: a duty is owed, or nothing more can be learned about it.

        A presumed one waits for triage. Until half of its time is gone it waits for answers still awaited,
        and one from which another act releases us waits for that act.
        """
        is_ready = bool(self.known.cases) and self.is_triaged
        return any((duty.state == State.OWED or is_ready) and not self._waits(duty, asked) for duty in group)

    def _waits(self, duty: Obligation, asked: AbstractSet[str]) -> bool:
        rule = rule_of(self.decision.house, duty)
        may_be_released = rule is not None and rule.kind == "notify" and rule.met_by is not None
        is_open = may_be_released or not asked.isdisjoint(self.undecided(duty))
        if duty.anchor_at is None or duty.due_at is None:
            return is_open
        return is_open and self.decision.now < duty.anchor_at + (duty.due_at - duty.anchor_at) / 2

    def _is_ahead(self, step: Step, case_ref: str) -> bool:
        row = self.latest.get((step.id, case_ref))
        return self.will_ask(step, case_ref) and (row is None or row.state != "done")

    def _holds(self, step: Step, case_ref: str) -> object:
        if step.when is None:
            return True
        return compile_condition(step.when).evaluate(self.known.view, case_ref or None)


def standing_of(decision: Decision, plan: Playbook, known: Known) -> Standing:
    """How far the incident has come, as read and changed in this decision."""
    rows = sorted(known.steps, key=lambda row: row.round)
    return Standing(decision, plan, known, {(row.step_id, row.case_ref): row for row in rows})

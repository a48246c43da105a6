"""The workflow: our order of steps with CACAO's series, parallels, if-conditions and while-conditions."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from playbooks.cacao.conditions_out import condition_text
from playbooks.cacao.ids import typed_id
from playbooks.cacao.order_tree import Series, Tree, order_in, tree_of
from playbooks.cacao.steps_out import action_id, action_of
from playbooks.models import Playbook, Step
from playbooks.order import all_before, prerequisites


def workflow_of(plan: Playbook) -> tuple[str, dict[str, Any]]:
    """Return the start's identifier and every workflow step, in the order in which they may run."""
    tree = order_of(plan)
    writer = _Writer(plan)
    start = typed_id("start", plan.id, plan.version)
    writer.steps[start] = {"type": "start", "name": "Start", "on_completion": writer.entry(tree)}
    writer.put(tree, writer.end_of(start))
    writer.put_end(start)
    return start, writer.steps


def order_of(plan: Playbook) -> Tree:
    """Return the plan's order as the tree in which CACAO can say it."""
    waits = prerequisites(plan)
    ids = tuple(step.id for step in plan.steps)
    return tree_of(ids, {step_id: all_before(waits, step_id) for step_id in ids})


@dataclass
class _Writer:
    plan: Playbook
    steps: dict[str, Any] = field(default_factory=dict)

    def entry(self, tree: Tree) -> str:
        """Where a part begins; known from its content, so that what precedes it can name it."""
        if isinstance(tree, str):
            return self.chain(self.plan.step(tree))[0]
        if isinstance(tree, Series):
            return self.entry(tree.parts[0])
        return self.id_of("parallel", *sorted(order_in(tree)))

    def put(self, tree: Tree, after: str) -> None:
        """Write a part, and `after` as what follows it."""
        if isinstance(tree, str):
            self.put_step(self.plan.step(tree), after)
            return
        if isinstance(tree, Series):
            entries = [self.entry(part) for part in tree.parts[1:]]
            for part, following in zip(tree.parts, (*entries, after), strict=True):
                self.put(part, following)
            return
        here = self.entry(tree)
        branches = [self.entry(part) for part in tree.parts]
        self.steps[here] = {
            "type": "parallel",
            "name": "Side by side",
            "on_completion": after,
            "next_steps": branches,
        }
        for part, branch in zip(tree.parts, branches, strict=True):
            self.put(part, self.end_of(here, branch))
            self.put_end(here, branch)

    def put_step(self, step: Step, after: str) -> None:
        """Write a step inside its loop, inside its condition: each a branch with an end of its own."""
        chain = self.chain(step)
        following = after
        for here, inner in pairwise(chain):
            self.steps[here] = self.wrapped(step, here, inner, following)
            following = self.end_of(here, inner)
        self.steps[chain[-1]] = {**action_of(self.plan, step), "on_completion": following}
        for here, inner in reversed(list(pairwise(chain))):
            self.put_end(here, inner)

    def wrapped(self, step: Step, here: str, inner: str, following: str) -> dict[str, Any]:
        """A condition or a loop around a step."""
        kind = here.partition("--")[0]
        if kind == "if-condition" and step.when is not None:
            name, condition = f"If it applies: {step.title}", condition_text(step.when)
        else:
            until = step.repeat.until if step.repeat is not None else ""
            name, condition = f"Until it ends: {step.title}", condition_text(until, negated=True)
        return {
            "type": kind,
            "name": name,
            "on_completion": following,
            "condition": condition,
            "on_true": inner,
        }

    def chain(self, step: Step) -> tuple[str, ...]:
        """What a step becomes, the outermost first: its condition, its loop, its action."""
        condition = (self.id_of("if-condition", step.id),) if step.when is not None else ()
        loop = (self.id_of("while-condition", step.id),) if step.repeat is not None else ()
        return (*condition, *loop, action_id(self.plan, step.id))

    def end_of(self, *branch: str) -> str:
        return self.id_of("end", *branch)

    def put_end(self, *branch: str) -> None:
        self.steps[self.end_of(*branch)] = {"type": "end", "name": "End"}

    def id_of(self, kind: str, *about: str) -> str:
        return typed_id(kind, self.plan.id, self.plan.version, *about)

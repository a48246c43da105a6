"""Whoever must be told can be told: early enough, each client apart, by a text that there is."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Final

from playbooks.conditions import compile_condition
from playbooks.models import Playbook, Step
from playbooks.order import all_before, prerequisites
from playbooks.soundness.findings import Finding, fault
from playbooks.vocabulary import INSIDE, RECIPIENTS, whom

EARLY: Final = ("detect", "triage", "notify")
"""The phases that a notice may wait for; forensics is none of them."""
TEMPLATES: Final = {
    "client_controller": "notice-client",
    "supervisory_authority": "notice-authority",
    **{word: word for word in INSIDE},
}
"""The text that says what the law wants told to this recipient; all others get `notice-other`."""


def telling_findings(plan: Playbook) -> Iterator[Finding]:
    """Find notices to nobody, by a foreign text, to many clients at once, or held up by forensics."""
    for step in plan.steps:
        if step.recipient is not None:
            yield from _of_notice(step, step.recipient)
        if plan.phase_of(step.id) == "notify":
            yield from _held_up(plan, step)


def equipment_findings(
    plan: Playbook, actions: Collection[str], templates: Collection[str]
) -> Iterator[Finding]:
    """Find actions and texts that a playbook names and this installation does not have."""
    for step in plan.steps:
        if step.action is not None and step.action not in actions:
            what = f"no such action: {step.action}"
            yield fault(step.id, "action", what, f"use {', '.join(sorted(actions))}")
        if step.template is not None and step.template not in templates:
            what = f"no such notice: {step.template}"
            yield fault(step.id, "template", what, f"use {', '.join(sorted(templates))}")
        yield from _reads_another(plan, step)


def _reads_another(plan: Playbook, step: Step) -> Iterator[Finding]:
    """Find an action that reads the answer of a step which is not there, or not done by then."""
    named = step.arguments.get("step")
    if named is None:
        return
    if named not in {other.id for other in plan.steps}:
        yield fault(
            step.id, "arguments", f"no step is called `{named}`", "name the step whose answer it reads"
        )
    elif named not in all_before(prerequisites(plan), step.id):
        what = f"`{step.id}` reads the answer of `{named}` and does not wait for it"
        yield fault(step.id, "arguments", what, f"add it to `after`: [{named}]")


def _of_notice(step: Step, recipient: str) -> Iterator[Finding]:
    if recipient not in RECIPIENTS and recipient not in INSIDE:
        known = ", ".join((*RECIPIENTS, *INSIDE))
        yield fault(step.id, "recipient", f"no such recipient: {recipient}", f"use {known}")
    elif step.template in {"notice-other", *TEMPLATES.values()}:
        wanted = TEMPLATES.get(recipient, "notice-other")
        if step.template != wanted:
            what = f"`{step.template}` is not the text for {whom(recipient)}"
            yield fault(step.id, "template", what, f"use {wanted}")
    if step.per == "incident" and recipient not in INSIDE:
        what = f"`{step.id}` tells once for the incident what differs for each client"
        yield fault(step.id, "per", what, "say `per: case`")


def _held_up(plan: Playbook, step: Step) -> Iterator[Finding]:
    late = sorted(
        name for name in all_before(prerequisites(plan), step.id) if plan.phase_of(name) not in EARLY
    )
    if late:
        what = f"`{step.id}` of notify waits, by way of others, for `{late[0]}` of {plan.phase_of(late[0])}"
        yield fault(step.id, "after", what, "let detect and triage wait for no later phase")
    if step.when is None or plan.if_unknown(step.id) == "open":
        return
    asked = {name for other in plan.steps if plan.phase_of(other.id) in EARLY for name in _asks(other)}
    for name in compile_condition(step.when).names_in_order:
        if name not in asked:
            what = (
                f"`{step.id}` of notify waits for `{name}`, which is asked for only beside or after forensics"
            )
            yield fault(step.id, "when", what, "ask for it in triage or notify, or say `if_unknown: open`")


def _asks(step: Step) -> Iterator[str]:
    yield from (field.fact for field in step.fields if field.fact is not None)

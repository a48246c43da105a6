"""A step that the commander adds beside the plan: what, for whom, until when, about one client or all."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from typing import get_args

from flows.advancing import open_added
from flows.deciding import Decision
from flows.forms import Given
from flows.law.steps import BY_HAND
from flows.questions import visible
from flows.settling.duties import Details, text_of
from flows.settling.naming import named_case, named_holder
from playbooks.clocks import stamp
from playbooks.errors import Refused
from playbooks.models import Field, Role, Step
from store.tables import Question

USUAL_TARGET = timedelta(hours=4)
LONGEST = timedelta(days=366)
_MINUTE = timedelta(minutes=1)
_RESULT = Field(id="result", type="text", label="What was done", help="and where the proof of it is")


def add_step(decision: Decision, given: Given, details: Details) -> list[Question]:
    """Open a step of the commander's own: it holds back the closing, and its answer is kept."""
    task = " ".join(visible(text_of(details, "task")).split())
    if not task:
        raise Refused("an added step needs a task", which="task", mend="say what is to be done; name nobody")
    case_ref = named_case(decision, details)
    role, assignee = named_holder(decision, details, case_ref)
    step = Step(
        id=f"{BY_HAND}{secrets.token_hex(4)}",
        title=task[:140],
        kind="manual",
        role=_role(role),
        per="case" if case_ref else "incident",
        target=_target(decision, details),
        instructions=f"{visible(given.reason) or task}\n\nAdded by {given.handle} at {stamp(decision.now)}.",
        fields=(_RESULT,),
    )
    return [open_added(decision, step, case_ref=case_ref, assignee=assignee)]


def _target(decision: Decision, details: Details) -> timedelta:
    """The time left until the instant that was named, in whole minutes."""
    until = details.get("until")
    if not isinstance(until, datetime):
        return USUAL_TARGET
    left = (until - decision.now) // _MINUTE * _MINUTE
    if not _MINUTE <= left <= LONGEST:
        mend = f"it is {stamp(decision.now)} now; name an instant ahead, within {LONGEST.days} days"
        raise Refused("a step cannot be due then", which="until", mend=mend)
    return left


def _role(name: str) -> Role:
    return next(role for role in get_args(Role) if role == name)

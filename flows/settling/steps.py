"""A step answered: facts, cases and action items written down, approvals asked for."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping
from datetime import datetime

from sqlmodel import col, select

from flows.asserting import add_cases, assert_facts, join_jurisdictions
from flows.circle import kept_out
from flows.deciding import Decision, note
from flows.forms import Filled, Given
from flows.gathering import cases_of, step_of, view_of
from flows.law.scheduling import schedule_action
from flows.law.unassessed import meet_assessed
from flows.settling.ending import finish, row_of
from flows.settling.instants import refuse_impossible
from flows.settling.words import ask_approval
from playbooks.errors import Refused
from playbooks.fact_types import UNKNOWN, FactValue
from playbooks.facts import DICTIONARY, to_json
from store.tables import ActionItem, Client, Question, Responder, StepRow

OF_LAW = "assess-"
"""How the steps begin that a duty to assess has opened beside the plan."""
ACTION_FIELDS = ("action_title", "action_owner", "action_due")


def settle_step(decision: Decision, question: Question, given: Given, filled: Filled) -> list[Question]:
    """Carry out the answer to a manual step; returns the approvals it needs before it counts.

    Until then its facts are not asserted: one word ends no clock where the plan wants two. What adds to the
    work, clients and action items, is written at once.
    """
    row = row_of(decision, question)
    step = step_of(decision.incident, row)
    applies = given.decision != "not_applicable"
    if not applies:
        refuse_law_owned(row)
    why = "" if applies else f"not applicable: {given.reason}"
    if applies:
        _add_named(decision, given, filled.details)
    stated = filled.facts if applies else {}
    refuse_impossible(decision, row.case_ref or None, stated)
    if not step.approvals:
        state_facts(decision, row, question.ref, given.handle, stated)
        if applies:
            meet_assessed(decision, row, given.handle, str(filled.details.get("conclusion", "")))
        finish(decision, row, given.handle, why)
        return []
    row.state = "approving"
    decision.session.add(row)
    digest = hashlib.sha256(f"{question.ref}/{question.attempt}/{why}{given.values}".encode()).hexdigest()
    words = f"Approve what {given.handle} has done or is about to do: {step.title}."
    if not applies:
        words = f"{given.handle} holds that this does not apply: {step.title}."
    held = {name: to_json(value) for name, value in stated.items()}
    return [
        ask_approval(
            decision,
            row,
            role,
            title=f"Approve: {step.title}",
            by=given.handle,
            words=words,
            digest=digest,
            question=question.ref,
            facts=held,
            why=why,
        )
        for role in step.approvals
    ]


def refuse_law_owned(row: StepRow) -> None:
    """Raise Refused for an assessment that a law wants: nobody passes it by."""
    if row.added and row.step_id.startswith(OF_LAW):
        raise Refused(
            "the law asks for this assessment",
            mend="conclude it, or let the commander waive its duty with a second person",
        )


def state_facts(
    decision: Decision, row: StepRow, ref: str, author: str, values: Mapping[str, FactValue]
) -> None:
    """Assert what a step's answer says of its incident or case; places are joined in every case."""
    case = next((c for c in cases_of(decision.session, decision.incident_id) if c.ref == row.case_ref), None)
    stated = _stated(decision, row, values)
    assert_facts(decision, stated, author=author, basis=f"question {ref}", case=case)
    join_jurisdictions(decision, author)


def _add_named(decision: Decision, given: Given, details: Mapping[str, FactValue]) -> None:
    """Open cases of the clients that an answer names, and write down the action item it agrees."""
    for value in details.values():
        if isinstance(value, frozenset):
            _add_clients(decision, tuple(sorted(value)), given.handle)
    _add_action(decision, given, details)


def _stated(decision: Decision, row: StepRow, facts: Mapping[str, FactValue]) -> dict[str, FactValue]:
    """The facts as they count: not knowing a count or an instant takes no known one back."""
    view = view_of(decision.session, decision.incident_id)
    case = row.case_ref or None
    return {
        name: value
        for name, value in facts.items()
        if value is not UNKNOWN
        or view.known(name, case) is UNKNOWN
        or DICTIONARY[name].type not in ("instant", "range", "integer")
    }


def _add_clients(decision: Decision, refs: tuple[str, ...], by: str) -> None:
    known = set(decision.session.exec(select(Client.ref).where(col(Client.ref).in_(refs))))
    if missing := [ref for ref in refs if ref not in known]:
        raise Refused(f"no such client: {', '.join(missing)}", mend="import the client first")
    add_cases(decision, refs, by)


def _add_action(decision: Decision, given: Given, details: Mapping[str, FactValue]) -> None:
    title, owner, due_at = (details.get(name) for name in ACTION_FIELDS)
    if not title:
        return
    if not owner or not isinstance(due_at, datetime):
        raise Refused("an action item needs an owner and a date", mend="fill in both, or neither")
    known = decision.session.exec(select(Responder).where(Responder.handle == str(owner))).first()
    if known is None or known.handle in kept_out(decision.session, decision.incident_id):
        raise Refused("the action's owner is no responder's handle", mend="name the owner by handle")
    item = ActionItem(
        ref=f"A-{secrets.token_hex(4)}",
        incident_id=decision.incident_id,
        title=str(title),
        owner=str(owner),
        due_at=due_at,
        evidence="",
        opened_at=decision.now,
    )
    decision.session.add(item)
    decision.session.flush()
    schedule_action(decision, item)
    said = {"action": item.ref, "title": item.title, "owner": item.owner, "due_at": due_at.isoformat()}
    note(decision, "action_agreed", given.handle, said)

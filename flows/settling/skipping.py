"""A step passed by on the commander's word, with the reason; where more is at stake, on two people's."""

from __future__ import annotations

from flows.circle import is_guarded
from flows.deciding import Decision
from flows.forms import Given
from flows.gathering import find_question, step_of
from flows.law.steps import BY_HAND
from flows.rounds import duties_met_by
from flows.settling.duties import Details
from flows.settling.ending import finish, row_of
from flows.settling.naming import named_question
from flows.settling.steps import refuse_law_owned
from flows.settling.words import ask_word
from playbooks.errors import Refused
from playbooks.models import Step
from store.tables import Question, StepRow

_INSTEAD = {
    "approval": "a second person is asked already: wait for the word, or let it be refused",
    "counsel": "counsel reads it: let them send it back, then pass its draft by",
    "release": "it waits for its release: let that be refused, then pass its draft by",
    "proof": "it is on its way: record its receipt, or that it was not delivered",
}
"""Why a question cannot be passed by, and what to do instead."""


def skip(decision: Decision, given: Given, details: Details) -> list[Question]:
    """End a step undone, with the reason, or ask a second person to agree to that."""
    question = named_question(decision, details, automated=True)
    if question.kind in _INSTEAD:
        raise Refused(_INSTEAD[question.kind], which=question.title)
    row = row_of(decision, question)
    step = step_of(decision.incident, row)
    _refuse_owed(decision, step, row)
    if _takes_two(step, row):
        title = f"Agree to skip: {question.title}"
        return [ask_word(decision, given, "skip", title, question=question.ref)]
    pass_by(decision, row, given.handle, f"skipped by {given.handle}: {given.reason}")
    return []


def pass_by(decision: Decision, row: StepRow, by: str, why: str) -> None:
    """End a step as skipped; a circle's channel is not told why."""
    outcome = "skipped" if is_guarded(decision.session, decision.incident) else why
    finish(decision, row, by, why, outcome=outcome)


def pointless(decision: Decision, ref: str) -> str:
    """Why a word to skip a step does not count: what it asks was settled, or came to be owed, meanwhile."""
    question = find_question(decision.session, ref)
    if question is None or question.state != "open":
        return "the step was answered meanwhile"
    row = row_of(decision, question)
    try:
        _refuse_owed(decision, step_of(decision.incident, row), row)
    except Refused as refused:
        return str(refused)
    return ""


def _refuse_owed(decision: Decision, step: Step, row: StepRow) -> None:
    """Raise Refused for what no word of a commander ends: an assessment or a notice that a law wants."""
    refuse_law_owned(row)
    owed = duties_met_by(decision, step, row) if step.kind == "notice" else []
    if owed:
        rules = ", ".join(f"{duty.rule_id} {duty.case_ref}".strip() for duty in owed)
        mend = f"answer `do_not_notify` on its form, or waive {rules}"
        raise Refused("a duty to tell them runs", which=step.title, mend=mend)


def _takes_two(step: Step, row: StepRow) -> bool:
    """Whether a second person must agree: a notice, an action, what wants approval or the law asks."""
    of_law = bool(row.added) and not row.step_id.startswith(BY_HAND)
    return of_law or step.asks_law or step.kind in ("notice", "automated") or bool(step.approvals)

"""The commander's form: each answer is carried out, and the form comes back until the incident is closed."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import timedelta

from flows.advancing import open_added
from flows.asserting import add_cases
from flows.deciding import Decision, note, say
from flows.forms import Filled, Given
from flows.gathering import open_questions
from flows.law.scheduling import watch_anew
from flows.questions import visible
from flows.settling.closing import close_as, hindrances
from flows.settling.duties import Details, delay, met, text_of, waive
from flows.settling.stating import state
from flows.settling.words import ask_word
from flows.specs import holders_of
from playbooks.errors import Refused
from playbooks.escalation import LADDER, next_role
from playbooks.models import Step
from store.tables import Question

ADDED_TARGET = timedelta(hours=4)
PATIENCE = timedelta(minutes=15)
"""After an escalation, how long the next role has before the one after it is named."""


def settle_command(decision: Decision, question: Question, given: Given, filled: Filled) -> list[Question]:  # noqa: ARG001
    """Carry out one command of the commander's."""
    return _COMMANDS[given.decision](decision, given, filled.details)


def escalate(decision: Decision, question: Question, by: str, why: str) -> bool:
    """Name and tell the next role; nothing is approved and nothing reassigned. False at the ladder's end."""
    role = next_role(question.role, question.escalations)
    if role is None:
        return False
    question.escalations += 1
    decision.session.add(question)
    said = {"question": question.ref, "title": question.title, "to": role, "why": why}
    note(decision, "escalated", by, said, case_ref=question.case_ref)
    key = f"question/{question.ref}/escalated/{question.escalations}"
    link = f"{decision.house.settings.desk_url}/q/{question.ref}"
    say(
        decision,
        "escalated",
        key,
        title=question.title,
        from_role=question.role,
        to_role=role,
        why=why,
        link=link,
    )
    return True


def _remark(decision: Decision, given: Given, details: Details) -> list[Question]:  # noqa: ARG001
    note(decision, "remark", given.handle, {"text": given.reason})
    return []


def _escalate(decision: Decision, given: Given, details: Details) -> list[Question]:
    question = _question(decision, details)
    if not escalate(decision, question, given.handle, given.reason or "the commander asks for it"):
        raise Refused("everybody on the ladder has been named", which=question.title)
    return []


def _reassign(decision: Decision, given: Given, details: Details) -> list[Question]:
    question, to = _question(decision, details), text_of(details, "to_whom")
    if to in LADDER and to != question.role and question.kind in ("approval", "release"):
        raise Refused("an approval stays with its role", mend=f"name a responder of role {question.role}")
    if to in LADDER:
        question.role, question.assignee = to, ""
    elif to in holders_of(decision.session, question.role):
        question.assignee = to
    else:
        raise Refused("neither a role nor a holder of the question's role", mend=", ".join(LADDER))
    question.generation, question.run_id, question.escalations = question.generation + 1, None, 0
    decision.session.add(question)
    watch_anew(decision, question, PATIENCE)
    said = {"question": question.ref, "title": question.title, "to": to, "why": given.reason}
    note(decision, "reassigned", given.handle, said, case_ref=question.case_ref)
    return [question]


def _add_step(decision: Decision, given: Given, details: Details) -> list[Question]:
    task, role = text_of(details, "task"), text_of(details, "to_whom")
    if not task or role not in LADDER:
        raise Refused("an added step needs a task and a role", mend=f"one of {', '.join(LADDER)}")
    step = Step(
        id=f"added-{secrets.token_hex(4)}",
        title=" ".join(visible(task).split())[:140],
        kind="manual",
        role=role,  # one of the ladder's roles, checked above
        target=ADDED_TARGET,
        instructions=visible(given.reason) or visible(task),
    )
    return [open_added(decision, step)]


def _add_client(decision: Decision, given: Given, details: Details) -> list[Question]:
    ref = text_of(details, "about")
    if not add_cases(decision, (ref,), given.handle):
        raise Refused("no such client, or already part of the incident", mend="name it as it was imported")
    return []


def _false_positive(decision: Decision, given: Given, details: Details) -> list[Question]:  # noqa: ARG001
    return [ask_word(decision, given, "false_positive", "Close as a false positive")]


def _close(decision: Decision, given: Given, details: Details) -> list[Question]:  # noqa: ARG001
    if left := hindrances(decision):
        raise Refused(f"not yet: {'; '.join(left[:6])}", mend="end each of them first")
    close_as(decision, "closed", given.handle, given.reason)
    return []


def _question(decision: Decision, details: Details) -> Question:
    """The one open question that `about` names, by the beginning of its reference or by its title."""
    about = text_of(details, "about").casefold()
    rest = [
        q
        for q in open_questions(decision.session, decision.incident_id)
        if q.kind not in ("command", "action")
    ]
    found = [q for q in rest if about and (q.ref.startswith(about) or about in q.title.casefold())]
    if len(found) != 1:
        named = "; ".join(f"{q.ref[:8]} {q.title}" for q in found or rest)
        raise Refused("name one open question", mend=f"one of: {named}" if named else "none is open")
    return found[0]


_Command = Callable[[Decision, Given, Details], list[Question]]
_COMMANDS: dict[str, _Command] = {
    "note": _remark,
    "escalate": _escalate,
    "reassign": _reassign,
    "add_step": _add_step,
    "add_client": _add_client,
    "state": state,
    "waive": waive,
    "met": met,
    "delay": delay,
    "false_positive": _false_positive,
    "close": _close,
}

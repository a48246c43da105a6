"""The commander's form: each answer is carried out, and the form comes back until the incident is closed."""

from __future__ import annotations

from collections.abc import Callable

from flows.asserting import add_cases
from flows.circle import outward
from flows.deciding import Decision, note, say
from flows.forms import Filled, Given
from flows.merging.act import merge_named
from flows.questions import give_anew
from flows.roster.duty import on_duty_here, people_said
from flows.settling.adding import add_step
from flows.settling.circling import exclude, readmit
from flows.settling.closing import close_as, hindrances
from flows.settling.duties import Details, delay, met, text_of, waive
from flows.settling.naming import may_be_given, named_question
from flows.settling.skipping import skip
from flows.settling.stating import state
from flows.settling.telling_again import tell_again
from flows.settling.words import ask_word
from flows.splitting import read_numbers, split
from playbooks.errors import Refused
from playbooks.escalation import LADDER, next_role
from store.tables import Question


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
    people = _on_duty(decision, question, role)
    say(
        decision,
        "escalated",
        key,
        title=question.title,
        from_role=question.role,
        to_role=role,
        why=why,
        link=link,
        **({"on_duty": people} if people else {}),
    )
    return True


def _on_duty(decision: Decision, question: Question, role: str) -> list[dict[str, str]]:
    """Who is on duty for the role that an escalation names, as far as they may answer this question."""
    handles = on_duty_here(
        decision.session,
        decision.incident,
        role,
        decision.now,
        case_ref=question.case_ref,
        excluded=question.excluded,
    )
    return people_said(decision.session, decision.incident, handles)


def _remark(decision: Decision, given: Given, details: Details) -> list[Question]:  # noqa: ARG001
    note(decision, "remark", given.handle, {"text": given.reason})
    return []


def _escalate(decision: Decision, given: Given, details: Details) -> list[Question]:
    question = named_question(decision, details)
    why = (
        outward(decision.session, decision.incident, given.reason)
        if given.reason
        else "the commander asks for it"
    )
    if not escalate(decision, question, given.handle, why):
        raise Refused("everybody on the ladder has been named", which=question.title)
    return []


def _reassign(decision: Decision, given: Given, details: Details) -> list[Question]:
    question, to = named_question(decision, details), text_of(details, "to_whom")
    if to in LADDER and to != question.role and question.kind in ("approval", "counsel", "release"):
        raise Refused("an approval stays with its role", mend=f"name a responder of role {question.role}")
    if to in LADDER:
        question.role, question.assignee = to, ""
    elif may_be_given(decision, question.role, to, question.case_ref):
        question.assignee = to
    else:
        raise Refused("neither a role nor a holder of the question's role", mend=", ".join(LADDER))
    give_anew(decision, question)
    said = {"question": question.ref, "title": question.title, "to": to, "why": given.reason}
    note(decision, "reassigned", given.handle, said, case_ref=question.case_ref)
    return [question]


def _add_client(decision: Decision, given: Given, details: Details) -> list[Question]:
    ref = text_of(details, "about")
    if not add_cases(decision, (ref,), given.handle):
        raise Refused("no such client, or already part of the incident", mend="name it as it was imported")
    return []


def _merge(decision: Decision, given: Given, details: Details) -> list[Question]:
    merge_named(decision, text_of(details, "about"), given.handle, given.reason)
    return []


def _split(decision: Decision, given: Given, details: Details) -> list[Question]:
    numbers = read_numbers(text_of(details, "about"))
    split(decision, numbers, text_of(details, "value"), given.handle, given.reason)
    return []


def _false_positive(decision: Decision, given: Given, details: Details) -> list[Question]:  # noqa: ARG001
    return [ask_word(decision, given, "false_positive", "Close as a false positive")]


def _close(decision: Decision, given: Given, details: Details) -> list[Question]:  # noqa: ARG001
    if left := hindrances(decision):
        raise Refused(f"not yet: {'; '.join(left[:6])}", mend="end each of them first")
    close_as(decision, "closed", given.handle, given.reason)
    return []


_Command = Callable[[Decision, Given, Details], list[Question]]
_COMMANDS: dict[str, _Command] = {
    "note": _remark,
    "escalate": _escalate,
    "reassign": _reassign,
    "skip": skip,
    "add_step": add_step,
    "tell_again": tell_again,
    "add_client": _add_client,
    "state": state,
    "waive": waive,
    "met": met,
    "delay": delay,
    "exclude": exclude,
    "readmit": readmit,
    "merge": _merge,
    "split": _split,
    "false_positive": _false_positive,
    "close": _close,
}

"""Acts without a code: seen, taken, put off, remarked, escalated; each press counts once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from sqlmodel import col, select

from flows.channel import standing
from flows.channel.forms import note_window
from flows.channel.incoming import Press, Sender
from flows.channel.replies import NEUTRAL, NOTHING, Reply, refusal, section
from flows.channel.windows import open_answer
from flows.deciding import Decision, deciding, note
from flows.exercise_channel import mark
from flows.forbidden import refuse_in_words
from flows.gathering import find_question
from flows.house import House
from flows.incidents import LIVE
from flows.questions import tell_taken
from flows.settling.commands import escalate
from flows.settling.naming import may_be_given
from notify.text import slack
from playbooks.errors import Refused
from store.tables import ChannelAct, Incident, Question, Responder, Snooze

MINUTES: Final = (15, 30, 60)
BETWEEN: Final = timedelta(minutes=1)
"""How soon a question is escalated again from the channel: two presses of two people are one call."""
LONGEST_NOTE: Final = 2_000

_Act = Callable[[Decision, Question, Responder, str], str]


def act(house: House, press: Press, now: datetime) -> Reply:
    """Carry out a press, once, and say what became of it; whoever may not hears what a stranger hears."""
    ref, _, detail = press.value.partition(":")
    action, _, of_action = press.action.partition("_")
    detail = detail or of_action
    with house.store.reading() as session:
        first = standing.first_outcome(session, press.key)
        if first is not None:
            return Reply(first or NEUTRAL)
        question = find_question(session, ref) if ref.isascii() and ref.isalnum() else None
        allowed = question is not None and _may_press(house, press.sender, question, action)
        marked = mark(session.get_one(Incident, question.incident_id)) if question else ""
    if question is None or not allowed or question.kind == "action":
        with house.store.writing() as session:
            standing.record_refusal(session, press.key, action or "press", press.sender, now, question)
        return NOTHING
    match action:
        case "answer":
            return open_answer(house, press.sender, question.ref)
        case "note":
            return Reply(view=note_window(question.ref, f"{marked}{question.title}", press.sender.place))
        case "snooze" if detail not in map(str, MINUTES):
            return _offer(question, marked)
        case _:
            return carry_out(house, press.sender, press.key, question.ref, action, detail)


def carry_out(house: House, sender: Sender, key: str, ref: str, action: str, detail: str) -> Reply:
    """Do it under the incident's lock, with the row by which the same act counts once."""
    with house.store.reading() as session:
        question = find_question(session, ref)
        incident_ref = session.get_one(Incident, question.incident_id).ref if question else ""
    with deciding(house, incident_ref) as decision:
        session = decision.session
        first = standing.first_outcome(session, key)
        if first is not None:
            return Reply(first or NEUTRAL)
        question, responder = find_question(session, ref), standing.actor(session, sender)
        if (
            question is None
            or responder is None
            or not standing.may_press(session, responder, decision.incident, question.case_ref)
        ):
            standing.record_refusal(session, key, action, sender, decision.wall, question)
            return NOTHING
        said = mark(decision.incident) + _outcome(decision, question, responder, action, detail)
        standing.keep(session, key, action, said, decision.wall, responder, question)
        return Reply(said)


def _may_press(house: House, sender: Sender, question: Question, action: str) -> bool:
    if action not in {*_ACTS, "answer"}:
        return False
    with house.store.reading() as session:
        responder = standing.actor(session, sender)
        incident = session.get_one(Incident, question.incident_id)
        return responder is not None and standing.may_press(session, responder, incident, question.case_ref)


def _outcome(decision: Decision, question: Question, responder: Responder, action: str, detail: str) -> str:
    """What is done, or why nothing is, in words for whoever pressed."""
    if decision.incident.state not in LIVE:
        return f"{decision.incident.ref} is closed: nothing was changed."
    if question.state != "open":
        return f"This question of {decision.incident.ref} is {question.state} already: nothing was changed."
    try:
        with decision.session.begin_nested():
            return _ACTS[action](decision, question, responder, detail)
    except Refused as refused:
        decision.session.refresh(question)
        return f"Not done: {refusal(refused)}."


def _ack(decision: Decision, question: Question, responder: Responder, _: str) -> str:
    before = select(ChannelAct.key).where(
        ChannelAct.question_id == question.id,
        ChannelAct.responder_id == responder.id,
        ChannelAct.what == "ack",
    )
    if decision.session.exec(before).first() is None:
        said = {"question": question.ref, "title": question.title}
        note(decision, "seen", responder.handle, said, case_ref=question.case_ref)
    return f"Noted that you have seen it: {slack(question.title, 100)}"


def _take(decision: Decision, question: Question, responder: Responder, _: str) -> str:
    if question.assignee == responder.handle:
        return "It is yours already."
    if question.assignee:
        raise Refused("somebody has it; the commander can give it to you")
    if responder.handle in question.excluded:
        raise Refused("a second person must decide this")
    if not may_be_given(decision, question.role, responder.handle, question.case_ref):
        raise Refused(f"it is for the role {question.role}")
    question.assignee = responder.handle
    decision.session.add(question)
    tell_taken(decision, question)
    said = {"question": question.ref, "title": question.title, "to": responder.handle}
    note(decision, "taken", responder.handle, said, case_ref=question.case_ref)
    return f"It is yours: {slack(question.title, 100)}"


def _snooze(decision: Decision, question: Question, responder: Responder, detail: str) -> str:
    """Put reminders to one person off; clocks, escalation and everybody else go on."""
    until = decision.now + timedelta(minutes=int(detail))
    row = decision.session.exec(
        select(Snooze).where(Snooze.question_id == question.id, Snooze.handle == responder.handle)
    ).first()
    assert question.id is not None
    row = row or Snooze(question_id=question.id, handle=responder.handle, until=until)
    row.until = until
    decision.session.add(row)
    said = {"question": question.ref, "title": question.title, "until": until.isoformat()}
    note(decision, "snoozed", responder.handle, said, case_ref=question.case_ref)
    return f"You are not reminded of it for {detail} min. Its clocks and escalations go on."


def _note(decision: Decision, question: Question, responder: Responder, text: str) -> str:
    said = {"text": screened(text), "question": question.ref}
    note(decision, "remark", responder.handle, said, case_ref=question.case_ref)
    return f"Written into the timeline of {decision.incident.ref}."


def _escalate(decision: Decision, question: Question, responder: Responder, _: str) -> str:
    if not {question.role, "commander"} & set(responder.roles):
        raise Refused(f"the role {question.role} or the commander may escalate it")
    last = select(ChannelAct.at).where(
        ChannelAct.question_id == question.id,
        ChannelAct.what == "escalate",
        col(ChannelAct.outcome).contains("Escalated"),
        ChannelAct.at > decision.wall - BETWEEN,
    )
    if decision.session.exec(last).first() is not None:
        return "It was escalated a moment ago: nothing was changed."
    if not escalate(decision, question, responder.handle, "it was asked for in the channel"):
        raise Refused("everybody on the ladder has been named")
    return f"Escalated: {slack(question.title, 100)}"


def screened(text: str) -> str:
    """A remark as it may be kept; raises Refused naming the kind of number that it holds."""
    refuse_in_words(remark=text)
    if not text.strip() or len(text) > LONGEST_NOTE:
        raise Refused(f"a remark has 1 to {LONGEST_NOTE} characters")
    return text.strip()


def _offer(question: Question, marked: str) -> Reply:
    """Three lengths to choose from."""
    said = f"{marked}Put your own reminders of it off for how long? Clocks and escalations go on."
    buttons: list[Mapping[str, Any]] = [
        {
            "type": "button",
            "action_id": f"snooze_{minutes}",
            "text": {"type": "plain_text", "text": f"{minutes} min"},
            "value": question.ref,
        }
        for minutes in MINUTES
    ]
    return Reply(said, (section(said), {"type": "actions", "elements": buttons}))


_ACTS: Mapping[str, _Act] = {
    "ack": _ack,
    "take": _take,
    "snooze": _snooze,
    "note": _note,
    "escalate": _escalate,
}

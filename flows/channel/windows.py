"""Answering in a window: opened for low risk alone, handed in as the form's own answer to the suspended run.

The run, the attempt, the judge and every fence are the form's; the responder is fixed by the member id, and
the code is checked against the instant at which Prefect stored the answer. A form that is not waiting, or a
Prefect that is away, leaves everything as it was.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlmodel import Session, select

from flows.channel import standing
from flows.channel.forms import answer_window, back_of, digest_of
from flows.channel.incoming import Sender, Sheet
from flows.channel.replies import NOTHING, Reply, link
from flows.channel.risk import is_low
from flows.exercise_channel import mark
from flows.forbidden import clear, refuse_forbidden
from flows.forms import FormSpec, Given
from flows.gathering import find_question
from flows.house import House
from flows.incidents import LIVE
from flows.prefect_api import Rejected
from flows.specs import spec_of
from notify.text import slack
from playbooks.errors import ChooseAgain, Refused, SetupFault, Unreachable
from playbooks.sensitive import without_numbers
from store.tables import Answer, ChannelAct, Incident, Question, Responder

PATIENCE: Final = 15.0
"""Seconds that an answer's judgement is waited for; after that the desk tells it."""
UNREADY: Final = 8.0
"""Seconds that a form is waited for: after a refused answer it is put anew."""
LOOK_EVERY: Final = 0.15

_AWAY: Final = "Prefect does not answer now: nothing was taken. Try again in a moment."
_IN_DOUBT: Final = (
    "Prefect did not say whether it took your answer. Open the question again: it tells how it stands."
)
_UNREADY: Final = "Its form is being prepared: nothing was taken. Try again in a moment."
_GOING_ON: Final = "Your answer is with the house and is being judged: the question tells how it stands."
_OLD: Final = "The question has changed since this window was opened: nothing was taken. Open it again."
_BUSY: Final = "This was handed in already, and is being judged."


@dataclass(frozen=True, slots=True)
class _Asked:
    """A question as it may be answered here, with the form it asks."""

    question: Question
    incident: Incident
    responder: Responder
    spec: FormSpec


def open_answer(house: House, sender: Sender, ref: str) -> Reply:
    """The window in which a question is answered; a link to its form where that may not be."""
    with house.store.reading() as session:
        asked = _find(house, session, sender, ref)
        if not isinstance(asked, _Asked):
            return asked
        question, spec = asked.question, asked.spec
        back = {"g": str(question.generation), "f": digest_of(spec), "c": sender.place}
        title = f"{mark(asked.incident)}{question.title}"
        fault = f"Not accepted: {question.fault}" if question.fault else ""
        return Reply(view=answer_window(asked.incident.ref, ref, title, spec, back, fault))


def hand_in(house: House, sheet: Sheet, now: datetime) -> Reply:
    """Give the answer of a window to the question's run, once, and say how it was judged."""
    back = back_of(sheet.back)
    sender = sheet.sender.placed(back.get("c", ""))
    with house.store.reading() as session:
        if (first := standing.first_outcome(session, sheet.key)) is not None:
            return Reply(first or _BUSY)
        asked = _find(house, session, sender, back.get("q", ""))
    if not isinstance(asked, _Asked):
        if asked is NOTHING:
            with house.store.writing() as session:
                question = find_question(session, back.get("q", "")[:24])
                standing.record_refusal(session, sheet.key, "answer", sender, now, question)
        return asked
    if (back.get("g"), back.get("f")) != (str(asked.question.generation), digest_of(asked.spec)):
        return Reply(_OLD)
    given = _given(asked, sheet, now)
    if isinstance(given, Reply):
        return given
    with house.store.writing() as session:
        if not standing.keep(session, sheet.key, "answer", "", now, asked.responder, asked.question):
            return Reply(_BUSY)
    reply = _resume(house, asked, given)
    with house.store.writing() as session:
        session.get_one(ChannelAct, sheet.key).outcome = reply.text[:200]
    return reply


def _find(house: House, session: Session, sender: Sender, ref: str) -> _Asked | Reply:
    """The question with its form, or what stands in the way of answering it here."""
    question = find_question(session, ref[:24]) if ref.isascii() and ref.isalnum() else None
    responder = standing.actor(session, sender)
    if question is None or responder is None or question.kind == "action":
        return NOTHING
    incident = session.get_one(Incident, question.incident_id)
    if not standing.may_press(session, responder, incident, question.case_ref):
        return NOTHING
    if question.state != "open" or incident.state not in LIVE:
        why = question.state if question.state != "open" else "of an incident that is closed"
        return Reply(f"This question of {incident.ref} is {why}: there is nothing left to answer.")
    spec = spec_of(session, incident, question)
    if not is_low(house, session, incident, question, spec):
        form = link(f"{house.settings.desk_url}/q/{ref}", "its form")
        return Reply(f"This one is answered in {form}: it needs more than a window here may ask.")
    if responder.handle not in spec.responders:
        return Reply(f"This question is for the role {question.role}: somebody else has to answer.")
    return _Asked(question, incident, responder, spec)


def _given(asked: _Asked, sheet: Sheet, now: datetime) -> dict[str, Any] | Reply:
    """The values as the form takes them; a number that no answer may hold goes no further than here."""
    names = {field.name for field in asked.spec.fields} | {"decision", "reason", "code"}
    values = {name: value for name, value in sheet.values.items() if name in names}
    code = str(values.pop("code", ""))
    own = {name: str(values.get(name, "")) for name in ("decision", "reason")}
    rest = {name: value for name, value in values.items() if name not in own}
    cleared = clear(Given(asked.responder.handle, "", own["decision"], own["reason"], rest, now))
    try:
        refuse_forbidden(asked.spec, cleared.kinds)
    except Refused as refused:
        return _fault(f"{refused.what}: {refused.which}")
    return {**values, "code": code, "responder": asked.responder.handle}


def _resume(house: House, asked: _Asked, values: dict[str, Any]) -> Reply:
    """Answer the form that the run waits with; nothing is sent unless it is this very question's."""
    try:
        waiting = _waiting(house, asked.question)
    except (Unreachable, SetupFault, ChooseAgain):
        return Reply(_AWAY)
    if waiting is None:
        return Reply(_UNREADY)
    try:
        told = house.api.resume(str(waiting.run_id), values)
    except (Unreachable, SetupFault):
        return Reply(_IN_DOUBT)
    except ChooseAgain:
        return Reply(_UNREADY)
    if isinstance(told, Rejected):
        return _fault(f"the form does not take it: {without_numbers(told.reason)}")
    return _judged(house, waiting)


def _waiting(house: House, asked: Question) -> Question | None:
    """The question as it stands once its run waits with its form: after a refusal that takes a moment."""
    deadline = time.monotonic() + UNREADY
    while True:
        with house.store.reading() as session:
            question = find_question(session, asked.ref)
        if question is None or question.state != "open" or question.generation != asked.generation:
            return None
        key = f"{question.ref}-{question.generation}-{question.attempt}"
        run = house.api.read_runs([question.run_id]).get(question.run_id) if question.run_id else None
        if run is not None and run.is_suspended and run.pause_key == key and house.api.has_form(run):
            return question
        if time.monotonic() > deadline:
            return None
        time.sleep(LOOK_EVERY)


def _judged(house: House, question: Question) -> Reply:
    """What became of the attempt, once it was judged."""
    deadline = time.monotonic() + PATIENCE
    query = select(Answer).where(Answer.question_id == question.id, Answer.attempt == question.attempt)
    while time.monotonic() < deadline:
        with house.store.reading() as session:
            answer = session.exec(query).first()
        if answer is not None:
            if answer.verdict == "accepted":
                return Reply(f"Taken: {slack(question.title, 100)}")
            return _fault(answer.fault)
        time.sleep(LOOK_EVERY)
    return Reply(_GOING_ON)


def _fault(why: str) -> Reply:
    """A refusal, at the code: the one field that every answer must fill in anew."""
    said = slack(why, 150)
    return Reply(f"Not accepted: {said}", faults={"code": f"Not accepted: {said}"})

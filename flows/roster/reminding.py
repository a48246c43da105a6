"""Reminders that name a person: at half of a question's time and at its end, each once, unless put off."""

from __future__ import annotations

from typing import Any, Final

from sqlmodel import select

from flows.deciding import Decision, say
from flows.law.scheduling import remind_again
from flows.roster.duty import asked_people, on_duty_here, people_said
from flows.roster.keeping import roster_row
from playbooks.escalation import next_role
from store.tables import Question, Snooze

UNNAMED: Final = {"handle": "whoever is on duty", "slack_id": ""}
"""How people are spoken of in an incident with a circle."""


def remind(decision: Decision, question: Question, which: str) -> bool:
    """Remind whoever a question waits for by name; False where nothing is said.

    Without a roster only those to whom a question was given are reminded. Half of a time that has run out is
    not told any more: its end is. One that everybody has put off comes when the first wakes.
    """
    if question.due_at is None:
        return False
    is_over = question.due_at <= decision.now
    if is_over and which.startswith("half"):
        return False
    session, incident = decision.session, decision.incident
    people = asked_people(session, incident, question, decision.now)
    if not people and (question.assignee or roster_row(session) is None):
        return False
    snoozed = _snoozed(decision, question)
    awake = [handle for handle in people if handle not in snoozed]
    if people and not awake:
        remind_again(decision, question, min(snoozed[handle] for handle in people))
        return False
    fields: dict[str, Any] = {
        "title": question.title,
        "role": question.assignee or question.role,
        "link": f"{decision.house.settings.desk_url}/q/{question.ref}",
        "on_duty": people_said(session, incident, awake) or ([dict(UNNAMED)] if awake else []),
        "due_at": question.due_at.isoformat(),
        "over" if is_over else "left": abs((question.due_at - decision.now).total_seconds()),
    }
    if not people:
        fields |= _next(decision, question)
    say(
        decision,
        "question_reminder",
        f"question/{question.ref}/reminded/{question.generation}/{which}",
        **fields,
    )
    return True


def _snoozed(decision: Decision, question: Question) -> dict[str, Any]:
    """Who has put the reminders of a question off, and until when."""
    rows = decision.session.exec(select(Snooze).where(Snooze.question_id == question.id))
    return {row.handle: row.until for row in rows if row.until > decision.now}


def _next(decision: Decision, question: Question) -> dict[str, Any]:
    """The next role on the ladder, with who is on duty for it."""
    role = next_role(question.role, question.escalations)
    if role is None:
        return {}
    handles = on_duty_here(
        decision.session,
        decision.incident,
        role,
        decision.now,
        case_ref=question.case_ref,
        excluded=question.excluded,
    )
    return {"next_role": role, "next_people": people_said(decision.session, decision.incident, handles)}

"""The commander keeps a responder out of an incident, and lets them back in by a second person's word.

What is refused here is told in the channel: it speaks of nobody, and not of what was asked.
"""

from __future__ import annotations

from sqlmodel import col, select

from flows.circle import kept_out
from flows.deciding import Decision, note
from flows.forms import Given
from flows.gathering import open_questions
from flows.questions import give_anew
from flows.settling.duties import Details, text_of
from flows.settling.words import ask_word
from playbooks.errors import Refused
from store.tables import Exclusion, Question, Responder

TITLE = "Agree to what the commander asks: read it on the incident's page"
"""The title stands in Prefect and in the channel, where the one it is about may read it."""


def exclude(decision: Decision, given: Given, details: Details) -> list[Question]:
    """Keep a responder out from now on; what was assigned to them goes back to its role."""
    handle = _named(decision, given, details)
    if handle in kept_out(decision.session, decision.incident_id):
        raise _names_nobody()
    return keep_out(decision, handle, given.handle, given.reason)


def keep_out(decision: Decision, handle: str, by: str, why: str) -> list[Question]:
    """Keep somebody out on a commander's word; returns the questions that were theirs, now their role's."""
    row = _row_of(decision, handle) or Exclusion(
        incident_id=decision.incident_id, handle=handle, by=by, at=decision.now
    )
    row.by, row.why, row.at, row.lifted_at = by, why, decision.now, None
    decision.session.add(row)
    note(decision, "responder_excluded", by, {"handle": handle, "why": why})
    decision.session.flush()
    theirs = [one for one in open_questions(decision.session, decision.incident_id) if one.assignee == handle]
    for question in theirs:
        question.assignee = ""
        give_anew(decision, question)
    return theirs


def readmit(decision: Decision, given: Given, details: Details) -> list[Question]:
    """Ask a second person to agree that a responder may be let back in."""
    handle = _named(decision, given, details)
    if handle not in kept_out(decision.session, decision.incident_id):
        raise _names_nobody()
    return [ask_word(decision, given, "readmission", TITLE, handle=handle)]


def lift(decision: Decision, handle: str, by: tuple[str, str], why: str) -> None:
    """Let a responder back in, as two people have agreed."""
    row = _row_of(decision, handle)
    if row is None or row.lifted_at is not None:
        return
    row.lifted_at = decision.now
    decision.session.add(row)
    said = {"handle": handle, "why": why, "agreed_by": by[1]}
    note(decision, "responder_readmitted", by[0], said)


def _named(decision: Decision, given: Given, details: Details) -> str:
    """The other responder whom `to_whom` names."""
    handle = text_of(details, "to_whom")
    known = decision.session.exec(select(Responder.handle).where(col(Responder.handle) == handle)).first()
    if known is None or known == given.handle:
        raise _names_nobody()
    return known


def _row_of(decision: Decision, handle: str) -> Exclusion | None:
    theirs = select(Exclusion).where(
        Exclusion.incident_id == decision.incident_id, Exclusion.handle == handle
    )
    return decision.session.exec(theirs).first()


def _names_nobody() -> Refused:
    return Refused("it names nobody to whom this applies", which="to_whom", mend="name another responder")

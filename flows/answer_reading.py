"""An answer that was taken, read again as its form was filled."""

from __future__ import annotations

from flows.deciding import Decision
from flows.forms import Filled, Given, read_fields
from flows.specs import spec_of
from store.tables import Answer, Question


def filled_of(decision: Decision, question: Question, answer: Answer) -> Filled:
    """The typed values of an answer that counted."""
    values = {name: value for name, value in answer.fields.items() if name != "reason"}
    reason = str(answer.fields.get("reason", ""))
    given = Given(answer.handle, "", answer.decision, reason, values, answer.submitted_at)
    return read_fields(spec_of(decision.session, decision.incident, question), given, answer.answered_at)

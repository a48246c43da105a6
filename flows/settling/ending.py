"""Ending a step, and asking it again."""

from __future__ import annotations

from flows.advancing import question_of
from flows.deciding import Decision, note, say
from flows.gathering import phase_name, step_of
from flows.questions import close_questions, put
from flows.rounds import telling
from store.tables import Question, StepRow


def row_of(decision: Decision, question: Question) -> StepRow:
    """The step that a question belongs to."""
    row = decision.session.get(StepRow, question.step_row_id)
    assert row is not None
    return row


def finish(decision: Decision, row: StepRow, by: str, why: str = "", *, outcome: str = "") -> None:
    """End a step: the plan goes on from here; `outcome` is how the channel is told of it."""
    row.state, row.why, row.ended_at = "done", why[:300], decision.now
    decision.session.add(row)
    close_questions(decision, row)
    title = step_of(decision.incident, row).title
    phase = phase_name(decision.incident, row)
    note(decision, "step_done", by, {"step": row.step_id, "title": title, "why": why}, case_ref=row.case_ref)
    key = f"step/{row.id}/done"
    say(
        decision,
        "step_done",
        key,
        phase=phase,
        title=title,
        by=by,
        outcome=outcome or ("not applicable" if why else "done"),
    )


def ask_again(decision: Decision, row: StepRow, why: str) -> Question:
    """Put what a step asks first once more, saying why; what else was open of it is withdrawn."""
    close_questions(decision, row)
    row.state = "open"
    decision.session.add(row)
    question = question_of(decision, row, telling(decision))
    question.fault = why[:300]
    put(decision, [question])
    return question

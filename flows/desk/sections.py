"""Rows of the store turned into the parts of a page. Pure: `now` is incident time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from flows.desk import words
from flows.desk.view import FactGroup, FactLine, PhaseView, QuestionView
from flows.gathering import phase_name, step_of
from flows.review.material import ADDED
from flows.veiling import own_questions
from playbooks.models import Field, Playbook, Step
from store.tables import FactRow, Incident, Question, StepRow

_UNDER_WAY = ("open", "approving")


def phase_views(plan: Playbook, steps: Sequence[StepRow]) -> tuple[PhaseView, ...]:
    """How far each phase of the plan has come."""
    return tuple(
        PhaseView(phase.id, _phase_state([step.id for step in phase.steps], steps)) for phase in plan.phases
    )


def _phase_state(step_ids: Sequence[str], steps: Sequence[StepRow]) -> str:
    states = [row.state for row in steps if row.step_id in step_ids and not row.added]
    if any(state in _UNDER_WAY for state in states):
        return "now"
    if "waiting" in states or not states:
        return "next"
    return "done" if "done" in states else "idle"


def question_view(
    incident: Incident, row: Question, step: StepRow | None, now: datetime, *, may_quote: bool
) -> QuestionView:
    """A question with the time it has left; without `may_quote` no person's words are in it."""
    return QuestionView(
        ref=row.ref,
        title=row.title if may_quote or step is None or not step.added else ADDED,
        phase=phase_name(incident, step),
        who=row.assignee or row.role.replace("_", " "),
        case_ref=row.case_ref,
        due_at=row.due_at,
        left=words.left_words(row.due_at, now) if row.due_at else "",
        is_over=row.due_at is not None and row.due_at < now,
        fault=row.fault if may_quote else "",
        to_do=_to_do(step_of(incident, step)) if step is not None and (may_quote or not step.added) else (),
    )


def _to_do(step: Step) -> tuple[tuple[str, str], ...]:
    """What a step says: what to do, what not to do, what to keep, and what it asks of its own."""
    return (
        *(("", line) for line in step.instructions.splitlines() if line.strip()),
        *(("", line) for line in step.do_not),
        *(("keep", line) for line in step.evidence),
        *((f"Answer {number}", _question(field)) for number, field in own_questions(step.fields)),
    )


def _question(field: Field) -> str:
    """A step's own question with its options, numbered as a veiled form has them."""
    options = (f"option {n} {choice.label}" for n, choice in enumerate(field.choices, start=1))
    return " ".join(part for part in (field.label, field.help, "; ".join(options)) if part)


def fact_group(subject: str, rows: Sequence[FactRow]) -> FactGroup:
    """The latest word on each fact, in the order the facts were first stated."""
    latest = {row.name: row for row in rows}
    return FactGroup(
        subject,
        tuple(
            FactLine(
                label=words.fact_label(name),
                value=words.fact_words(name, row.value["value"]),
                author=row.author,
                at=row.asserted_at,
                basis=row.basis,
                earlier=sum(other.name == name for other in rows) - 1,
            )
            for name, row in latest.items()
        ),
    )

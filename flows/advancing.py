"""Carrying out what plan and law say is next: pure moves in, steps and questions out."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from flows.deciding import Decision, note
from flows.gathering import Known, gather, key_of, plan_of, step_of
from flows.incidents import CANDIDATE
from flows.law.judged import rejudge
from flows.law.keeping import keep_duties
from flows.law.stages import Telling, staged, telling_of
from flows.law.steps import LIVE, LawStep, Standing, standing_of
from flows.law.unasked import asked_by, unasked
from flows.law.unassessed import unassessed
from flows.law.untold import untold
from flows.notice_forms import asked_for, form_of, other_languages
from flows.notice_phases import phases_after, told_last
from flows.questions import close_questions, new_question, put
from flows.rounds import states_with_released, telling
from playbooks.models import Step
from playbooks.plan import Move, Open, Reopen, Skip, Withdraw, decide_moves
from store.tables import Obligation, Question, StepRow

QUESTION_OF = {"manual": "step", "automated": "action", "notice": "draft"}
"""What a step of each kind asks first."""


def advance(decision: Decision, beside: Sequence[Question] = ()) -> list[Question]:
    """Bring duties, plan and law's own steps to what is known; returns the questions that became open.

    Questions `beside` the plan are asked with them, and come first. A candidate's duties are kept, so that
    its clocks warn; its plan waits until somebody accepts it.
    """
    plan, known = plan_of(decision.incident), gather(decision.session, decision.incident_id)
    if decision.incident.state == CANDIDATE:
        keep_duties(decision, known)
        put(decision, beside)
        return list(beside)
    doubted, known = rejudge(decision, standing_of(decision, plan, known))
    duties = keep_duties(decision, known)
    found = telling_of(decision.house, duties, decision.now)
    judged = _begin(decision, known, [_law_row(decision, one) for one in doubted])
    states = states_with_released(decision.session, known.steps)
    released = {row.id for row in known.steps if states[key_of(row)] == "released"}
    of_plan = _carry_out(decision, known, decide_moves(plan, states, known.view))
    _keep_addressees(decision, known.steps, found)
    of_law = _follow_law(decision, standing_of(decision, plan, known), duties, found, released)
    _keep_addressees(decision, of_law, found)
    begun = [row for row in (*judged, *of_plan, *of_law) if row.state == "open"]
    opened = [*beside, *(question_of(decision, row, found) for row in begun)]
    for row, question in zip(begun, opened[len(beside) :], strict=True):
        question.fault = row.why[:300] if row in judged else ""
    put(decision, opened)
    return opened


def open_added(decision: Decision, step: Step, *, case_ref: str = "", assignee: str = "") -> Question:
    """Open a step that the commander adds beside the plan, for one case or all, for one person or a role."""
    row = StepRow(
        incident_id=decision.incident_id,
        case_ref=case_ref,
        step_id=step.id,
        state="open",
        added=step.model_dump_json(),
        opened_at=decision.now,
    )
    decision.session.add(row)
    decision.session.flush()
    question = question_of(decision, row, telling(decision))
    question.assignee = assignee
    put(decision, [question])
    return question


def question_of(decision: Decision, row: StepRow, found: Telling) -> Question:
    """What a step asks first, not yet put: a notice names its stage, triage what the law wants to know.

    What repeats names its round.
    """
    step = step_of(decision.incident, row)
    title, subject = step.title, dict[str, Any]()
    if step.kind == "notice":
        duties = found.met_by(step, row)
        title = staged(title, duties)
        form = form_of(decision.house, step, duties)
        subject |= {"wants": asked_for(form), "languages": other_languages(form)}
        last = told_last(decision.session, decision.incident, found.told_in(step, row))
        subject |= {"phases": phases_after(duties, last), "follows": last.id if last else None}
    if step.repeat is not None and row.round > 1:
        title = f"{title[:140]} (round {row.round})"
    if step.asks_law:
        subject["asks"] = asked_by(decision, step)
    kind = QUESTION_OF[step.kind]
    return new_question(decision, row, kind, step.role, title, target=step.target, subject=subject)


def _carry_out(decision: Decision, known: Known, moves: tuple[Move, ...]) -> list[StepRow]:
    """Write the moves down together, first what ends; returns the steps that begin."""
    why = {move.key: move.why for move in moves if isinstance(move, Withdraw)}
    gone = {row.id: why[key] for row in known.steps if row.id and (key := key_of(row)) in why}
    _take_back(decision, gone, known)
    rows = [_row(decision, move) for move in moves if not isinstance(move, Withdraw)]
    return _begin(decision, known, rows)


def _follow_law(
    decision: Decision,
    standing: Standing,
    duties: Sequence[Obligation],
    found: Telling,
    released: Collection[int | None],
) -> list[StepRow]:
    """Open and take back the steps that the law wants beside the plan; returns those that begin."""
    questions, answered = unasked(standing, duties)
    asked = {field.fact for one in questions if one.step for field in one.step.fields if field.fact}
    asked |= standing.being_asked()
    notices, done = untold(standing, found, asked)
    assessments, over = unassessed(standing, duties, asked)
    gone = {number: why for number, why in (answered | done | over).items() if number not in released}
    _take_back(decision, gone, standing.known)
    wanted = (*notices, *assessments, *questions)
    return _begin(decision, standing.known, [_law_row(decision, one) for one in wanted])


def _keep_addressees(decision: Decision, rows: Iterable[StepRow], found: Telling) -> None:
    """Write down for whom each live round of a notice is, as soon as a duty says so: it stays theirs."""
    for row in rows:
        if row.state in LIVE and (step := step_of(decision.incident, row)).kind == "notice":
            case_ref, recipient, addressee = found.told_in(step, row)
            if addressee != row.addressee and addressee in found.of_kind(case_ref, recipient):
                row.addressee = addressee
                decision.session.add(row)


def _begin(decision: Decision, known: Known, rows: Sequence[StepRow]) -> list[StepRow]:
    """Write steps down; returns those that begin."""
    decision.session.add_all(rows)
    decision.session.flush()
    known.steps.extend(rows)
    for row in rows:
        if row.state == "skipped":
            _note_end(decision, row)
    return [row for row in rows if row.state == "open"]


def _row(decision: Decision, move: Open | Reopen | Skip) -> StepRow:
    skipped = isinstance(move, Skip)
    return StepRow(
        incident_id=decision.incident_id,
        case_ref=move.key.case or "",
        step_id=move.key.step_id,
        round=move.key.round,
        state="skipped" if skipped else "open",
        why=move.why if isinstance(move, Skip) else "",
        opened_at=None if skipped else decision.now,
        ended_at=decision.now if skipped else None,
    )


def _law_row(decision: Decision, one: LawStep) -> StepRow:
    return StepRow(
        incident_id=decision.incident_id,
        case_ref=one.case_ref,
        step_id=one.step_id,
        round=one.round,
        state="open",
        why=one.why,
        added=one.step.model_dump_json() if one.step else "",
        opened_at=decision.now,
    )


def _take_back(decision: Decision, why: Mapping[int, str], known: Known) -> None:
    for row in known.steps:
        if row.id is None or row.id not in why:
            continue
        row.state, row.why, row.ended_at = "withdrawn", why[row.id], decision.now
        decision.session.add(row)
        close_questions(decision, row)
        _note_end(decision, row)


def _note_end(decision: Decision, row: StepRow) -> None:
    said = {"step": row.step_id, "why": row.why}
    note(decision, f"step_{row.state}", "system", said, case_ref=row.case_ref)

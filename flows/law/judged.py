"""Judgements of how grave a breach is: kept with the facts they rest on, and asked anew when those change."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Final

from sqlmodel import select

from flows.asserting import assert_facts
from flows.deciding import Decision
from flows.gathering import Known, gather, step_of, steps_of
from flows.law.steps import LIVE, LawStep, Standing
from playbooks.facts import UNKNOWN
from playbooks.verdicts import IN_DOUBT, JUDGED, RELEASING, grounds_of
from store.tables import Question, StepRow

TAKEN_BACK_BY: Final = "system"
BASIS: Final = 120
"""How long the basis of a fact may be."""
Grounds = dict[str, dict[str, Any]]
"""The facts a judgement rests on, by case; the incident's own under no name."""


def rejudge(decision: Decision, standing: Standing) -> tuple[list[LawStep], Known]:
    """The judgements to be asked anew, as rounds of their steps, and what is known after those fell.

    A judgement keeps its grounds from its answer on; the last of each is held against the facts of today.
    """
    wanted, fell, last = [], False, dict[tuple[str, str], StepRow]()
    for row in sorted(standing.known.steps, key=lambda one: one.ended_at or decision.now):
        judged = _judged_in(standing, row) if row.state in (*LIVE, "done") else []
        if judged and row.state == "open":
            row.rests_on = None
        elif judged and row.rests_on is None:
            row.rests_on = _grounds(standing.known, row)
        if row.state == "done":
            last.update({(row.case_ref, name): row for name in judged})
    for row in {row.id: row for row in last.values()}.values():
        judged = [name for (_, name), latest in last.items() if latest is row]
        if changed := list(_changed(row.rests_on or {}, _grounds(standing.known, row))):
            why = f"changed since it was judged: {', '.join(changed)}"
            ref, view = row.case_ref or None, standing.known.view
            doubted = [name for name in judged if view.known(name, ref) in IN_DOUBT[name]]
            wanted += _again(standing, row, doubted, why)
            fell |= _fall(decision, standing.known, row, doubted, why)
    return wanted, gather(decision.session, decision.incident_id) if fell else standing.known


def rest_anew(decision: Decision, name: str) -> None:
    """Let a judgement that was just stated rest on the facts of today, whichever step gave the last."""
    if name not in JUDGED:
        return
    for row in steps_of(decision.session, decision.incident_id):
        step = step_of(decision.incident, row)
        if row.state == "done" and (step.asks_law or any(field.fact == name for field in step.fields)):
            row.rests_on = None
            decision.session.add(row)


def _judged_in(standing: Standing, row: StepRow) -> list[str]:
    """The judgements that a step asks for, of itself or for the law."""
    step = step_of(standing.decision.incident, row)
    names = [field.fact for field in step.fields if field.fact]
    if step.asks_law:
        put = select(Question).where(Question.step_row_id == row.id, Question.kind == "step")
        asks = (question.subject.get("asks", ()) for question in standing.decision.session.exec(put))
        names += [name for one in asks for name in one]
    return sorted(JUDGED.intersection(names))


def _grounds(known: Known, row: StepRow) -> Grounds:
    """The facts that a judgement in this step is made of: its case's, or the incident's and every case's."""
    refs = (row.case_ref,) if row.case_ref else ("", *(case.ref for case in known.cases))
    return {ref: grounds_of(known.view, ref or None) for ref in refs}


def _changed(was: Grounds, now: Grounds) -> Iterator[str]:
    """What differs between the facts of then and those of now, in words."""
    yield from (f"case {ref} was added" for ref in now if ref not in was)
    names = {name for ref in now if ref in was for name in now[ref] if now[ref][name] != was[ref].get(name)}
    yield from sorted(names)


def _fall(decision: Decision, known: Known, row: StepRow, doubted: list[str], why: str) -> bool:
    """Take back the judgements by which nobody need be told, so that duties are presumed again."""
    ref = row.case_ref or None
    released = [name for name in doubted if known.view.known(name, ref) == RELEASING[name]]
    case = next((one for one in known.cases if one.ref == ref), None)
    assert_facts(
        decision, dict.fromkeys(released, UNKNOWN), author=TAKEN_BACK_BY, basis=why[:BASIS], case=case
    )
    return bool(released)


def _again(standing: Standing, row: StepRow, doubted: list[str], why: str) -> list[LawStep]:
    """The next round of a step of the plan that asks for this; what else fell, the law asks for by itself."""
    step = step_of(standing.decision.incident, row)
    is_asked = standing.latest[row.step_id, row.case_ref].state in LIVE
    if is_asked or row.added or step.asks_law or not doubted or not standing.will_ask(step, row.case_ref):
        return []
    return [LawStep(row.case_ref, row.step_id, standing.next_round(row.step_id, row.case_ref), why, None)]


def fallen(known: Known, names: Iterable[str]) -> list[str]:
    """Those of the incident's facts that were judged once, and taken back since."""
    return [
        name
        for name in names
        if name in JUDGED
        and known.view.known(name) is UNKNOWN
        and known.authors.get((None, name)) == TAKEN_BACK_BY
    ]

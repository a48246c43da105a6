"""Duties to find something out: a step of their own, whose answer meets them."""

from __future__ import annotations

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from typing import Final

from flows.deciding import Decision
from flows.house import House
from flows.law.duties import duties_of
from flows.law.ending import meet_duties
from flows.law.stages import rule_of, to_assess
from flows.law.steps import LIVE, LawStep, Standing
from flows.law.untold import AGAIN, BESIDE, target_of
from flows.questions import visible
from playbooks.models import Field, Step
from store.tables import Obligation, StepRow

CONCLUSION: Final = Field(id="conclusion", type="text", label="What was found, and by whom?", required=True)


def unassessed(
    standing: Standing, duties: Sequence[Obligation], asked: AbstractSet[str]
) -> tuple[list[LawStep], dict[int, str]]:
    """The rounds of assessments to be opened, and by row id why others are taken back."""
    to_do = {(_id(duty), duty.case_ref): duty for duty in to_assess(standing.decision.house, duties)}
    wanted = []
    for (step_id, case_ref), duty in to_do.items():
        row = standing.latest.get((step_id, case_ref))
        if standing.is_due([duty], asked) and (row is None or row.state not in LIVE):
            number, why = standing.next_round(step_id, case_ref), AGAIN if row else BESIDE
            wanted.append(LawStep(case_ref, step_id, number, why, _step(standing, duty)))
    ids = {_id(duty) for duty in duties}
    gone = {
        row.id: "the duty runs no more"
        for key, row in standing.latest.items()
        if row.id and row.added and row.state in LIVE and row.step_id in ids and key not in to_do
    }
    return wanted, gone


def meet_assessed(decision: Decision, row: StepRow, by: str, conclusion: str) -> None:
    """Meet the duty that a step was opened for by its answer, where no fact does; other steps have none."""
    duties = to_assess(decision.house, duties_of(decision.session, decision.incident_id))
    found = [duty for duty in duties if (_id(duty), duty.case_ref) == (row.step_id, row.case_ref)]
    if row.added and found and _fact_of(decision.house, found[0]) is None:
        meet_duties(decision, found, decision.now, by, conclusion)


def _fact_of(house: House, duty: Obligation) -> str | None:
    """The fact whose instant meets the duty, where its rule names one."""
    rule = rule_of(house, duty)
    return rule.met_by if rule else None


def _id(duty: Obligation) -> str:
    return f"assess-{duty.rule_id.lower().replace('.', '-').replace('_', '-')}"[:60].rstrip("-")


def _step(standing: Standing, duty: Obligation) -> Step:
    met_by = _fact_of(standing.decision.house, duty)
    return Step(
        id=_id(duty),
        title=" ".join(visible(duty.title).split()),
        kind="manual",
        role="privacy",
        target=target_of([duty], standing.decision.now),
        instructions=visible(
            f"{duty.rule_id} asks for it ({duty.citation}). Its clock stops with your answer."
        ),
        fields=(Field(fact=met_by, required=True), CONCLUSION) if met_by else (CONCLUSION,),
    )

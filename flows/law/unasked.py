"""Facts that the law wants to know: asked at triage, and beside the plan where later answers want more."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from datetime import datetime, timedelta
from typing import Final

from sqlmodel import select

from flows.deciding import Decision
from flows.gathering import gather, plan_of, step_of
from flows.law.duties import duties_of, footprint, terms_of
from flows.law.judged import fallen
from flows.law.stages import rule_of, running
from flows.law.steps import LIVE, LawStep, Standing, standing_of
from playbooks.asking import needed_facts
from playbooks.conditions import compile_condition
from playbooks.contracts import BOUND, contract_rule
from playbooks.duties import State
from playbooks.facts import UNKNOWN
from playbooks.law import SUBMITTED
from playbooks.models import Field, Step
from playbooks.verdicts import JUDGED
from store.tables import Obligation, Question, StepRow

STEP_ID: Final = "answer-the-law"
AT_ONCE: Final = 10
"""How many facts one form asks for the law: those most wanted."""
TARGET: Final = timedelta(hours=4)
AGAIN_AFTER: Final = timedelta(days=1)
"""How long after its last answer the start of a clock that waits for it is asked for anew."""
Starts = Sequence[tuple[Obligation, str]]
"""The instants that nobody has stated, each with a running duty whose clock waits for it."""
OF_CLIENTS: Final = frozenset({"client_status", "client_confirmed_at"})
"""Facts that differ by client: asked in its case, never for all at once."""
ALWAYS: Final = frozenset({"jurisdictions", "aware_at", *compile_condition(BOUND).names})
"""What every law and contract looks at first, also those of a client not yet named."""
TOLD: Final = {
    "number_of_people": "people_affected",
    "number_of_records": "records_affected",
    "categories_of_records": "data_categories",
    "occurred": "occurred_at",
}
"""The facts that a notice says, by the word for what it must contain."""


def asked_by(decision: Decision, step: Step) -> list[str]:
    """What a step that asks for the law puts: of its own facts those that are read, then those wanted."""
    known, plan = gather(decision.session, decision.incident_id), plan_of(decision.incident)
    standing, duties = standing_of(decision, plan, known), duties_of(decision.session, decision.incident_id)
    read = {*ALWAYS, *_read_by_plan(standing), *_read_by_law(standing, duties)}
    asked = {field.fact for other in plan.steps if _may_ask(standing, other) for field in other.fields}
    own = [field.fact for field in step.fields if field.fact in read]
    needed = _needed(standing, duties, _starts(standing, duties), "")
    return own + [name for name in needed if name not in asked][:AT_ONCE]


def fields_of(step: Step, asks: Sequence[str]) -> tuple[Field, ...]:
    """The fields of a step that puts these facts for the law, beside the step's own details."""
    own = tuple(field for field in step.fields if field.fact is None or field.fact in asks)
    names = {field.fact for field in own}
    return own + tuple(Field(fact=name) for name in asks if name not in names)


def unasked(standing: Standing, duties: Sequence[Obligation]) -> tuple[list[LawStep], dict[int, str]]:
    """The rounds of questions that later answers make necessary, and by row id why others are taken back."""
    wanted: list[LawStep] = []
    gone: dict[int, str] = {}
    if not standing.is_triaged:  # until then triage is the one that asks
        return wanted, gone
    starts, at_triage = _starts(standing, duties), _asked_at_triage(standing)
    for case_ref in ("", *(case.ref for case in standing.known.cases)):
        needed, row = _needed(standing, duties, starts, case_ref), standing.latest.get((STEP_ID, case_ref))
        if row is not None and row.state in LIVE:
            if row.id is not None and not _facts_of(standing, row) & set(needed):
                gone[row.id] = "the law wants to know none of it any more"
            continue
        asked = _asked(standing, case_ref, at_triage) if needed else set()
        asked -= _to_ask_again(standing, starts, case_ref, at_triage) if asked else set()
        missing = [name for name in needed if name not in asked][:AT_ONCE]
        if missing:
            why = f"undecided without {', '.join(missing)}"
            number = standing.next_round(STEP_ID, case_ref)
            wanted.append(LawStep(case_ref, STEP_ID, number, why, _step(missing)))
    return wanted, gone


def _step(names: Sequence[str]) -> Step:
    return Step(
        id=STEP_ID,
        title="Answer what the law still needs to know",
        kind="manual",
        role="privacy",
        target=TARGET,
        instructions=(
            "Whether somebody must be told, or since when, cannot be decided without these facts.\n"
            "What nobody can say yet stays unknown: the clocks then run on."
        ),
        fields=tuple(Field(fact=name) for name in names),
    )


def _needed(standing: Standing, duties: Sequence[Obligation], starts: Starts, case_ref: str) -> list[str]:
    """What the law wants to know of the whole incident, or of one client alone, the most wanted first."""
    if case_ref:
        names = {name for duty, name in starts if duty.case_ref == case_ref}
        return sorted(OF_CLIENTS & (names | _undecided_by(standing, duties, case_ref)))
    owed = [name for duty, name in starts if duty.state == State.OWED]
    wanted = dict.fromkeys((*owed, *_wanted(standing, duties), *(name for _, name in starts)))
    return [name for name in wanted if name not in OF_CLIENTS]


def _wanted(standing: Standing, duties: Sequence[Obligation]) -> tuple[str, ...]:
    if not any(duty.state == State.PRESUMED for duty in duties):
        return ()
    return needed_facts(
        standing.decision.house.rules.values(),
        standing.known.view,
        [case.ref for case in standing.known.cases],
        standing.decision.now,
        met={(one.case_ref or None, one.rule_id): one.met_at for one in duties if one.met_at is not None},
        footprint=footprint(standing.decision.session),
    )


def _undecided_by(standing: Standing, duties: Sequence[Obligation], case_ref: str) -> set[str]:
    """The unknown facts for which a duty in a case is only presumed."""
    presumed = [one for one in duties if one.case_ref == case_ref and one.state == State.PRESUMED]
    return {name for duty in presumed for name in standing.undecided(duty)}


def _starts(standing: Standing, duties: Sequence[Obligation]) -> Starts:
    """The unknown starts of running duties, also where another event started a clock provisionally."""
    decision, found = standing.decision, list[tuple[Obligation, str]]()
    terms = terms_of(decision.session, standing.known.cases)
    for duty in running(duties):
        term, case = terms.get(duty.case_ref), duty.case_ref or None
        rule = rule_of(decision.house, duty) or (contract_rule(term) if term else None)
        if rule is None or (duty.anchor_at and (len(rule.limbs) == 1 or duty.state != State.OWED)):
            continue
        for limb in map(_facts_in, rule.limbs):
            if all(standing.known.view.known(name, case) is UNKNOWN for name in limb):
                found += [(duty, name) for name in limb[:1]]
    return found


def _facts_in(limb: Sequence[str]) -> list[str]:
    return [name for name in limb if not SUBMITTED.fullmatch(name)]


def _read_by_plan(standing: Standing) -> Iterator[str]:
    for step in standing.plan.steps:
        if step.when is not None:
            yield from compile_condition(step.when).names


def _read_by_law(standing: Standing, duties: Sequence[Obligation]) -> Iterator[str]:
    """What the rules that may oblige us read, and what their notices say."""
    for rule in filter(None, (rule_of(standing.decision.house, duty) for duty in running(duties))):
        yield from compile_condition(rule.when).names
        yield from (name for limb in rule.limbs for name in _facts_in(limb))
        yield from (TOLD[word] for word in rule.content if word in TOLD)


def _may_ask(standing: Standing, step: Step) -> bool:
    """Whether the plan asks a step of the incident or of any case, and wants it answered."""
    if step.optional:
        return False
    refs = [""] if step.per == "incident" else [case.ref for case in standing.known.cases]
    return any(standing.will_ask(step, ref) for ref in refs)


def _asked(standing: Standing, case_ref: str, at_triage: AbstractSet[str]) -> set[str]:
    """The facts that somebody was asked for, or will be: by the plan, at triage, or in an earlier round."""
    steps = [step for step in standing.plan.steps if not step.asks_law and _may_ask(standing, step)]
    rounds = (row for row in standing.known.steps if (row.step_id, row.case_ref) == (STEP_ID, case_ref))
    rows = [row for row in rounds if row.state != "withdrawn"]
    by_plan = {field.fact for step in steps for field in step.fields if field.fact}
    return by_plan.union(at_triage, *(_facts_of(standing, row) for row in rows))


def _to_ask_again(standing: Standing, starts: Starts, case_ref: str, at_triage: AbstractSet[str]) -> set[str]:
    """The facts that were asked for and are asked anew: starts a day after, and judgements taken back."""
    if case_ref:
        waited_for = {name for duty, name in starts if duty.case_ref == case_ref} & OF_CLIENTS
    else:
        waited_for = {name for _, name in starts} - standing.being_asked()
    day_ago = standing.decision.now - AGAIN_AFTER
    answered = {name: _answered_at(standing, name, case_ref, at_triage) for name in waited_for}
    again = {name for name, at in answered.items() if at is not None and at <= day_ago}
    return again if case_ref else again.union(set(fallen(standing.known, JUDGED)) - standing.being_asked())


def _answered_at(
    standing: Standing, name: str, case_ref: str, at_triage: AbstractSet[str]
) -> datetime | None:
    """When a question for a fact was last answered: beside the plan, at triage or in a step of the plan."""
    ended = [
        row.ended_at
        for row in standing.known.steps
        if row.state == "done" and row.ended_at is not None and row.case_ref in ("", case_ref)
        if name in _facts_of(standing, row)
        or (name in at_triage and step_of(standing.decision.incident, row).asks_law)
    ]
    return max(ended, default=None)


def _asked_at_triage(standing: Standing) -> set[str]:
    put = select(Question).where(
        Question.incident_id == standing.decision.incident_id, Question.kind == "step"
    )
    questions = standing.decision.session.exec(put).all()
    return {name for question in questions for name in question.subject.get("asks", ())}


def _facts_of(standing: Standing, row: StepRow) -> set[str]:
    return {field.fact for field in step_of(standing.decision.incident, row).fields if field.fact}

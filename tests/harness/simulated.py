"""A simulated lifetime held against the engine: the same plan, facts and answers, in the order simulated."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from flows.gathering import plan_of
from playbooks.contracts import ContractTermView
from playbooks.errors import FactFault
from playbooks.exercises.part import plain_answer
from playbooks.facts import DICTIONARY, UNKNOWN, FactValue, parse_fact
from playbooks.models import Field, Playbook
from playbooks.places import place
from playbooks.simulation.durations import Fixed, Lognormal
from playbooks.simulation.model import CaseTruth, Law, Paces, Simulation, Staff, Story, Truth
from playbooks.simulation.runs import Ended
from store.tables import Question, StepRow
from tests.harness.walks import CAST, START, Walk, stamp

KINDS = {
    "do": "step",
    "act": "action",
    "approve": "approval",
    "draft": "draft",
    "counsel": "counsel",
    "release": "release",
}
"""The kind of question by which the engine asks for a part."""
AT_LEAST = timedelta(microseconds=1)
"""How far an exercise's clock moves for an answer."""
WHY_LATE = "Nobody was on duty."
VOID = "it was asked on other facts"
"""How the engine begins to say that a word does not count."""
AT_ONCE: Mapping[str, Any] = {"deliver": Fixed(timedelta()), "act": Fixed(timedelta(seconds=30))}
AS_PRESUMED: Mapping[str, Any] = {name: stamp(START) for name in ("detected_at", "aware_at")}
"""What people confirm of what the opening presumes."""
A, B = "A", "B"
"""The cases of a walk: of the client that its alert names, and of the one that triage adds."""
EU = frozenset({"EU"})
NONE = frozenset({"none"})


def people_of(cast: Mapping[str, list[str]] = CAST) -> dict[str, tuple[str, ...]]:
    """The handles of each role."""
    roles = dict.fromkeys(role for of in cast.values() for role in of)
    return {role: tuple(handle for handle, of in cast.items() if role in of) for role in roles}


def truth_of(said: Mapping[str, Any]) -> Truth:
    """What the walk's plain answers make so: `said` of some facts, else something plain of the type."""
    facts: dict[str, FactValue] = {}
    instants = {"detected_at": timedelta(), "aware_at": timedelta()}
    said = {**said, **AS_PRESUMED}
    for name, spec in DICTIONARY.items():
        value = _parsed(name, said[name] if name in said else plain_answer(Field(fact=name), START, ()))
        if spec.type == "instant":
            if name in said and value is not UNKNOWN:
                instants[name] = value - START  # type: ignore[operator]
        else:
            facts[name] = value
    instant = {name for name, spec in DICTIONARY.items() if spec.type == "instant"}
    return Truth(
        facts=facts,
        known={"our_status": NONE},
        cases={
            A: CaseTruth({"our_role": "processor", "jurisdictions": EU, "client_status": NONE}),
            B: CaseTruth(
                {"our_role": "controller", "jurisdictions": EU, "client_status": NONE}, from_the_start=False
            ),
        },
        instants=instants,
        as_answered=frozenset(instant - instants.keys()),
    )


def _parsed(name: str, answer: Any) -> FactValue:
    try:
        return parse_fact(name, answer)
    except FactFault:
        return UNKNOWN


def simulation_of(
    plan: Playbook, said: Mapping[str, Any], law: Law, *, seed: int = 1, offers: bool = False
) -> Simulation:
    """The simulation of one incident as a walk of that playbook finds it."""
    story = Story("walked", plan, truth_of(said), law, offers_taken=offers)
    paces = Paces(AT_ONCE, reaction=Lognormal(timedelta(minutes=3), timedelta(minutes=20)))
    return Simulation((story,), Staff(people_of()), START, paces, within=timedelta(), runs=1, seed=seed)


def law_of(walk: Walk) -> Law:
    """The law as the walk's house has it."""
    places = dict.fromkeys((None, A, B), place("EU"))
    terms = {A: ContractTermView(A, 24, citation="cl. 9")}
    return Law(tuple(walk.house.rules.values()), terms, places, EU, walk.house.calendars)


def open_steps(walk: Walk) -> frozenset[tuple[str, str | None]]:
    """The steps that are open in the engine, each with its case."""
    with walk.house.store.reading() as session:
        rows = {one.step_row_id for one in walk.open() if one.step_row_id}
        found = (session.get_one(StepRow, number) for number in rows)
        return frozenset((row.step_id, row.case_ref or None) for row in found)


def question_of(walk: Walk, ended: Ended) -> Question | None:
    """The open question by which the engine asks for this very piece of work."""
    with walk.house.store.reading() as session:
        for question in walk.open():
            if question.kind != KINDS[ended.part] or question.step_row_id is None:
                continue
            row = session.get_one(StepRow, question.step_row_id)
            if (row.step_id, row.case_ref or None, row.round) == (ended.step, ended.case, ended.round):
                return question
    return None


def follow(walk: Walk, ended: Ended) -> Question | None:
    """Answer in the engine, now, what ended in the simulation; None where it is not asked."""
    question = question_of(walk, ended)
    if question is None:
        return None
    walk.waits = {ended.step: AT_LEAST, question.kind: AT_LEAST}
    walk.words = {"draft": {"late_reasons": WHY_LATE}, "release": {"reason": WHY_LATE}}
    walk.settle(question)
    fault = walk.fault(question)
    assert not fault or fault.startswith(VOID), f"{question.title}: {fault}"
    return question


def plan_in(walk: Walk) -> Playbook:
    """The plan as the incident pinned it."""
    with walk.house.store.reading() as session:
        return plan_of(walk.incident(session))

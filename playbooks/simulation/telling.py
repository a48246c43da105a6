"""Which duties a story raises once all is known, and by which step each is met: of the plan, or beside it."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from playbooks.conditions import compile_condition
from playbooks.facts import UNKNOWN, FactValue, FactView
from playbooks.law import Rule
from playbooks.models import Field, Playbook, Step
from playbooks.obligations import consider
from playbooks.places import UTC_PLACE, Place
from playbooks.places import place as place_of
from playbooks.simulation.model import ClockSpec, Law, Truth
from playbooks.simulation.parts import CLIENT
from playbooks.verdicts import Considered, Subject
from playbooks.vocabulary import STAGES, whom

DAY: Final = timedelta(days=1)
SHORTEST: Final = timedelta(minutes=15)
_NOBODY: Final = "?"
"""A case of which nothing is known: with it, the incident is put only what it owes itself."""


@dataclass(frozen=True, slots=True)
class Duty:
    """One duty that the story raises, when all of it is known."""

    spec: ClockSpec
    rule: Rule
    place: Place
    seconds: float | None
    """From its start until it is due, where that is the same on every day; None: it is counted each time."""
    limbs: tuple[tuple[str, ...], ...]
    """The events that start it: of each limb the first that is known."""
    either: bool
    """Whether one limb is enough."""


@dataclass(slots=True)
class Told:
    """Somebody who must be told, or something to find out: the step that does it, and the duties it meets.

    `stages` holds the numbers of duties, one round of the step for each.
    """

    case: Subject
    stages: tuple[tuple[int, ...], ...]
    by_plan: bool
    step: Step
    beside: Step | None = None
    """By which the law tells meanwhile, where the plan cannot say yet whether its own step will."""
    node: int = -1
    node_beside: int = -1

    @property
    def nodes(self) -> tuple[int, ...]:
        """The nodes of both."""
        return (self.node,) if self.beside is None else (self.node, self.node_beside)


def everything(plan: Playbook, truth: Truth, opens_at: datetime) -> FactView:
    """What is known when everything was asked and answered."""
    asked = {field.fact for step in plan.steps for field in step.fields if field.fact}
    stated = dict.fromkeys(truth.as_answered & asked, opens_at)
    stated |= {name: opens_at + span for name, span in truth.instants.items()}
    incident: dict[str, FactValue] = {**truth.known, **truth.facts, **stated}
    return FactView(incident, {case: {**one.on_record, **one.facts} for case, one in truth.cases.items()})


def considered(
    law: Law, view: FactView, cases: Sequence[str], at: datetime, rules: Sequence[Rule] | None = None
) -> tuple[Considered, ...]:
    """Every rule put to these cases and to the incident; without a case, what the incident owes itself."""
    subjects = list(cases) or ([_NOBODY] if view.cases else [])
    return consider(
        law.rules if rules is None else rules, law.terms, view, subjects, at,
        places=law.places, footprint=law.footprint, calendars=law.calendars,
    )  # fmt: skip


def clocks_of(law: Law, view: FactView, at: datetime) -> Iterator[Duty]:
    """Every clock that runs, or is presumed to, once all is known."""
    for one in considered(law, view, sorted(view.cases), at):
        rule = one.rule
        if not rule.has_clock or one.verdict.holds is False:
            continue
        spec = ClockSpec(
            one.case,
            rule.id,
            rule.title,
            rule.recipient,
            rule.addressee,
            rule.stage,
            rule.kind,
            policy=rule.counting == "asap",
        )
        where = place_of(rule.place) if rule.place else law.places.get(one.case, UTC_PLACE)
        yield Duty(spec, rule, where, _seconds(rule), rule.limbs, rule.counting == "dora_initial")


def _seconds(rule: Rule) -> float | None:
    if rule.counting == "hours_elapsed" and rule.period is not None:
        return rule.period.value * 3600
    if rule.counting == "asap" and rule.policy_hours is not None:
        return rule.policy_hours * 3600
    return None


def told_by(plan: Playbook, view: FactView, duties: Sequence[Duty]) -> tuple[Told, ...]:
    """Whom the duties want told and what they want found out, each with its step."""
    groups: dict[tuple[Subject, str, str], list[int]] = defaultdict(list)
    for number, one in enumerate(duties):
        what = one.spec.addressee if one.spec.kind == "notify" else f"={one.spec.rule}"
        groups[one.spec.case, one.spec.recipient, what].append(number)
    first: dict[tuple[Subject, str], str] = {}
    for case, recipient, addressee in sorted(groups, key=lambda key: _precedence(duties, groups[key])):
        first.setdefault((case, recipient), addressee)
    found = []
    for (case, recipient, addressee), numbers in groups.items():
        stages = _by_stage(duties, numbers)
        step = None
        if not addressee.startswith("="):
            step = _planned(plan, view, case, recipient, addressee, first[case, recipient])
        own = _own_step(plan, [duties[number] for number in numbers])
        if step is None:
            found.append(Told(case, stages, False, own))
        else:
            found.append(Told(case, stages, True, step, own if _may_be_open(plan, step) else None))
    return tuple(found)


def _may_be_open(plan: Playbook, step: Step) -> bool:
    """Whether there are facts on which a plan cannot say yet that it asks a step."""
    return step.when is not None and plan.if_unknown(step.id) != "open"


def _precedence(duties: Sequence[Duty], numbers: Sequence[int]) -> tuple[bool, float, str]:
    ids = sorted(duties[number].rule.id for number in numbers)
    soonest = min((duties[number].seconds or 1e12 for number in numbers), default=1e12)
    return not any(one.startswith("EU-") for one in ids), soonest, ids[0]


def _by_stage(duties: Sequence[Duty], numbers: Sequence[int]) -> tuple[tuple[int, ...], ...]:
    of_stage: dict[int, list[int]] = defaultdict(list)
    for number in numbers:
        stage = duties[number].spec.stage
        of_stage[STAGES.index(stage) if stage in STAGES else len(STAGES)].append(number)
    return tuple(tuple(of_stage[stage]) for stage in sorted(of_stage))


def _planned(
    plan: Playbook, view: FactView, case: Subject, recipient: str, addressee: str, first: str
) -> Step | None:
    """The notice by which the plan tells this recipient."""
    for step in plan.steps:
        fits = step.recipient == recipient and (step.per == "case") == (case is not None)
        if fits and addressee == (step.addressee or first) and will_be_asked(plan, step, view, case):
            return step
    return None


def _own_step(plan: Playbook, duties: Sequence[Duty]) -> Step:
    """The step by which the law has somebody told, or something found out."""
    one = duties[0].spec
    told = one.kind == "notify"
    name = f"tell-{one.recipient}-{one.addressee}" if told else f"assess-{one.rule}"
    slug = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:50].strip("-")
    while any(step.id == slug for step in plan.steps):
        slug = f"{slug}-x"
    soonest = min((duty.seconds for duty in duties if duty.seconds), default=4 * DAY.total_seconds())
    target = max(SHORTEST, min(DAY, timedelta(minutes=soonest // 240)))
    title = f"Tell the {whom(one.recipient, one.addressee)}" if told else one.title
    role = "client_lead" if one.recipient == CLIENT else "privacy"
    met_by = duties[0].rule.met_by
    return Step(
        id=slug,
        title=title,
        kind="notice" if told else "manual",
        role=role,
        per="incident" if one.case is None else "case",
        target=target,
        recipient=one.recipient if told else None,
        addressee=one.addressee if told else "",
        template="notice-other" if told else None,
        instructions=title,
        fields=(Field(fact=met_by),) if met_by and not told else (),
    )


def will_be_asked(plan: Playbook, step: Step, view: FactView, case: Subject) -> bool:
    """Whether the plan asks a step, or will once its turn comes, as far as is known."""
    if step.when is None:
        return True
    truth = compile_condition(step.when).evaluate(view, case)
    return truth is True or (truth is UNKNOWN and plan.if_unknown(step.id) == "open")

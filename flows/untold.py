"""Notices that the law wants: a new round where the plan tells somebody, else a step of its own."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from collections.abc import Set as AbstractSet
from datetime import datetime, timedelta
from typing import Final

from flows.law_steps import LIVE, LawStep, Standing
from flows.stages import of_first_stage, rule_of, to_tell
from playbooks.duties import State
from playbooks.models import Step
from playbooks.vocabulary import CONTENT, RECIPIENTS
from store.tables import Obligation

AGAIN: Final = "a duty to the same recipient is still to be met"
DAY: Final = timedelta(days=1)
SHORTEST: Final = timedelta(minutes=15)

Told = tuple[str, str]
"""Who must be told in which case: case reference and recipient."""


def untold(
    standing: Standing, duties: Sequence[Obligation], asked: Collection[str] = ()
) -> tuple[list[LawStep], dict[int, str]]:
    """The rounds of notices to be opened, and by row id why the law's own ones are taken back.

    `asked` are facts that somebody is about to be asked for.
    """
    groups: dict[Told, list[Obligation]] = {}
    for duty in to_tell(standing.decision.house, duties):
        groups.setdefault((duty.case_ref, duty.recipient), []).append(duty)
    by_plan = {told: step for told in groups if (step := _planned(standing, *told))}
    waited_for = standing.being_asked().union(asked)
    due = {told: group for told, group in groups.items() if _is_due(standing, group, waited_for)}
    wanted = [_round_of_plan(standing, told, step) for told, step in by_plan.items() if told in due]
    wanted += [_own_round(standing, told, group) for told, group in due.items() if told not in by_plan]
    return [one for one in wanted if one], _pointless(standing, groups.keys(), by_plan.keys())


def _is_due(standing: Standing, group: Sequence[Obligation], asked: AbstractSet[str]) -> bool:
    """Whether to ask for a notice: a duty of its stage is owed, or nothing more can be learned about it.

    A presumed one waits for triage, and for answers that are still awaited until half its time is gone.
    """
    return any(
        duty.state == State.OWED
        or (standing.known.cases and standing.is_triaged and not _waits(standing, duty, asked))
        for duty in of_first_stage(group)
    )


def _waits(standing: Standing, duty: Obligation, asked: AbstractSet[str]) -> bool:
    is_open = not asked.isdisjoint(standing.undecided(duty))
    if duty.anchor_at is None or duty.due_at is None:
        return is_open
    return is_open and standing.decision.now < duty.anchor_at + (duty.due_at - duty.anchor_at) / 2


def _own_id(standing: Standing, recipient: str) -> str:
    """The id of the step by which the law tells a recipient, unlike any of the plan's."""
    name = f"tell-{recipient.replace('_', '-')}"
    return f"law-{name}" if any(step.id == name for step in standing.plan.steps) else name


def _planned(standing: Standing, case_ref: str, recipient: str) -> Step | None:
    """The notice step by which the plan tells the recipient in this case."""
    steps = (step for step in standing.plan.steps if step.recipient == recipient)
    return next((step for step in steps if standing.will_ask(step, case_ref)), None)


def _round_of_plan(standing: Standing, told: Told, step: Step) -> LawStep | None:
    row = standing.latest.get((step.id, told[0]))
    if row is None or row.state != "done":
        return None
    return LawStep(told[0], step.id, row.round + 1, AGAIN, None)


def _own_round(standing: Standing, told: Told, group: Sequence[Obligation]) -> LawStep | None:
    case_ref, recipient = told
    step_id = _own_id(standing, recipient)
    row = standing.latest.get((step_id, case_ref))
    if row is not None and row.state in LIVE:
        return None
    why = AGAIN if row else "the law asks for it, and no step of the plan does"
    step = _own_step(standing, recipient, of_first_stage(group))
    return LawStep(case_ref, step_id, standing.next_round(step_id, case_ref), why, step)


def _own_step(standing: Standing, recipient: str, duties: Sequence[Obligation]) -> Step:
    is_authority = recipient == "supervisory_authority"
    return Step(
        id=_own_id(standing, recipient),
        title=f"Tell the {RECIPIENTS[recipient]}",
        kind="notice",
        role="client_lead" if recipient == "client_controller" else "privacy",
        target=_target(duties, standing.decision.now),
        recipient=recipient,
        template="notice-authority" if is_authority else "notice-other",
        instructions=_instructions(standing, duties),
    )


def _target(duties: Sequence[Obligation], now: datetime) -> timedelta:
    """A day, or a quarter of the time left where that is less; whole minutes."""
    due = min((duty.due_at for duty in duties if duty.due_at), default=now + 4 * DAY)
    quarter = max((due - now) / 4, SHORTEST)
    return min(DAY, timedelta(minutes=quarter // timedelta(minutes=1)))


def _instructions(standing: Standing, duties: Sequence[Obligation]) -> str:
    rules = [rule for duty in duties if (rule := rule_of(standing.decision.house, duty))]
    content = dict.fromkeys(CONTENT[word] for rule in rules for word in rule.content)
    lines = ["The law asks for this notice beside the plan:"]
    lines += [f"{duty.rule_id}: {duty.title} ({duty.citation})." for duty in duties]
    lines += [f"It says: {'; '.join(content)}."] if content else []
    lines += ["Say what is not yet known, and that it follows. Nobody else's data is named."]
    return "\n".join(lines)[:4000]


def _pointless(standing: Standing, groups: Collection[Told], by_plan: Collection[Told]) -> dict[int, str]:
    """The law's own notices that are open though nothing is left to tell, or the plan tells it."""
    own = {_own_id(standing, recipient): recipient for recipient in RECIPIENTS}
    gone: dict[int, str] = {}
    for (step_id, case_ref), row in standing.latest.items():
        told = (case_ref, own.get(step_id, ""))
        if not told[1] or row.state not in LIVE or row.id is None:
            continue
        if told not in groups:
            gone[row.id] = "no duty to this recipient runs any more"
        elif told in by_plan and row.state == "open":
            gone[row.id] = "a step of the plan tells this recipient now"
    return gone

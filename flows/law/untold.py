"""Notices that the law wants: a new round where the plan tells somebody, else a step of its own."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Sequence
from collections.abc import Set as AbstractSet
from datetime import datetime, timedelta
from typing import Final

from flows.gathering import step_of
from flows.law.stages import DAY, Telling, Told, of_first_stage, rule_of
from flows.law.steps import BY_HAND, LIVE, LawStep, Standing
from flows.questions import visible
from playbooks.models import Step
from playbooks.vocabulary import CONTENT, INSIDE, whom
from store.tables import Obligation

AGAIN: Final = "a duty to the same recipient is still to be met"
BESIDE: Final = "the law asks for it, and no step of the plan does"
SHORTEST: Final = timedelta(minutes=15)


def untold(
    standing: Standing, telling: Telling, asked: AbstractSet[str]
) -> tuple[list[LawStep], dict[int, str]]:
    """The rounds of notices to be opened, and by row id why the law's own ones are taken back.

    `asked` are facts that somebody is being asked for.
    """
    by_plan = {told: step for told in telling.due if (step := _planned(standing, telling, told))}
    groups = {told: of_first_stage(duties) for told, duties in telling.due.items()}
    due = {told: group for told, group in groups.items() if standing.is_due(group, asked)}
    wanted = [_round_of_plan(standing, told, step) for told, step in by_plan.items() if told in due]
    wanted += [
        _own_round(standing, telling, told, group) for told, group in due.items() if told not in by_plan
    ]
    return [one for one in wanted if one], _pointless(standing, telling, by_plan)


def target_of(duties: Sequence[Obligation], now: datetime) -> timedelta:
    """A day, or a quarter of the time left where that is less; whole minutes."""
    due = min((duty.due_at for duty in duties if duty.due_at), default=now + 4 * DAY)
    quarter = max((due - now) / 4, SHORTEST)
    return min(DAY, timedelta(minutes=quarter // timedelta(minutes=1)))


def _planned(standing: Standing, telling: Telling, told: Told) -> Step | None:
    """The notice step by which the plan tells this recipient in this case."""
    case_ref, recipient, addressee = told
    first = telling.first(case_ref, recipient)
    for step in (one for one in standing.plan.steps if one.recipient == recipient):
        row = standing.latest.get((step.id, case_ref))
        if row is not None and row.state in LIVE:
            if telling.told_in(step, row) == told:
                return step
            continue
        is_free = row is None or not _is_told_beside(standing, telling, told)
        if is_free and addressee == (step.addressee or first) and standing.will_ask(step, case_ref):
            return step
    return None


def _is_told_beside(standing: Standing, telling: Telling, told: Told) -> bool:
    """Whether a step beside the plan is telling this recipient now: the law's, or one of an earlier plan."""
    beside = (row for row in standing.latest.values() if row.added and row.state in LIVE)
    steps = ((step_of(standing.decision.incident, row), row) for row in beside)
    return any(step.kind == "notice" and telling.told_in(step, row) == told for step, row in steps)


def _round_of_plan(standing: Standing, told: Told, step: Step) -> LawStep | None:
    row = standing.latest.get((step.id, told[0]))
    if row is None or row.state != "done":
        return None
    return LawStep(told[0], step.id, row.round + 1, AGAIN, None)


def _own_round(
    standing: Standing, telling: Telling, told: Told, group: Sequence[Obligation]
) -> LawStep | None:
    case_ref, step_id = told[0], _own_id(standing, told)
    row = standing.latest.get((step_id, case_ref))
    if _is_told_beside(standing, telling, told):
        return None
    step = _own_step(standing, told, group)
    return LawStep(case_ref, step_id, standing.next_round(step_id, case_ref), AGAIN if row else BESIDE, step)


def _own_id(standing: Standing, told: Told) -> str:
    """The id of the step by which the law tells a recipient, unlike any of the plan's."""
    words = re.sub(r"[^a-z0-9]+", "-", " ".join(told[1:]).lower()).strip("-")
    name = f"tell-{words}"
    if len(name) > 50 or any(step.id == name for step in standing.plan.steps):
        name = f"tell-{words[:38].strip('-')}-{hashlib.sha256(words.encode()).hexdigest()[:6]}"
    return name


def _own_step(standing: Standing, told: Told, duties: Sequence[Obligation]) -> Step:
    _, recipient, addressee = told
    is_gdpr = recipient == "supervisory_authority" and all(
        one.rule_id.startswith("EU-GDPR") for one in duties
    )
    return Step(
        id=_own_id(standing, told),
        title=visible(f"Tell the {whom(recipient, addressee)}"),
        kind="notice",
        role="client_lead" if recipient == "client_controller" else "privacy",
        target=target_of(duties, standing.decision.now),
        recipient=recipient,
        addressee=addressee,
        template="notice-authority" if is_gdpr else "notice-other",
        instructions=_instructions(standing, duties),
    )


def _instructions(standing: Standing, duties: Sequence[Obligation]) -> str:
    rules = [rule for duty in duties if (rule := rule_of(standing.decision.house, duty))]
    content = dict.fromkeys(CONTENT[word] for rule in rules for word in rule.content)
    lines = ["The law asks for this notice beside the plan:"]
    lines += [f"{duty.rule_id}: {duty.title} ({duty.citation})." for duty in duties]
    lines += [f"It says: {'; '.join(content)}."] if content else []
    lines += ["Say what is not yet known, and that it follows. Nobody else's data is named."]
    return visible("\n".join(lines))[:4000]


def _pointless(standing: Standing, telling: Telling, by_plan: Collection[Told]) -> dict[int, str]:
    """The law's own notices that are open though nothing is left to tell, or the plan tells it."""
    gone: dict[int, str] = {}
    for row in standing.latest.values():
        if not row.added or row.state not in LIVE or row.id is None or row.step_id.startswith(BY_HAND):
            continue
        step = step_of(standing.decision.incident, row)
        if step.recipient in INSIDE:
            continue  # told by no law, which therefore takes nothing back
        told = (row.case_ref, step.recipient or "", step.addressee)
        is_due, is_held = told in telling.due, told in telling.held
        if step.kind == "notice" and not is_due and not is_held:
            gone[row.id] = "no duty to this recipient runs any more"
        elif step.kind == "notice" and not is_due and row.state == "open":
            gone[row.id] = "it is lawfully delayed, and asked for again before that ends"
        elif step.kind == "notice" and told in by_plan and row.state == "open":
            gone[row.id] = "a step of the plan tells this recipient now"
    return gone

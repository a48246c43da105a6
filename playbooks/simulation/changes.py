"""What could be changed about staff and targets: the same simulation with one thing different."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import islice
from math import ceil
from typing import Final, Literal, TypeAlias, assert_never

from playbooks.models import Playbook, Step
from playbooks.roster.models import DutyRoster, Shift
from playbooks.simulation.critical import Critical, Leg, off_duty
from playbooks.simulation.durations import Duration, Empirical, Fixed, Lognormal, Triangular
from playbooks.simulation.model import STAFFLESS, Simulation, Slot
from playbooks.simulation.parts import FIRST, pace_of

Kind: TypeAlias = Literal["one more", "on call", "half the time"]
APPROVER: Final = "approver"
_WORTH: Final = 0.04
"""What takes a smaller share of the way to a clock is not worth a trial."""
_OFTEN: Final = 0.2
_WEEK: Final = timedelta(days=7)
_MOST_STEPS: Final = 3


@dataclass(frozen=True, slots=True)
class Change:
    """One thing to change, and the simulation in which it is so."""

    kind: Kind
    subject: str
    """The role or the step."""
    words: str
    simulation: Simulation


def worth_trying(simulation: Simulation, ways: Sequence[Critical]) -> tuple[Change, ...]:
    """The changes that could shorten these ways, and always one more approver; each once."""
    found: dict[tuple[Kind, str], Change] = {}
    for change in (one_more(simulation, APPROVER), *_for(simulation, ways)):
        found.setdefault((change.kind, change.subject), change)
    return tuple(found.values())


def _for(simulation: Simulation, ways: Sequence[Critical]) -> Iterator[Change]:
    for way in ways:
        absent = _not_always_there(simulation, way)
        if len(absent) > 1:
            yield on_call(simulation, *absent)
        for role, _, absence, waiting in way.by_role:
            if role and absence > _WORTH * way.total:
                yield on_call(simulation, role)
            if role and waiting > _WORTH * way.total:
                yield one_more(simulation, role)
        longest = sorted(way.legs, key=lambda leg: -leg.working)[:_MOST_STEPS]
        yield from (half_the_time(simulation, leg.slot) for leg in longest if _is_long(leg, way))
    for way in ways:
        yield from (
            one_more(simulation, slot.role) for slot, _ in way.stands_at if not _held(simulation, slot)
        )


def _not_always_there(simulation: Simulation, way: Critical) -> list[str]:
    """The roles on a way that are off duty at some hour of the week; none where nobody waits for that.

    Also those for which nobody waits today: who is on call at night waits for the next who is not.
    """
    if not any(leg.off_duty > _WORTH * way.total for leg in way.legs):
        return []
    since = simulation.opens_at
    roles = {leg.slot.role for leg in way.legs if leg.slot.part not in STAFFLESS and leg.on_path > _OFTEN}
    return sorted(role for role in roles if off_duty(simulation.staff, role, since, since + _WEEK))


def _is_long(leg: Leg, way: Critical) -> bool:
    return leg.slot.part not in STAFFLESS and leg.working > _WORTH * way.total


def _held(simulation: Simulation, slot: Slot) -> bool:
    return slot.part in STAFFLESS or bool(simulation.staff.people.get(slot.role))


def one_more(simulation: Simulation, role: str) -> Change:
    """One more person of a role in each of its shifts; at other hours of the day it is somebody else."""
    staff = simulation.staff
    roster, taken = staff.roster, {one for held in staff.people.values() for one in held}
    shifts = [shift for shift in roster.shifts if shift.role == role] if roster is not None else []
    hours = list(dict.fromkeys(map(_hours_of, shifts)))
    more = _unused(role, taken, max(1, len(hours)))
    if roster is not None and shifts:
        who = dict(zip(hours, more, strict=True))
        beside = [shift.model_copy(update={"people": (who[_hours_of(shift)],)}) for shift in shifts]
        roster = roster.model_copy(update={"shifts": (*roster.shifts, *beside)})
    people = {**staff.people, role: (*staff.people.get(role, ()), *more)}
    changed = replace(staff, people=people, roster=roster)
    words = f"one more {_said(role)}"
    if len(more) > 1:
        words += f" in every shift ({len(more)} people)"
    return Change("one more", role, words, replace(simulation, staff=changed))


def _hours_of(shift: Shift) -> tuple[str, str, str | None]:
    """The hours of the day of a shift, whatever its days."""
    return shift.from_, shift.until, shift.zone


def on_call(simulation: Simulation, *roles: str) -> Change:
    """Every person of these roles reachable at any hour."""
    roster = simulation.staff.roster
    changed = replace(simulation.staff, roster=None if roster is None else _without(roster, roles))
    words = f"{_listed([_said(role) for role in roles])} on call at any hour"
    return Change("on call", ", ".join(roles), words, replace(simulation, staff=changed))


def half_the_time(simulation: Simulation, slot: Slot) -> Change:
    """Half the target, and half the time, for one piece of work of a step; of the plan or beside it."""
    paces, name = simulation.paces, f"{slot.step}/{slot.part}"
    pace = pace_of(paces, slot.step, slot.part, slot.target)
    halved = {**paces.by_name, name: times(pace, 0.5)}
    stories = tuple(
        replace(story, plan=_hurried(story.plan, slot)) if slot.part in FIRST else story
        for story in simulation.stories
    )
    changed = replace(simulation, stories=stories, paces=replace(paces, by_name=halved))
    words = f"{part_said(slot)} {slot.step} in half the time"
    if slot.part in FIRST:
        words += f" (target {span_said(slot.target / 2)}, not {span_said(slot.target)})"
    return Change("half the time", name, words, changed)


def times(given: Duration, factor: float) -> Duration:
    """The distribution with every span multiplied."""
    match given:
        case Fixed(span):
            return Fixed(span * factor)
        case Lognormal(median, p95):
            return Lognormal(median * factor, p95 * factor)
        case Triangular(low, mode, high):
            return Triangular(low * factor, mode * factor, high * factor)
        case Empirical(samples):
            return Empirical(tuple(span * factor for span in samples))
        case _:
            assert_never(given)


def part_said(slot: Slot) -> str:
    """What is done for the step, as a word before its name."""
    return {
        "do": "doing",
        "act": "running",
        "approve": "approving",
        "draft": "drafting",
        "counsel": "counsel's review of",
        "release": "releasing",
        "deliver": "delivery of",
    }[slot.part]


def span_said(span: timedelta) -> str:
    """A span as people say it: 20 min, 4 h, 5 d."""
    minutes = span.total_seconds() / 60
    if minutes < 90:
        return f"{minutes:.0f} min"
    hours = minutes / 60
    if hours < 72:
        return f"{hours:.2g} h" if hours < 10 else f"{hours:.0f} h"
    return f"{hours / 24:.2g} d" if hours < 240 else f"{hours / 24:.0f} d"


def _hurried(plan: Playbook, slot: Slot) -> Playbook:
    """The plan with half the target, in whole minutes, for a step that it has."""

    def changed(step: Step) -> Step:
        half = timedelta(minutes=ceil(step.target / timedelta(minutes=2)))
        return step.model_copy(update={"target": half}) if step.id == slot.step else step

    phases = tuple(
        phase.model_copy(update={"steps": tuple(map(changed, phase.steps))}) for phase in plan.phases
    )
    return plan.from_pinned(plan.model_copy(update={"phases": phases}).model_dump_json(exclude_none=True))


def _without(roster: DutyRoster, roles: Sequence[str]) -> DutyRoster | None:
    left = tuple(shift for shift in roster.shifts if shift.role not in roles)
    return roster.model_copy(update={"shifts": left}) if left else None


def _unused(role: str, taken: set[str], count: int) -> tuple[str, ...]:
    """So many names that nobody has."""
    stem = f"{role.replace('_', '-')}-more"
    names = (name for at in range(len(taken) + count) if (name := f"{stem}{at or ''}") not in taken)
    return tuple(islice(names, count))


def _said(role: str) -> str:
    return role.replace("_", " ")


def _listed(words: Sequence[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"

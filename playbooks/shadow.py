"""The clients' own clocks, as their processor sees them: what our notice starts, what we have used of it.

A controller is aware once its processor has told it (EDPB Guidelines 9/2022); some laws impute the
processor's awareness to it. What starts with a decision of the client's own cannot be counted here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from playbooks.calendars import Calendars
from playbooks.clocks import Due, not_computable
from playbooks.facts import UNKNOWN, FactView
from playbooks.law import Rule
from playbooks.places import Place
from playbooks.timebase import aware
from playbooks.truth import Truth
from playbooks.verdicts import Bench, Subject
from playbooks.vocabulary import PROCESSOR_ROLES

AWARENESS = ("aware_at", "discovered_at", "detected_at", "suspected_at")
"""The instants that our notice gives to a client."""


@dataclass(frozen=True, slots=True)
class Shadow:
    """A clock of a client's: whether it would run, what starts it, and how much of it we have used."""

    case: str
    rule: Rule
    holds: Truth
    why: tuple[str, ...]
    starts: Literal["our notice", "imputed", "its own decision"]
    due: Due
    used: timedelta | None


def shadow_clocks(
    rules: Iterable[Rule],
    view: FactView,
    cases: Sequence[str],
    told: Mapping[str, datetime],
    now: datetime,
    *,
    places: Mapping[Subject, Place] | None = None,
    footprint: frozenset[str] | None = None,
    calendars: Calendars | None = None,
) -> tuple[Shadow, ...]:
    """The clocks of every client for which we are a processor; `told` says when each was told, by case.

    `used` is the time between our awareness and our notice, or until now while nobody was told.
    """
    theirs = [
        rule
        for rule in rules
        if rule.has_clock and rule.source == "law" and rule.obliged_role not in PROCESSOR_ROLES
    ]
    found: list[Shadow] = []
    for imputed in (False, True):
        of_kind = [rule for rule in theirs if rule.imputed is imputed]
        seen = _as_the_clients_see(view, cases, None if imputed else told)
        bench = Bench(of_kind, seen, now, {}, places or {}, footprint, calendars)
        for case in (case for case in cases if view.known("our_role", case) == "processor"):
            used = _used(view, case, told.get(case), aware(now, "now"))
            found += _of(bench, case, used)
    return tuple(sorted(found, key=lambda one: (one.case, one.rule.id)))


def _of(bench: Bench, case: str, used: timedelta | None) -> Iterator[Shadow]:
    for one in bench.put(case):
        if one.verdict.holds is not False:
            due, starts = bench.due(one.rule, case), _started_by(one.rule)
            if starts == "our notice" and due.anchor_at is None:
                due = not_computable(one.rule, "the client has not been told yet")
            yield Shadow(case, one.rule, one.verdict.holds, one.verdict.why, starts, due, used)


def _started_by(rule: Rule) -> Literal["our notice", "imputed", "its own decision"]:
    if any(not set(limb) & set(AWARENESS) for limb in rule.limbs):
        return "its own decision"
    return "imputed" if rule.imputed else "our notice"


def _as_the_clients_see(
    view: FactView, cases: Sequence[str], told: Mapping[str, datetime] | None
) -> FactView:
    """The facts with each client as the controller it is, aware when told; with `told` None, when we were."""
    seen = {}
    for case in cases:
        facts = dict(view.for_case(case))
        facts |= {"our_role": "controller", "our_status": facts.get("client_status", UNKNOWN)}
        if told is not None:
            facts |= dict.fromkeys(AWARENESS, told.get(case, UNKNOWN))
        seen[case] = facts
    return FactView({}, seen)


def _used(view: FactView, case: str, told_at: datetime | None, now: datetime) -> timedelta | None:
    ours = view.known("aware_at", case)
    return (told_at or now) - aware(ours, "aware_at") if isinstance(ours, datetime) else None

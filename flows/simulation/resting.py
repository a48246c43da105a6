"""What a simulation rests on, in words: every assumption is named, and what nobody assumed is too."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from flows.simulation.learning import ENOUGH
from flows.simulation.preparing import Prepared
from flows.simulation.reporting import Report
from playbooks.facts import UNKNOWN, FactValue, Range
from playbooks.simulation.changes import span_said
from playbooks.simulation.durations import (
    Duration,
    Empirical,
    Fixed,
    Lognormal,
    Triangular,
    drawn_by,
)
from playbooks.simulation.parts import names_of

_MIDDLE, _MOST = 0.5, 0.95


def resting_on(report: Report) -> Iterator[str]:
    """Facts, cases, people and durations, each with where it is from."""
    prepared = report.prepared
    yield from _facts(prepared)
    yield from _cases(prepared)
    yield f"people: {prepared.crew.source}"
    yield from (f"people, assumed: {line}" for line in prepared.crew.assumed)
    yield from _durations(prepared)
    yield from _of_no_work(report)
    hand_over = span_said(prepared.simulation.staff.hand_over)
    yield f"work that goes to the next shift takes {hand_over} more; each person does one thing at a time"
    if prepared.simulation.stories[0].count > 1:
        yield f"{prepared.simulation.stories[0].count} incidents open within a day and share these people"


def _facts(prepared: Prepared) -> Iterator[str]:
    if prepared.facts_file:
        yield f"facts: {prepared.facts_file}"
    if lost := prepared.premise.unasked:
        yield f"facts that nothing asks for here, so that they change nothing: {', '.join(lost)}"
    assumed = prepared.premise.assumed
    yes = sorted(name for name, value in assumed.items() if value is True)
    no = sorted(name for name, value in assumed.items() if value is False)
    other = [f"{name} {_said(value)}" for name, value in assumed.items() if not isinstance(value, bool)]
    if other:
        yield f"facts, assumed: {'; '.join(other)}"
    if yes:
        yield f"facts, assumed yes: {', '.join(yes)}"
    if no:
        yield f"facts, assumed no: {', '.join(no)}"


def _cases(prepared: Prepared) -> Iterator[str]:
    if prepared.storm:
        yield from _clients(prepared)
        return
    said = "cases, assumed" if prepared.premise.are_assumed else "cases"
    law = prepared.simulation.stories[0].law
    named = [
        f"{case} (contract: {law.terms[case].hours:g} h)" if case in law.terms else case
        for case in prepared.premise.cases
    ]
    yield f"{said}: {', '.join(named) or 'none'}"


def _clients(prepared: Prepared) -> Iterator[str]:
    story = prepared.simulation.stories[0]
    one = next(iter(story.truth.cases.values()))
    yield (
        f"clients, assumed: {prepared.storm} on one platform, all in {_said(one.on_record['jurisdictions'])} "
        "and named by the alerts; contracts of 8 to 72 hours, half of 24; every fourth wants two people to "
        "release its notice, every tenth counsel's review; each has a notice of its own, as in earnest"
    )
    if not prepared.premise.are_assumed:
        yield f"cases of {prepared.facts_file}: left out, these clients take their place"


def _of_no_work(report: Report) -> Iterator[str]:
    """What the file of durations names and no incident has: a slip of the pen, or a step that never comes."""
    slots = [slot for one in report.result.stories for slot in one.slots]
    taken = {name for slot in slots for name in names_of(slot.step, slot.part)}
    learned = {one.name for one in report.prepared.learned}
    if lost := sorted(report.prepared.simulation.paces.by_name.keys() - taken - learned):
        yield f"durations that no work here takes: {', '.join(lost)}"


def _durations(prepared: Prepared) -> Iterator[str]:
    if prepared.durations_file:
        yield f"durations: {prepared.durations_file}"
    for one in prepared.learned:
        of = "this playbook" if one.of_this_playbook else "all playbooks"
        yield f"duration of {one.name}, learned from {one.samples} of {of}: {duration_said(one.duration)}"
    shares = prepared.simulation.paces.of_target
    rest = "of all else" if prepared.learned or prepared.durations_file else ""
    yield (
        f"durations {rest}, assumed: half take {100 * shares.median:.0f} % of their target or less, 19 of 20 "
        f"{100 * shares.p95:.0f} % ({_why_assumed(prepared)})"
    ).replace(" ,", ",")
    if prepared.simulation.paces.reaction == Fixed(timedelta()):
        yield "assumed: who is on duty and free begins at once"


def _why_assumed(prepared: Prepared) -> str:
    if not prepared.looked_back:
        return "there are no past incidents to learn from here"
    return f"what was done at least {ENOUGH} times in past incidents is learned from them"


def duration_said(given: Duration) -> str:
    """A distribution as its middle and what 19 of 20 stay within."""
    draw = drawn_by(given)
    middle, most = (span_said(timedelta(seconds=draw(share))) for share in (_MIDDLE, _MOST))
    match given:
        case Fixed():
            return f"always {middle}"
        case Lognormal():
            shape = "lognormal"
        case Triangular():
            shape = "triangular"
        case Empirical():
            shape = "as measured"
    return f"half within {middle}, 19 of 20 within {most} ({shape})"


def _said(value: FactValue) -> str:
    if value is UNKNOWN:
        return "unknown"
    if isinstance(value, frozenset | set):
        return ", ".join(sorted(str(one) for one in value))
    if isinstance(value, Range):
        return f"{value.low}-{value.high}"
    return str(value)

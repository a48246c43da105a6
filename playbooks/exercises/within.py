"""What is wrong with a scenario by itself, before any playbook is looked at. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from typing import Final

from playbooks.documents import Document, Path
from playbooks.errors import Fault, InstantFault
from playbooks.exercises.filling import is_dated
from playbooks.exercises.scenario import ASKING, Inject, Measure, Scenario, Values
from playbooks.exercises.values import (
    Moment,
    brace_faults,
    client_faults,
    fact_faults,
    known_fact_faults,
    unknown_client,
)
from playbooks.vocabulary import INSIDE, RECIPIENTS
from playbooks.wording import written

BY_HAND: Final = "by-hand-"
"""How the keys of injects begin that the facilitator brings: none of a scenario's does."""
LONGEST_KEY: Final = 50
"""Of the id of an inject, so that the step that asks about it can bear it."""
CLIENTS: Final = "clients"
"""What stands among the facts of an inject for clients whose data turns out to be concerned."""
TELLABLE: Final = (*RECIPIENTS, *INSIDE)


def inner_faults(scenario: Scenario, document: Document) -> Iterator[Fault]:
    """Yield every fault that the file alone shows."""
    yield from _start_faults(scenario, document)
    yield from _twice(scenario, document)
    yield from _clients(scenario, document)
    yield from _timeline(scenario, document)
    for at, inject in enumerate(scenario.injects):
        yield from _inject(scenario, inject, document, ("injects", at))
    yield from _played(scenario, document)
    yield from _expected(scenario, document)
    yield from _measured(scenario, document)
    yield from _obligations(scenario, document)


def known_clients(scenario: Scenario) -> frozenset[str]:
    """The references of the clients that play in a scenario."""
    return frozenset(str(one.get("ref")) for one in scenario.clients)


def _start_faults(scenario: Scenario, document: Document) -> Iterator[Fault]:
    try:
        _ = scenario.begins_at
    except InstantFault as fault:
        yield document.fault(("starts_at",), f"{fault.what}: `{fault.which}`", fault.mend)


def _twice(scenario: Scenario, document: Document) -> Iterator[Fault]:
    for key in ("injects", "expected", "objectives", "hot_wash"):
        ids = [one.id for one in getattr(scenario, key)]
        many = {name for name, count in Counter(ids).items() if count > 1}
        for at, name in enumerate(ids):
            if name in many and name in ids[:at]:
                yield document.fault((key, at, "id"), f"`{name}` stands here twice", "give each its own id")


def _clients(scenario: Scenario, document: Document) -> Iterator[Fault]:
    known = known_clients(scenario)
    if not known:
        yield document.fault(("clients",), "nobody's data is concerned", "name at least one client")
    for at, ref in enumerate(scenario.alert.clients):
        if ref not in known:
            yield unknown_client(document, ("alert", "clients", at), ref, known)


def _timeline(scenario: Scenario, document: Document) -> Iterator[Fault]:
    """An inject comes no earlier than the one told before it, and none after the end."""
    for at, (before, after) in enumerate(pairwise(scenario.injects), start=1):
        if after.at < before.at:
            what = f"the timeline goes backwards: {written(after.at)} stands after {written(before.at)}"
            yield document.fault(
                ("injects", at, "at"), what, "tell the injects in the order in which they come"
            )
    for at, inject in enumerate(scenario.injects):
        if inject.at > scenario.lasts:
            what = f"it comes after the end, which is {written(scenario.lasts)} after the start"
            yield document.fault(("injects", at, "at"), what, "let it come earlier, or `lasts` be longer")
    for at, one in enumerate(scenario.expected):
        if one.within is not None and one.within > scenario.lasts:
            what = f"it is expected after the end, which is {written(scenario.lasts)} after the start"
            yield document.fault(
                ("expected", at, "within"), what, "expect it earlier, or let `lasts` be longer"
            )


def _inject(scenario: Scenario, inject: Inject, document: Document, here: Path) -> Iterator[Fault]:
    known = known_clients(scenario)
    if inject.client is not None and inject.client not in known:
        yield unknown_client(document, (*here, "client"), inject.client, known)
    if inject.kind == "client_message" and inject.client is None:
        yield document.fault(here, "a message from a client does not say from which", "add its `client`")
    if len(inject.id) > LONGEST_KEY:
        what = f"the id of an inject has {LONGEST_KEY} characters at most"
        yield document.fault((*here, "id"), what, "choose a shorter one")
    if inject.id.startswith(BY_HAND):
        what = f"`{BY_HAND}` begins the ids of what a facilitator brings by hand"
        yield document.fault((*here, "id"), what, "choose another id")
    facts = {name: value for name, value in inject.facts.items() if name != CLIENTS}
    yield from fact_faults(document, (*here, "facts"), facts, _moment(scenario, inject))
    yield from client_faults(document, (*here, "facts"), inject.facts, known)
    yield from brace_faults(document, (*here, "facts"), inject.facts)


def _moment(scenario: Scenario, inject: Inject) -> Moment | None:
    """When an inject comes; None where the start cannot be read, which is a fault of its own."""
    try:
        start = scenario.begins_at
    except InstantFault:
        return None
    return Moment(start + inject.at, start)


def _played(scenario: Scenario, document: Document) -> Iterator[Fault]:
    """What scripted responders go by."""
    known = known_clients(scenario)
    places: list[tuple[Path, Values]] = [(("truth",), scenario.truth)]
    places += [(("answers", key, "fields"), one.fields) for key, one in scenario.answers.items()]
    for here, values in places:
        yield from brace_faults(document, here, values)
        yield from client_faults(document, here, values, known)
    yield from known_fact_faults(document, ("truth",), scenario.truth)


def _expected(scenario: Scenario, document: Document) -> Iterator[Fault]:
    """What no answer could meet: clients that do not play, and instants, of which no two are the same."""
    known = known_clients(scenario)
    for at, one in enumerate(scenario.expected):
        here: Path = ("expected", at, "fields")
        yield from client_faults(document, here, one.fields, known)
        for name in (name for name, value in one.fields.items() if is_dated(value)):
            what = f"nobody can answer `{name}` as expected: no two instants are the same"
            yield document.fault((*here, name), what, "say `within` how long it is to be answered")


def _measured(scenario: Scenario, document: Document) -> Iterator[Fault]:
    for at, objective in enumerate(scenario.objectives):
        for number, measure in enumerate(objective.measures):
            yield from _measure(scenario, measure, document, ("objectives", at, "measures", number))


def _measure(scenario: Scenario, measure: Measure, document: Document, here: Path) -> Iterator[Fault]:
    if measure.expected is not None and measure.expected not in {one.id for one in scenario.expected}:
        mend = f"one of: {', '.join(one.id for one in scenario.expected)}"
        yield document.fault((*here, "expected"), f"no expected decision `{measure.expected}`", mend)
    if measure.told is not None and measure.told not in TELLABLE:
        yield _unknown_recipient(document, (*here, "told"), measure.told)
    if measure.told in scenario.obligations.not_told:
        what = f"`{measure.told}` is to be told here, and stands in `not_told`"
        yield document.fault((*here, "told"), what, "take it out of one of the two")
    if measure.handled is not None:
        yield from _handled(scenario, measure.handled, document, (*here, "handled"))
    if measure.within is not None and measure.within > scenario.lasts:
        yield document.fault(
            (*here, "within"), "that is after the end", "measure earlier, or let `lasts` be longer"
        )


def _handled(scenario: Scenario, name: str, document: Document, here: Path) -> Iterator[Fault]:
    asking = {one.id: one for one in scenario.injects if one.kind in ASKING}
    if name not in asking:
        mend = f"one that asks somebody: {', '.join(asking) or 'there is none yet'}"
        yield document.fault(here, f"no inject `{name}` is there to be handled", mend)
    elif asking[name].handled_within is None:
        mend = f"add `handled_within` to the inject `{name}`"
        yield document.fault(here, f"nobody says by when `{name}` must be handled", mend)


def _obligations(scenario: Scenario, document: Document) -> Iterator[Fault]:
    for key in ("told", "not_told"):
        for at, name in enumerate(getattr(scenario.obligations, key)):
            if name not in TELLABLE:
                yield _unknown_recipient(document, ("obligations", key, at), name)
            elif key == "not_told" and name in scenario.obligations.told:
                what = f"`{name}` must be told and must not"
                yield document.fault(("obligations", key, at), what, "keep it in one of the two")


def _unknown_recipient(document: Document, here: Path, name: str) -> Fault:
    return document.fault(here, f"`{name}` is no kind of recipient", f"one of: {', '.join(TELLABLE)}")

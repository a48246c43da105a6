"""What stands in a scenario for the value of a fact or a field: looked at, never guessed. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from playbooks.documents import Document, Path
from playbooks.errors import FactFault, Fault
from playbooks.exercises.filling import example_of, filled, misspelt
from playbooks.fact_parsing import parse_value
from playbooks.fact_types import FactSpec
from playbooks.facts import DICTIONARY, fact_spec

AS_INSTANT = "write {{ now }}, {{ now - 30m }}, {{ now + 14d }}, {{ start }} or {{ start + 2h }}"


@dataclass(frozen=True, slots=True)
class Moment:
    """When something is stated, and when the exercise began: nothing is known that lies ahead."""

    now: datetime
    start: datetime


def value_faults(
    document: Document, here: Path, spec: FactSpec, value: Any, moment: Moment | None = None
) -> Iterator[Fault]:
    """Yield what is wrong with the value of a fact or field, stated at some moment or at a given one."""
    try:
        if moment is None:
            parse_value(spec, example_of(value))
        else:
            stated = filled({spec.name: value}, moment.now, moment.start)
            parse_value(spec, stated[spec.name], now=moment.now)
    except FactFault as fault:
        yield document.fault(here, f"`{spec.name}` cannot be that: {fault.what}", fault.mend)


def fact_faults(
    document: Document, here: Path, values: Mapping[str, Any], moment: Moment | None = None
) -> Iterator[Fault]:
    """Yield every name that is no fact of the dictionary, and every value that its fact cannot hold."""
    for name, value in values.items():
        try:
            spec = fact_spec(name)
        except FactFault as fault:
            yield document.fault((*here, name), fault.what, fault.mend)
            continue
        yield from value_faults(document, (*here, name), spec, value, moment)


def known_fact_faults(document: Document, here: Path, values: Mapping[str, Any]) -> Iterator[Fault]:
    """Yield each value that its fact cannot hold; other names are left to whoever knows the forms."""
    facts = {name: value for name, value in values.items() if name in DICTIONARY}
    yield from fact_faults(document, here, facts)


def brace_faults(document: Document, here: Path, values: Mapping[str, Any]) -> Iterator[Fault]:
    """Yield whatever stands in double braces and means no instant."""
    for name, value in values.items():
        for part in misspelt(value):
            yield document.fault((*here, name), f"`{part[:60]}` is no instant", AS_INSTANT)


def client_faults(
    document: Document, here: Path, values: Mapping[str, Any], known: frozenset[str]
) -> Iterator[Fault]:
    """Yield every client that `clients` names and the scenario does not have."""
    named = values.get("clients", [])
    if not isinstance(named, list | tuple):
        yield document.fault((*here, "clients"), "`clients` is no list", "write [example-bikes]")
        return
    for ref in map(str, named):
        if ref not in known:
            yield unknown_client(document, (*here, "clients"), ref, known)


def unknown_client(document: Document, here: Path, ref: str, known: frozenset[str]) -> Fault:
    """Return the fault of naming a client that the scenario does not have."""
    return document.fault(here, f"no client `{ref[:60]}`", f"its clients: {', '.join(sorted(known))}")

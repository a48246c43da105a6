"""The one dictionary of facts, and what is known of an incident and its cases.

The dictionary is `facts.yaml` beside this file, read once when this module is imported. A fact is retired,
never removed or renamed: pinned playbooks and old timelines still speak of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from difflib import get_close_matches
from importlib.resources import files
from types import MappingProxyType
from typing import Any

from playbooks.documents import read_document, validated
from playbooks.errors import FactFault
from playbooks.fact_parsing import parse_value, value_from_json, value_to_json
from playbooks.fact_types import (
    UNKNOWN,
    Choice,
    Facts,
    FactSpec,
    FactType,
    FactValue,
    Frozen,
    Range,
    Unknown,
)

__all__ = [
    "DICTIONARY",
    "UNKNOWN",
    "Choice",
    "FactSpec",
    "FactType",
    "FactValue",
    "FactView",
    "Facts",
    "Range",
    "Unknown",
    "fact_spec",
    "from_json",
    "parse_fact",
    "to_json",
]


class _Dictionary(Frozen):
    facts: tuple[FactSpec, ...]


def _read_dictionary() -> Mapping[str, FactSpec]:
    text = files("playbooks").joinpath("facts.yaml").read_bytes()
    specs = validated(_Dictionary, read_document(text, "playbooks/facts.yaml")).facts
    return MappingProxyType({spec.name: spec for spec in specs})


DICTIONARY: Mapping[str, FactSpec] = _read_dictionary()


def fact_spec(name: str) -> FactSpec:
    """Return what the dictionary says of a fact; FactFault, with the nearest name, when it has none."""
    if name in DICTIONARY:
        return DICTIONARY[name]
    near = get_close_matches(name, DICTIONARY, n=1)
    mend = f"did you mean `{near[0]}`?" if near else f"known facts: {', '.join(DICTIONARY)}"
    raise FactFault(f"`{name[:60]}` is not a fact of the dictionary", which=name[:60], mend=mend)


def parse_fact(name: str, given: Any, *, now: datetime | None = None) -> FactValue:
    """Turn what a responder or a tool gave into the fact's value; FactFault says what is wrong with it.

    With `now` (incident time, aware) an instant that cannot lie ahead is refused when it does.
    """
    return parse_value(fact_spec(name), given, now=now)


def to_json(value: FactValue) -> Any:
    """Return the value as JSON holds it; `from_json` reads it back."""
    return value_to_json(value)


def from_json(name: str, stored: Any) -> FactValue:
    """Return the value that `to_json` stored for this fact."""
    return value_from_json(fact_spec(name), stored)


@dataclass(frozen=True, slots=True)
class FactView:
    """What is known at one moment: of the incident, and of each of its cases by reference."""

    incident: Facts = field(default_factory=dict)
    cases: Mapping[str, Facts] = field(default_factory=dict)

    def for_case(self, case: str | None) -> Facts:
        """Return the incident's facts, overlaid by the case's own; the incident's alone for None."""
        return self.incident if case is None else {**self.incident, **self.cases.get(case, {})}

    def known(self, name: str, case: str | None = None) -> FactValue:
        """Return a fact's value, UNKNOWN when nobody has stated it."""
        own = self.cases.get(case) if case is not None else None
        return own[name] if own and name in own else self.incident.get(name, UNKNOWN)

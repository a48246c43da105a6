"""Forms as Prefect shows them: built from a question's fields, read back into values and facts.

No field is required to be known: what nobody can say yet is `unknown`, and a text may stay empty. Every
form has required fields without defaults, so that an empty resume is refused by the server.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, Any, Literal, assert_never

from prefect.input import RunInput
from pydantic import Field as Bound
from pydantic import create_model

from playbooks.errors import FactFault, Refused
from playbooks.fact_parsing import parse_value
from playbooks.fact_types import UNKNOWN, Choice, FactSpec, FactValue
from playbooks.models import Field

INSTANT = r"^(unknown|\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d{1,6})?)?(Z|[+-]\d\d:?\d\d))?$"
COUNT = r"^(unknown|[0-9 ,.+<>=–-]{1,40}|(up to|at most|at least) [0-9,]{1,20})?$"  # noqa: RUF001 (people type it)
CODE = r"^\s*\d{3}\s?\d{3}\s*$"


@dataclass(frozen=True, slots=True)
class FormSpec:
    """What one form asks beside who answers: decisions, fields, and the clients it may name."""

    responders: tuple[str, ...]
    decisions: Mapping[str, str]
    fields: tuple[Field, ...] = ()
    clients: tuple[str, ...] = ()
    needs_reason: frozenset[str] = frozenset()
    initial: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Given:
    """An answer as it came: claims to be judged, nothing proved yet."""

    handle: str
    code: str
    decision: str
    reason: str
    values: Mapping[str, Any]
    submitted_at: datetime


@dataclass(frozen=True, slots=True)
class Filled:
    """The fields of an accepted form: facts of the dictionary, and details of the step alone."""

    facts: dict[str, FactValue]
    details: dict[str, FactValue]


def build_form(spec: FormSpec) -> type[RunInput]:
    """The Prefect form that asks what `spec` says."""
    asked: dict[str, Any] = {
        "responder": (_literal(spec.responders), Bound(title="Who answers", description="your own handle")),
        "code": (str, Bound(title="One-time code", pattern=CODE, description="six digits, each good once")),
        "decision": (_literal(tuple(spec.decisions)), Bound(title="Decision", description=_decisions(spec))),
    }
    for one in spec.fields:
        asked[one.name] = _asked(one, spec)
    asked["reason"] = (
        Annotated[str, Bound(max_length=2000)],
        Bound(default="", title="Reason or remark", description=_when_needed(spec)),
    )
    return create_model("Answer", __base__=RunInput, **asked)


def read_fields(spec: FormSpec, given: Given, now: datetime) -> Filled:
    """The typed values of an answer; raises Refused naming every field that is wrong.

    A required field may be left out only when the decision is not to do the step.
    """
    faults: list[str] = []
    filled = Filled({}, {})
    if given.decision in spec.needs_reason and not given.reason.strip():
        faults.append(f"`{given.decision}` needs a reason")
    for one in spec.fields if given.decision not in spec.needs_reason else ():
        try:
            value = _read(one, given.values.get(one.name), now)
        except FactFault as fault:
            faults.append(str(fault))
            continue
        if value is not None:
            (filled.facts if one.fact else filled.details)[one.name] = value
    if faults:
        raise Refused("; ".join(faults))
    return filled


def _read(one: Field, given: Any, now: datetime) -> FactValue | None:
    empty = given is None or given in ("", [])
    if empty and one.required:
        raise FactFault(f"{one.label}: an answer is needed", mend="answer it, or say unknown")
    if empty:
        return None
    value = parse_value(one.spec, given, now=now)
    return None if value is UNKNOWN and not one.required else value


def _asked(one: Field, spec: FormSpec) -> tuple[Any, Any]:
    about: dict[str, Any] = {"title": one.label, "description": one.help or None}
    kind, default, extra = _widget(one.spec, spec.clients)
    initial = spec.initial.get(one.name)
    if initial is not None:
        return kind, Bound(default=initial, **about, **extra)
    if one.required and kind is not str:
        return kind, Bound(**about, **extra)
    return kind, Bound(default=default, **about, **extra)


def _widget(spec: FactSpec, clients: Sequence[str]) -> tuple[Any, Any, dict[str, Any]]:
    """The annotation, the default of an unanswered field and the schema's limits for a kind of fact."""
    match spec.type:
        case "yes_no":
            return Literal["yes", "no", "unknown"], "unknown", {}
        case "choice":
            return _literal((*spec.values, "unknown")), "unknown", {}
        case "choices":
            return list[_literal((*spec.values, "unknown"))], [], {}  # type: ignore[misc]
        case "clients":
            return (list[_literal(tuple(clients))] if clients else str), ([] if clients else ""), {}  # type: ignore[misc]
        case "range" | "integer":
            return str, "", {"pattern": COUNT}
        case "instant":
            return str, "", {"pattern": INSTANT}
        case "text":
            return str, "", {"max_length": 4000}
        case _:
            assert_never(spec.type)


def _literal(values: Sequence[str]) -> Any:
    return Literal[tuple(values)]


def _decisions(spec: FormSpec) -> str:
    return "; ".join(f"{name}: {meaning}" for name, meaning in spec.decisions.items())


def _when_needed(spec: FormSpec) -> str:
    needed = " or ".join(sorted(spec.needs_reason))
    return f"needed for {needed}" if needed else "kept with the answer"


def choice(value: str, label: str) -> Choice:
    """A choice of a field of our own."""
    return Choice(value=value, label=label)

"""Forms as Prefect shows them: built from a question's fields, read back into values and facts.

No field is required to be known: what nobody can say yet is `unknown`, and a text may stay empty. Every
form has required fields without defaults, so that an empty resume is refused by the server.

Both UIs shape the rules here. A `Literal` of one choice becomes a constant that nobody can fill in, so that
choices are strings with an `enum` in the schema. The first UI hides the text above a tall form, so that what
must be seen is said again at the first field. A pattern's error is shown raw and briefly: only what would
waste a code is refused by pattern, all else comes back in words.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, Any, assert_never

from prefect.input import RunInput
from pydantic import Field as Bound
from pydantic import create_model

from playbooks.errors import FactFault, Refused
from playbooks.fact_parsing import parse_value
from playbooks.fact_types import UNKNOWN, FactSpec, FactValue
from playbooks.models import Field

INSTANT = r"^$|^unknown$|Z$|[+-]\d\d:?\d\d$"
EXAMPLE = "Write it as 2026-03-01T14:05Z."
CODE = r"^\s*[0-9]{3}\s?[0-9]{3}\s*$"


@dataclass(frozen=True, slots=True)
class FormSpec:
    """What one form asks beside who answers: decisions, fields, and the clients it may name."""

    responders: tuple[str, ...]
    decisions: Mapping[str, str]
    fields: tuple[Field, ...] = ()
    clients: tuple[str, ...] = ()
    needs_reason: frozenset[str] = frozenset()
    heads_up: str = ""
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
        "responder": _one_of(
            spec.responders, title="Who answers", description=spec.heads_up or "your own handle"
        ),
        "code": (str, Bound(title="One-time code", pattern=CODE, description="six digits, each good once")),
        "decision": _one_of(tuple(spec.decisions), title="Decision", description=_decisions(spec)),
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

    A required field may be left out only when the decision is not to do the step; what a command names is
    optional, and read beside its reason.
    """
    if given.decision not in spec.decisions:
        raise Refused(
            "no such decision", which=given.decision[:40], mend=f"one of {', '.join(spec.decisions)}"
        )
    faults: list[str] = []
    filled = Filled({}, {})
    if given.decision in spec.needs_reason and not given.reason.strip():
        faults.append("this decision needs a reason")
    for one in spec.fields:
        if one.required and given.decision in spec.needs_reason:
            continue
        try:
            value = _read(one, given.values.get(one.name), now)
        except FactFault as fault:
            faults.append(
                f"{one.label}: {fault.mend or 'an answer is needed'}"
            )  # never the value: Slack and Prefect see refusals
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
    widget = _widget(one.spec, spec.clients)
    words = f"{one.help} {widget.example}".strip()
    about: dict[str, Any] = {"title": one.label, "description": words or None, **widget.limits}
    default = spec.initial.get(one.name, widget.default)
    must_choose = one.required and widget.is_choice and default == widget.default
    return (widget.kind, Bound(**about) if must_choose else Bound(default=default, **about))


@dataclass(frozen=True, slots=True)
class _Widget:
    """How a kind of fact is asked: annotation, value of an unanswered field, limits of the schema."""

    kind: Any
    default: Any
    limits: Mapping[str, Any] = field(default_factory=dict)
    is_choice: bool = False
    example: str = ""


def _widget(spec: FactSpec, clients: Sequence[str]) -> _Widget:
    match spec.type:
        case "yes_no" | "choice":
            values = spec.values or ("yes", "no")
            return _Widget(str, "unknown", _enum(*values, "unknown"), is_choice=True)
        case "choices":
            return _Widget(list[str], [], _items(*spec.values, "unknown"), is_choice=True)
        case "clients" if clients:
            return _Widget(list[str], [], _items(*clients), is_choice=True)
        case "range" | "integer" | "clients":
            return _Widget(str, "")
        case "instant":
            return _Widget(str, "", {"pattern": INSTANT}, example=EXAMPLE)
        case "text":
            return _Widget(str, "", {"max_length": 4000})
        case _:
            assert_never(spec.type)


def _one_of(values: Sequence[str], **about: Any) -> tuple[Any, Any]:
    return str, Bound(**about, **_enum(*values))


def _enum(*values: str) -> dict[str, Any]:
    return {"json_schema_extra": {"enum": list(values)}}


def _items(*values: str) -> dict[str, Any]:
    return {"json_schema_extra": {"items": {"type": "string", "enum": list(values)}}}


def _decisions(spec: FormSpec) -> str:
    return "; ".join(f"{name}: {meaning}" for name, meaning in spec.decisions.items())


def _when_needed(spec: FormSpec) -> str:
    needed = " or ".join(sorted(spec.needs_reason))
    return f"needed for {needed}" if needed else "kept with the answer"

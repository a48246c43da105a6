"""A playbook as data: who does what, when, and what it needs. Frozen; nothing here knows Prefect."""

from __future__ import annotations

import keyword
import re
from collections.abc import Mapping
from datetime import timedelta
from functools import cached_property
from typing import Annotated, Any, Literal, Self, TypeAlias

from pydantic import (
    BeforeValidator,
    Field as Bound,
    PlainSerializer,
    ValidationInfo,
    field_validator,
    model_validator,
)

from playbooks.conditions import condition_faults
from playbooks.documents import as_validation_error
from playbooks.errors import FactFault
from playbooks.facts import DICTIONARY, Choice, FactSpec, FactType, fact_spec
from playbooks.fact_types import Frozen, choices_from_mapping

Role: TypeAlias = Literal["commander", "it", "forensics", "privacy", "client_lead", "approver"]
PhaseId: TypeAlias = Literal["detect", "triage", "contain", "investigate", "notify", "recover", "review"]
StepKind: TypeAlias = Literal["manual", "automated", "notice"]
FieldType: TypeAlias = Literal["text", "choice", "yes_no_unknown", "integer", "range", "instant", "clients"]
IfUnknown: TypeAlias = Literal["open", "wait"]

TRUNK: tuple[PhaseId, ...] = ("detect", "triage", "contain", "investigate", "recover", "review")
"""The phases that follow one another; notify stands beside them."""

_PINNED = "pinned"
_PERIOD = re.compile(r"([1-9]\d{0,3})([mhd])", re.ASCII)
_UNITS = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}
_RESERVED = frozenset(  # words of forms, of JSON Schema and of pydantic that a field of ours would hide
    "responder code decision reason evidence type required enum items properties pattern const not format default"
    " title description copy json dict schema construct validate fields config".split()
)


def _period(given: Any) -> Any:
    found = _PERIOD.fullmatch(given) if isinstance(given, str) else None
    if found is None:
        if isinstance(given, timedelta) and timedelta(0) < given <= timedelta(days=366):
            return given
        raise ValueError("write a time target as 30m, 4h or 2d")
    return int(found[1]) * _UNITS[found[2]]


def _written(period: timedelta) -> str:
    minutes = int(period.total_seconds() // 60)
    for unit, size in (("d", 1440), ("h", 60)):
        if minutes % size == 0:
            return f"{minutes // size}{unit}"
    return f"{minutes}m"


def _form_name(name: str) -> str:
    if name in _RESERVED or keyword.iskeyword(name) or name.startswith("model_"):
        raise ValueError(f"`{name}` means something else in a form; choose another name")
    return name


Period = Annotated[timedelta, BeforeValidator(_period), PlainSerializer(_written)]
Slug = Annotated[str, Bound(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=60)]
Line = Annotated[str, Bound(min_length=1, max_length=300, pattern=r"^[^\x00-\x1f\x7f]+$")]
Words = Annotated[str, Bound(min_length=1, max_length=4_000)]
FormName = Annotated[str, Bound(pattern=r"^[a-z][a-z0-9_]{0,39}$"), BeforeValidator(lambda given: given)]
Argument: TypeAlias = bool | int | str | tuple[str, ...]


class Field(Frozen):
    """One question of a step's form: a fact of the dictionary, or a detail of this step alone."""

    fact: str | None = None
    id: FormName | None = None
    label: Annotated[str, Bound(max_length=200)] = ""
    help: Annotated[str, Bound(max_length=600)] = ""
    required: bool = False
    type: FieldType | None = None
    choices: tuple[Choice, ...] = ()

    @model_validator(mode="before")
    @classmethod
    def _worded_by_the_dictionary(cls, given: Any) -> Any:
        spec = DICTIONARY.get(given.get("fact") or "") if isinstance(given, Mapping) else None
        return given if spec is None else {"label": spec.label, "help": spec.help, **given}

    @field_validator("choices", mode="before")
    @classmethod
    def _from_mapping(cls, given: Any) -> Any:
        return choices_from_mapping(given)

    @field_validator("id")
    @classmethod
    def _free_name(cls, name: str | None) -> str | None:
        return name if name is None else _form_name(name)

    @field_validator("fact")
    @classmethod
    def _known_fact(cls, name: str | None, info: ValidationInfo) -> str | None:
        if name is not None and info.context != _PINNED:
            try:
                fact_spec(name)
            except FactFault as fault:
                raise as_validation_error(fault) from fault
        return name

    @model_validator(mode="after")
    def _one_of_two(self) -> Self:
        if (self.fact is None) == (self.id is None):
            raise ValueError("a field names either a `fact` or an `id`, not both")
        if self.fact is not None and (self.type is not None or self.choices):
            raise ValueError("a fact brings its own type and choices")
        if self.id is not None and (self.type is None or not self.label):
            raise ValueError("a field of its own needs `type` and `label`")
        if (self.type == "choice") != bool(self.choices):
            raise ValueError("`choices` belong to type choice, and it needs them")
        return self

    @property
    def name(self) -> str:
        """The fact's name, or the field's own id: unique in its step."""
        return self.fact or self.id or ""

    @property
    def spec(self) -> FactSpec:
        """What may be answered, in the dictionary's shape, for facts and own fields alike."""
        if self.fact is not None:
            return fact_spec(self.fact)
        kind: FactType = "yes_no" if self.type == "yes_no_unknown" else (self.type or "text")
        return FactSpec(
            name=self.name,
            type=kind,
            label=self.label,
            help=self.help,
            choices=self.choices,
            may_lie_ahead=True,
        )


class Step(Frozen):
    """One thing to do: by whom, until when, after what, with what to show for it."""

    id: Slug
    title: Line
    kind: StepKind
    role: Role
    per: Literal["incident", "case"] = "incident"
    target: Period
    after: tuple[Slug, ...] = ()
    when: str | None = None
    if_unknown: IfUnknown | None = None
    instructions: Words
    do_not: tuple[Line, ...] = ()
    fields: tuple[Field, ...] = ()
    approvals: tuple[Role, ...] = ()
    evidence: tuple[Line, ...] = ()
    action: Annotated[str, Bound(pattern=r"^[a-z][a-z0-9_]*$", max_length=60)] | None = None
    arguments: dict[str, Argument] = Bound(default_factory=dict)
    recipient: Annotated[str, Bound(pattern=r"^[a-z][a-z0-9_]*$", max_length=60)] | None = None
    template: Slug | None = None

    @field_validator("when")
    @classmethod
    def _sound_condition(cls, text: str | None, info: ValidationInfo) -> str | None:
        faults = condition_faults(text) if text is not None and info.context != _PINNED else ()
        if faults:
            first = as_validation_error(faults[0])
            if len(faults) > 1:
                first.context["what"] = "; ".join(fault.what for fault in faults)  # type: ignore[index]  # we set it
                first.context["mend"] = "; ".join(dict.fromkeys(fault.mend for fault in faults))  # type: ignore[index]
            raise first
        return text

    @model_validator(mode="after")
    def _of_its_kind(self) -> Self:
        if (self.action is not None) != (self.kind == "automated") or (self.arguments and not self.action):
            raise ValueError("an automated step, and no other, names an `action`")
        notice = self.recipient is not None and self.template is not None
        if notice != (self.kind == "notice") or (self.recipient is None) != (self.template is None):
            raise ValueError("a notice, and no other step, names a `recipient` and a `template`")
        if self.kind == "automated" and (self.fields or self.approvals):
            raise ValueError("an automated step asks nobody: it has no fields and no approvals")
        if self.if_unknown is not None and self.when is None:
            raise ValueError("`if_unknown` belongs to a `when`")
        return self

    @model_validator(mode="after")
    def _asks_once(self) -> Self:
        names = [field.name for field in self.fields]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"asks twice for {', '.join(twice)}")
        return self


class Phase(Frozen):
    """One stretch of the response."""

    id: PhaseId
    steps: Annotated[tuple[Step, ...], Bound(min_length=1, max_length=100)]


class Playbook(Frozen):
    """What must be done in one kind of incident; an incident pins the one it opened with."""

    schema_version: Literal[1] = 1
    id: Slug
    version: Annotated[str, Bound(pattern=r"^\d+(\.\d+){0,2}$")]
    title: Line
    neutral_title: Line
    kind: Slug
    phases: Annotated[tuple[Phase, ...], Bound(min_length=1, max_length=7)]

    @cached_property
    def steps(self) -> tuple[Step, ...]:
        """Every step, in the order the playbook tells them."""
        return tuple(step for phase in self.phases for step in phase.steps)

    @cached_property
    def _by_id(self) -> Mapping[str, tuple[Step, PhaseId]]:
        return {step.id: (step, phase.id) for phase in self.phases for step in phase.steps}

    def step(self, step_id: str) -> Step:
        """Return a step by id; KeyError when this playbook has none of that name."""
        return self._by_id[step_id][0]

    def phase_of(self, step_id: str) -> PhaseId:
        """Return the phase a step stands in; KeyError when this playbook has none of that name."""
        return self._by_id[step_id][1]

    def if_unknown(self, step_id: str) -> IfUnknown:
        """Return what a step does while its condition is unknown: contain and notify open, the rest waits."""
        step, phase = self._by_id[step_id]
        return step.if_unknown or ("open" if phase in ("contain", "notify") else "wait")

    def pinned(self) -> str:
        """Return the plan as the JSON that an incident keeps."""
        return self.model_dump_json(exclude_none=True)

    @classmethod
    def from_pinned(cls, text: str) -> Self:
        """Return the plan an incident kept, trusted as it was checked then: later dictionaries do not move it."""
        return cls.model_validate_json(text, context=_PINNED)
